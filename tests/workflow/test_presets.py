"""A preset of KerasHub, from the hub to the weights and the description that stages take."""

import json
import subprocess
import sys

import numpy as np
import pytest
from served_hub import HOST, STORE, serving_hub
from settings_of import settings_of
from small_networks import build, save_keras

pytestmark = pytest.mark.slow

NAME, BLOCKS, SIZE = "dinov2_small", 12, 56  # the name promises 12 blocks
LAYERS = [*(f"stage{number}@cls" for number in range(1, BLOCKS + 1)), "layernorm"]
# Prints to whom the process connects and which names it looks up.
CODE = f"""
import json, sys
sys.path[:] = {sys.path}
met = set()
def hook(event, arguments):
    if event in ("socket.connect", "socket.getaddrinfo"):
        met.add(tuple(arguments[1] if event == "socket.connect" else arguments[:2]))
sys.addaudithook(hook)
from weights import weights
weights(**json.loads(sys.argv[1]))
print(json.dumps(sorted(met)))
"""


@pytest.fixture(scope="module")
def placed(tmp_path_factory):
    """A small network in the format that the hub has, as a person would place it by hand."""
    folder = tmp_path_factory.mktemp("by hand") / NAME
    save_keras(build("DINOV2Backbone", num_layers=BLOCKS), folder, size=SIZE)
    return folder


@pytest.fixture
def hub(placed, tmp_path, monkeypatch):
    """The hub, and nothing of it here."""
    monkeypatch.setenv("FEWSHOT_MODELS", str(tmp_path / "models"))
    files = {f"{NAME}/{path.name}": path.read_bytes() for path in placed.iterdir()}
    with serving_hub(tmp_path, monkeypatch, files) as running:
        yield running


def online(folder, *arguments):
    done = subprocess.run(
        [sys.executable, *arguments], cwd=folder, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def made(folder, python=online, source="preset"):
    """Run the stage in a process of its own; return what it leaves, and whom it met."""
    paths = {"weights_path": folder / "net.weights.h5", "backbone_path": folder / "net.json"}
    arguments = {
        **{"settings": settings_of(NAME, source, include_top=False), "seed": 0, "layers": LAYERS},
        **{key: str(path) for key, path in paths.items()},
    }
    folder.mkdir()
    *_, met = python(folder, "-c", CODE, json.dumps(arguments)).splitlines()
    return json.loads(paths["backbone_path"].read_text()), paths["weights_path"], json.loads(met)


def test_a_preset_comes_from_the_hub_alone_and_then_from_nobody(hub, placed, tmp_path):
    import keras
    import keras_hub

    from fewshot.backbone.networks import build_trunk

    described, weights_path, met = made(tmp_path / "first")
    assert {each["host"] for each in hub.asked} == {HOST, STORE}
    assert {host for host, _ in met} == {"127.0.0.1"}  # the proxy
    # What was left gives what the library's own model does, of every block.
    images = np.random.default_rng(0).integers(0, 256, (2, SIZE, SIZE, 3)).astype(np.float32)
    trunk = build_trunk(described, LAYERS, weights_path, precision="float32")
    model = keras_hub.models.Backbone.from_preset(str(placed))
    converter = keras_hub.layers.ImageConverter.from_preset(str(placed))
    stages = [model.pyramid_outputs[f"stage{number}"][:, 0] for number in range(1, BLOCKS + 1)]
    library = keras.Model(model.inputs[0], [*stages, model.output])
    for ours, theirs in zip(trunk(images), library(converter(images)), strict=True):
        assert np.ptp(theirs) > 0.1
        np.testing.assert_allclose(ours, theirs, rtol=1e-5, atol=1e-5 * np.abs(theirs).max())

    hub.asked.clear()
    again, _, met = made(tmp_path / "second")
    assert (again, hub.asked, met) == (described, [], [])


def test_without_a_network_a_folder_placed_by_hand_is_enough(
    placed, tmp_path, monkeypatch, offline
):
    monkeypatch.setenv("FEWSHOT_MODELS", str(placed.parent))
    before = {path: path.read_bytes() for path in placed.iterdir()}
    described, _, met = made(tmp_path / "cut off", offline)
    assert (described["network"], described["image_size"], met) == (NAME, SIZE, [])
    assert {path: path.read_bytes() for path in placed.iterdir()} == before


def test_of_a_preset_at_random_weights_the_configuration_comes_alone(hub, tmp_path):
    described, _, _ = made(tmp_path / "random", source="none")
    asked = [each["path"] for each in hub.asked if "/resolve/" in each["path"]]
    assert asked == [
        f"/keras/{NAME}/resolve/main/{file}" for file in ("config.json", "image_converter.json")
    ]
    assert {each["host"] for each in hub.asked} == {HOST}
    assert [name for name in described["layers"] if name.startswith("stage")] == [
        f"stage{number}" for number in range(1, BLOCKS + 1)
    ]
