import numpy as np
import pytest

from fewshot.backbone.activations import PieceWriter, list_runs
from fewshot.errors import InputError
from fewshot.files import write_json
from plot_excitations import plot_excitations

IMAGES, SHAPE = 9, (3, 2, 4)


@pytest.fixture
def world(tmp_path, write_images):
    """Folder of pictures, and of made-up activations in two pieces and two parts."""
    rows = write_images(tmp_path, IMAGES)
    activations = np.random.default_rng(0).standard_normal((IMAGES, *SHAPE)).astype(np.float32)
    activations[..., 1] = -np.abs(activations[..., 1])
    layers = {"pool": SHAPE, "fc": [24]}
    backbone = {"network": "Net", "image_size": 32, "layers": layers, "prefix_tokens": 0}
    write_json(tmp_path / "net.json", backbone)
    for part, chosen in enumerate((range(5), range(5, IMAGES))):
        images = [rows[row].sha256 for row in chosen]
        flat = activations[chosen].reshape(len(images), -1)
        with PieceWriter(tmp_path / "pool/pieces", f"r{part}", images, 24, "float32", 8) as piece:
            piece.append(flat)
        runs = list_runs([(piece.name, row) for row in range(len(images))])
        write_json(tmp_path / f"part-{part}.json", {"pool": {"runs": runs}})
    return tmp_path, rows, activations


@pytest.fixture
def plot(world):
    folder = world[0]

    def plot(layer="pool"):
        plot_excitations(
            dataset="birds",
            backbone="net",
            layer=layer,
            folder=folder,
            index_paths=[folder / "part-0.json", folder / "part-1.json"],
            source_path=folder / "source.json",
            pool_path=folder / "pool.csv",
            backbone_path=folder / "net.json",
            png_path=folder / "out/figure.png",
        )
        return (folder / "out/figure.txt").read_text(), (folder / "out/figure.svg").read_text()

    return plot


def test_the_strongest_images_of_the_whole_pool(world, plot):
    _, rows, activations = world
    caption, svg = plot()
    # The second responds to no image.
    assert "that excite each of 3 filters of net's pool most" in caption
    alike = {}
    for channel in (0, 2, 3):
        largest = [activations[row, ..., channel].max() for row in range(IMAGES)]
        strongest = np.argsort(largest)[::-1][:5]
        assert f">filter {channel + 1}<" in svg
        assert all(f">{largest[row]:.3g}<" in svg for row in strongest)
        names = [rows[row].class_name for row in strongest]
        alike[channel] = max(names.count(name) for name in "abc")
    best = max(alike, key=alike.get)
    assert f"Most of one class: {alike[best]} of 5 are '" in caption
    assert f"for filter {best + 1}." in caption


def test_images_are_drawn_as_the_network_sees_them(world, plot):
    squashed = plot()[1]
    backbone = {"network": "Net", "image_size": 32, "layers": {"pool": SHAPE}, "resize": "crop"} | {
        "prefix_tokens": 0
    }
    write_json(world[0] / "net.json", backbone)
    assert plot()[1] != squashed


@pytest.mark.parametrize(
    ("layer", "message"),
    [
        ("fc", r"height, width and channels\. Received: fc\. Hint: try pool"),
        ("pol", r"channels\. Received: pol\. Hint: did you mean pool\?$"),
    ],
)
def test_a_layer_that_cannot_be_drawn_is_told(world, plot, layer, message):
    with pytest.raises(InputError, match=message):
        plot(layer)
    assert not (world[0] / "out").exists()


def test_an_image_that_was_changed_is_refused(world, plot):
    folder, rows, _ = world
    for row in rows:
        (folder / "images" / row.image).write_bytes(b"other")
    with pytest.raises(InputError, match="must be the one that was scanned"):
        plot()
    assert not (folder / "out").exists()
