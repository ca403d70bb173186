"""Activations of the stages `weights` and `extract` beside `model.predict` of Keras."""

import json
import shutil
from functools import lru_cache, partial

import numpy as np
import pytest
from PIL import Image, ImageOps
from settings_of import settings_of

from compact import compact
from extract import extract
from fewshot.backbone.activations import read_columns
from fewshot.backbone.coordinates import read_coordinates
from fewshot.backbone.extraction import Store, check_space, make_store
from fewshot.data.pool import PoolRow
from fewshot.errors import InputError
from fewshot.records import read_records, write_records
from weights import weights

pytestmark = pytest.mark.slow

IMAGES = 20
BILINEAR = Image.Resampling.BILINEAR
# Input edge in pixels, whether the top is there, layers that are read.
NETWORKS = {
    "SmallVGG": (32, True, ["block1_pool", "block5_pool", "fc2"]),
    "MobileNet": (64, False, ["conv1_relu", "conv_pw_6_relu", "conv_pw_13_relu"]),
    "VGG16": (32, False, ["block1_pool", "block5_pool"]),
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory, write_images):
    """Folder of the pictures, their pool, and random weights of all networks."""
    folder = tmp_path_factory.mktemp("images")
    write_images(folder, IMAGES)
    write_mobilenet(folder / "random.weights.h5")
    for network in NETWORKS:
        source = folder / "random.weights.h5" if network == "MobileNet" else "none"
        describe(folder, network, source)
    return folder


def write_mobilenet(path):
    """Save weights whose activations do not fade with depth, and normalisations that do something."""
    import keras

    rng = np.random.default_rng(0)
    size, include_top, _ = NETWORKS["MobileNet"]
    model = keras.applications.MobileNet(
        weights=None, include_top=include_top, input_shape=(size, size, 3)
    )
    for layer in model.layers:
        shapes = [weight.shape for weight in layer.weights]
        if isinstance(layer, keras.layers.BatchNormalization):
            layer.set_weights([rng.uniform(0.5, 1.5, shape) for shape in shapes])
        elif shapes:
            height, width, channels, _ = shapes[0]
            inputs = 1 if isinstance(layer, keras.layers.DepthwiseConv2D) else channels
            scale = np.sqrt(2 / (height * width * inputs))
            layer.set_weights([scale * rng.standard_normal(shapes[0])])
    model.save_weights(path)


def describe(folder, network, source="none", seed=0, **changes):
    size, include_top, _ = NETWORKS.get(network, (32, True, []))
    asked = {"include_top": include_top, "image_size": size}
    weights(
        **{
            "settings": settings_of(network, source, **asked | changes),
            "seed": seed,
            "weights_path": folder / f"{network}.weights.h5",
            "backbone_path": folder / f"{network}.json",
        }
    )
    return json.loads((folder / f"{network}.json").read_text())


@pytest.fixture
def run(folder, tmp_path):
    """Return a function that extracts and gives the activations of each layer back."""

    def run(network, layers, *, pool=folder / "pool.csv", backbone=folder, part=1, **changes):
        settings = {"precision": "float32", "storage": "float16", "parts": 1}
        index_path = tmp_path / f"part-{part}.json"
        extract(
            source_path=folder / "source.json",
            pool_path=pool,
            backbone_path=backbone / f"{network}.json",
            weights_path=backbone / f"{network}.weights.h5",
            layers=layers,
            # Pieces and batches of uneven size: 5 + 3, 5 + 3 and 4 images.
            extraction={"batch_size": 5, "piece_images": 8, **settings, **changes},
            part=part,
            folder=tmp_path,
            index_path=index_path,
            threads=2,
            gpus=0,
        )
        return {
            layer: read_columns(there["runs"], tmp_path / layer / "pieces", 0, there["width"])
            for layer, there in json.loads(index_path.read_text()).items()
        }

    return run


def seconds(path, layer):
    """What a layer's activations took to compute, as the list of pieces tells."""
    return json.loads((path / "part-1.json").read_text())[layer]["seconds"]


def pieces(path):
    """Name and identity of every piece below a folder."""
    return {(file.name, file.stat().st_ino) for file in path.rglob("pieces/*.h5")}


@pytest.fixture(scope="module")
def predict(folder):
    """Return a function that gives what `model.predict` does, for every layer that is read."""
    return lru_cache(partial(_predict, folder))


def _predict(folder, network, preprocessing):
    """Predict for arrays that PIL has decoded, in the order of the pool."""
    import keras

    size, include_top, layers = NETWORKS[network]
    layers = [*layers, "predictions"] if include_top else layers
    pictures = [
        Image.open(folder / "images" / row.image).convert("RGB").resize((size, size), BILINEAR)
        for row in read_records(folder / "pool.csv", PoolRow)
    ]
    preprocess_input = getattr(keras.applications, preprocessing).preprocess_input
    model = load(folder, network)
    reader = keras.Model(model.input, [model.get_layer(layer).output for layer in layers])
    reader.compile(jit_compile=False)
    outputs = reader.predict(preprocess_input(np.stack(pictures).astype(np.float32)), verbose=0)
    return {layer: rows.reshape(IMAGES, -1) for layer, rows in zip(layers, outputs, strict=True)}


def load(folder, network):
    """Build a network as Keras offers it and load the weights."""
    import keras

    from fewshot.backbone.sources.small_vgg import SmallVGG

    size, include_top, _ = NETWORKS[network]
    construct = SmallVGG if network == "SmallVGG" else getattr(keras.applications, network)
    model = construct(weights=None, include_top=include_top, input_shape=(size, size, 3))
    model.load_weights(folder / f"{network}.weights.h5")
    return model


def assert_close(activations, expected, rtol=1e-3):
    """Hold every number to `rtol`; those near zero to a tenth of that of the image's largest."""
    assert activations.shape == expected.shape
    largest = np.abs(expected).max(axis=1, keepdims=True)
    assert largest.min() > 0
    excess = np.abs(activations - expected) - rtol * np.maximum(np.abs(expected), largest / 10)
    assert excess.max() <= 0


@pytest.mark.parametrize(
    ("network", "preprocessing", "wrong"),
    # SmallVGG brings pixels to -1..1, as MobileNet does.
    [
        ("SmallVGG", "mobilenet", "vgg16"),
        ("MobileNet", "mobilenet", "vgg16"),
        ("VGG16", "vgg16", "mobilenet"),
    ],
)
def test_every_row_is_what_predict_gives_for_that_image(
    run, predict, network, preprocessing, wrong
):
    layers = NETWORKS[network][2]
    activations = run(network, layers)
    assert list(activations) == layers
    for layer, rows in activations.items():
        expected = predict(network, preprocessing)[layer]
        assert_close(rows, expected)
        for other in (np.roll(expected, 1, axis=0), predict(network, wrong)[layer]):
            with pytest.raises(AssertionError):
                assert_close(rows, other)


@pytest.mark.parametrize("resize", ["crop", "pad"])
def test_pictures_are_framed_as_the_description_says(run, folder, tmp_path, resize):
    import keras

    framing = {"resize": resize, "interpolation": "bicubic", "crop_fraction": 1}
    describe(tmp_path, "SmallVGG", **framing)
    activations = run("SmallVGG", ["fc2"], backbone=tmp_path)["fc2"]
    method, edges = Image.Resampling.BICUBIC, (32, 32)
    pictures = []
    for row in read_records(folder / "pool.csv", PoolRow):
        picture = Image.open(folder / "images" / row.image).convert("RGB")
        if resize == "pad":
            pictures.append(ImageOps.pad(picture, edges, method))
        else:
            shorter = min(picture.size)
            picture = picture.resize([32 * edge // shorter for edge in picture.size], method)
            left, top = (round((edge - 32) / 2) for edge in picture.size)
            pictures.append(picture.crop((left, top, left + 32, top + 32)))
    model = load(tmp_path, "SmallVGG")
    reader = keras.Model(model.input, model.get_layer("fc2").output)
    assert_close(activations, reader.predict(np.stack(pictures) / np.float32(127.5) - 1, verbose=0))


def test_logits_come_before_the_softmax(run, predict):
    logits = run("SmallVGG", ["logits"])["logits"].astype(np.float64)
    odds = np.exp(logits - logits.max(axis=1, keepdims=True))
    probabilities = odds / odds.sum(axis=1, keepdims=True)
    # An error of 1e-3 in a logit z changes a probability by a part of 1e-3 |z|.
    rtol = 1e-3 * np.abs(logits).max()
    assert 1e-4 < rtol < 0.05
    assert_close(probabilities, predict("SmallVGG", "mobilenet")["predictions"], rtol)


def test_float32_storage_keeps_more(run, predict):
    rows = run("SmallVGG", ["block5_pool"], storage="float32")["block5_pool"]
    # Sums in another order differ by 1e-5; float16 keeps no more than 5e-4.
    assert_close(rows, predict("SmallVGG", "mobilenet")["block5_pool"], 5e-5)


@pytest.mark.parametrize(("precision", "least"), [("bfloat16", 2e-3), ("float16", 3e-4)])
def test_lower_precision_is_near_and_is_lower(run, predict, precision, least):
    rows = run("SmallVGG", ["block5_pool"], precision=precision, storage="float32")["block5_pool"]
    expected = predict("SmallVGG", "mobilenet")["block5_pool"]
    error = np.linalg.norm(rows - expected, axis=1) / np.linalg.norm(expected, axis=1)
    assert least < error.max() < 0.05


def test_an_overflow_leaves_nothing_and_float32_holds_it(folder, run, tmp_path):
    model = load(folder, "SmallVGG")
    first = model.get_layer("block1_conv1")
    first.kernel.assign(first.kernel * 1e6)
    model.save_weights(tmp_path / "large.weights.h5")
    describe(tmp_path, "SmallVGG", tmp_path / "large.weights.h5")
    first_image = read_records(folder / "pool.csv", PoolRow)[0].image
    message = rf"finite in float16\. Received: {first_image} at layer block1_pool\. Hint: .*float32"
    with pytest.raises(InputError, match=message):
        run("SmallVGG", ["block1_pool"], backbone=tmp_path)
    assert list((tmp_path / "block1_pool" / "pieces").iterdir()) == []
    assert not (tmp_path / "part-1.json").exists()
    rows = run("SmallVGG", ["block1_pool"], backbone=tmp_path, storage="float32")["block1_pool"]
    assert np.isfinite(rows).all()
    assert rows.max() > 65504


@pytest.mark.parametrize("change", ["other picture", "absent"])
def test_an_image_that_is_not_the_one_scanned(folder, run, tmp_path, change):
    row = read_records(folder / "pool.csv", PoolRow)[11]
    path = folder / "images" / row.image
    shutil.copy(path, tmp_path / "kept")
    path.unlink()
    if change == "other picture":
        Image.new("RGB", (40, 40)).save(path)
    try:
        with pytest.raises(InputError, match=rf"{row.image}.*Hint: put the image back"):
            run("SmallVGG", ["fc2"])
    finally:
        shutil.copy(tmp_path / "kept", path)
    assert not (tmp_path / "part-1.json").exists()


def test_an_unknown_layer_is_told_with_those_near_it(run, tmp_path):
    with pytest.raises(InputError, match=r"SmallVGG's\. Received: block5_pol\. .*block5_pool"):
        run("SmallVGG", ["fc2", "block5_pol"])
    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_is_told_before_any_work(tmp_path):
    store = Store("fc2", tmp_path / "pieces", "recipe", 10**15, "float16")
    with pytest.raises(InputError, match=r"1\.4e\+07 GB needed, .* GB free"):
        check_space([store], 7)


def compacted(index_paths, layer, folder):
    paths = folder / "coordinates.h5", folder / "coordinates.json"
    compact(
        index_paths=index_paths,
        layer=layer,
        temperature=None,
        centred=False,
        folder=folder,
        coordinates_path=paths[0],
        index_path=paths[1],
    )
    return read_coordinates(*paths, np.arange(IMAGES))


def test_three_parts_give_the_coordinates_of_one(run, tmp_path):
    run("SmallVGG", ["block1_pool"])
    whole = compacted([tmp_path / "part-1.json"], "block1_pool", tmp_path)
    shutil.rmtree(tmp_path / "block1_pool")
    shares = [run("SmallVGG", ["block1_pool"], part=part, parts=3) for part in (1, 2, 3)]
    assert [len(share["block1_pool"]) for share in shares] == [6, 7, 7]
    index_paths = [tmp_path / f"part-{part}.json" for part in (1, 2, 3)]
    parts = compacted(index_paths, "block1_pool", tmp_path)
    np.testing.assert_allclose(parts, whole, rtol=1e-4, atol=1e-4 * np.abs(whole).max())


def test_a_larger_pool_computes_the_new_images_alone(folder, run, predict, tmp_path, capsys):
    few = read_records(folder / "pool.csv", PoolRow)[:12]
    write_records(tmp_path / "smaller.csv", PoolRow, few)
    smaller = run("SmallVGG", ["fc2"], pool=tmp_path / "smaller.csv")["fc2"]
    before, seconds_before = pieces(tmp_path), seconds(tmp_path, "fc2")
    assert "12 images: 0 adopted, 12 to compute" in capsys.readouterr().out
    larger = run("SmallVGG", ["fc2"])["fc2"]
    printed = capsys.readouterr().out
    assert "20 images: 12 adopted, 8 to compute" in printed
    assert "8/8 images" in printed
    assert before < pieces(tmp_path)
    assert 0 < seconds_before < seconds(tmp_path, "fc2")
    np.testing.assert_array_equal(larger[:12], smaller)
    assert_close(larger, predict("SmallVGG", "mobilenet")["fc2"])


def test_a_layer_read_in_another_pass_is_adopted(run, tmp_path, capsys):
    alone = run("SmallVGG", ["fc2"])["fc2"]
    before, seconds_before = pieces(tmp_path), seconds(tmp_path, "fc2")
    both = run("SmallVGG", ["block5_pool", "fc2"])
    after = pieces(tmp_path)
    assert {name for name, _ in after - before} == {
        path.name for path in (tmp_path / "block5_pool" / "pieces").iterdir()
    }
    np.testing.assert_array_equal(both["fc2"], alone)
    assert seconds(tmp_path, "fc2") == seconds_before
    capsys.readouterr()
    again = run("SmallVGG", ["block5_pool"])["block5_pool"]
    assert "20 images: 20 adopted, 0 to compute" in capsys.readouterr().out
    np.testing.assert_array_equal(again, both["block5_pool"])


BACKBONE = {
    **{"network": "N", "image_size": 32, "weights": "abc", "hub": None, "prefix_tokens": 0},
    "layers": {"a": [2, 3], "b": [4]},
}
EXTRACTION = {"precision": "float32", "storage": "float16", "batch_size": 8, "parts": 1}


@pytest.mark.parametrize(
    ("layer", "backbone", "extraction", "adopted"),
    [
        ("a", {}, {"batch_size": 16, "parts": 2}, True),
        ("b", {}, {}, False),
        ("a", {"weights": "abd"}, {}, False),
        ("a", {"network": "M"}, {}, False),
        ("a", {"hub": {"scale": [1.0, 1.0, 1.0]}}, {}, False),
        ("a", {"image_size": 64}, {}, False),
        ("a", {"resize": "squash", "interpolation": "bilinear", "crop_fraction": 1}, {}, True),
        ("a", {"resize": "crop"}, {}, False),
        ("a", {"interpolation": "bicubic"}, {}, False),
        ("a", {"crop_fraction": 0.875}, {}, False),
        ("a", {}, {"precision": "bfloat16"}, False),
        ("a", {}, {"precision": "float32_full"}, False),
        ("a", {}, {"storage": "float32"}, False),
    ],
)
def test_what_may_be_adopted(tmp_path, layer, backbone, extraction, adopted):
    here = make_store("a", BACKBONE, EXTRACTION, tmp_path)
    there = make_store(layer, {**BACKBONE, **backbone}, {**EXTRACTION, **extraction}, tmp_path)
    assert (here.recipe == there.recipe) == adopted
    assert (here.width, here.dtype) == (6, "float16")


def test_description_of_a_network(folder):
    backbone = json.loads((folder / "SmallVGG.json").read_text())
    assert (backbone["network"], backbone["image_size"]) == ("SmallVGG", 32)
    layers = backbone["layers"]
    assert (layers["block1_pool"], layers["fc2"]) == ([16, 16, 16], [256])
    assert layers["logits"] == layers["predictions"]
    assert "logits" not in json.loads((folder / "VGG16.json").read_text())["layers"]


def test_random_weights_follow_the_seed_and_a_file_gives_them_again(folder, tmp_path):
    digests = [describe(tmp_path, "SmallVGG", seed=seed)["weights"] for seed in (0, 1)]
    assert digests[0] != digests[1]
    assert digests[0] == json.loads((folder / "SmallVGG.json").read_text())["weights"]
    again = describe(tmp_path, "SmallVGG", folder / "SmallVGG.weights.h5", seed=2)
    assert again["weights"] == digests[0]


@pytest.mark.parametrize("include_top", [True, False])
def test_without_a_size_the_input_is_that_of_the_network(tmp_path, include_top):
    backbone = describe(tmp_path, "SmallVGG", image_size=None, include_top=include_top)
    assert backbone["image_size"] == 32


@pytest.mark.parametrize(
    ("network", "changes", "message"),
    [
        ("VGG61", {}, r"Received: VGG61\. Hint: did you mean VGG1[69]"),
        ("SmallVGG", {"source": "absent.h5"}, r"must exist\. Received: absent\.h5\."),
        ("SmallVGG", {"source": "SmallVGG.json"}, r"must end in \.weights\.h5 or \.h5"),
        ("SmallVGG", {"source": "random.weights.h5"}, "must fit its network, small_vgg"),
        ("MobileNet", {"source": "SmallVGG.weights.h5"}, "must fit its network, mobilenet"),
        ("SmallVGG", {"source": "trunk.weights.h5"}, "must fit its network, small_vgg"),
    ],
)
def test_weights_that_cannot_be(folder, tmp_path, network, changes, message, monkeypatch):
    import keras

    model = load(folder, "SmallVGG")
    trunk = keras.Model(model.input, model.get_layer("flatten").output)
    trunk.save_weights(folder / "trunk.weights.h5")
    monkeypatch.chdir(folder)
    with pytest.raises(InputError, match=message):
        describe(tmp_path, network, **changes)
    assert list(tmp_path.iterdir()) == []
