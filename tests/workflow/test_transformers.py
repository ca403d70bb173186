"""A whole study with transformers: from folders placed by hand to the page, on either backend."""

import csv
import importlib.util
import json
import shutil

import numpy as np
import pytest
from projects import ROOT, command, copy_project
from small_networks import build, save_hugging_face, save_keras
from test_photographs import DATA, FILES, pytestmark  # noqa: F401

from fewshot.backbone.activations import layer_reader

SIZE, CLASSES, BLOCKS = 56, 20, 3
ARCHIVE = FILES[0]


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    """A DINOv2 in Hugging Face's format, whose positions are interpolated, and a SigLIP in Keras'."""
    folder = tmp_path_factory.mktemp("networks")
    kind = "dinov2_with_registers"
    save_hugging_face(folder / "dinov2", kind, num_hidden_layers=BLOCKS)
    save_keras(build("SigLIPVisionEncoder", num_layers=BLOCKS), folder / "siglip", size=SIZE)
    return folder


def made(place, folders, **environment):
    """Run the study in a copy of the project, and return that."""
    project = copy_project(place / "project")
    shutil.copy(ROOT / "tests/transformers.yaml", project)
    (project / "data").mkdir()
    (project / "data" / ARCHIVE).symlink_to((DATA / ARCHIVE).resolve())
    for name in ("dinov2", "siglip"):
        shutil.copytree(folders / name, project / "data" / name)
    arguments = ("--cores", "2", "--configfile", "transformers.yaml")
    done = command(project, *arguments, **environment)
    assert done.returncode == 0, done.stdout
    return project


@pytest.fixture(scope="module")
def project(folders, tmp_path_factory):
    return made(tmp_path_factory.mktemp("tensorflow"), folders)


def activations(project, backbone):
    """All activations of a backbone, by layer."""
    folder = project / "results/caltech101" / backbone
    (index,) = folder.glob("passes/*/part-1-of-1.json")
    found = {}
    for layer in json.loads(index.read_text()):
        read, images, width = layer_reader([index], layer, folder)
        found[layer] = read(0, width)
        assert found[layer].shape == (images, width) == (12 * CLASSES, width)
    return found


def test_the_page_tells_of_every_network_and_of_its_blocks(project):
    page = (project / "reports/transformers/report.html").read_text()
    assert all(text in page for text in ("DINOV2Backbone", "SigLIPVisionEncoder", "stage2@mean"))
    with open(project / "reports/transformers/summary.csv", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    swept = {f"encoder_block_{number}@mean" for number in range(BLOCKS)}
    assert {row["layer"] for row in rows if row["backbone"] == "siglip"} == {"head", *swept}
    # Even at random these tell ten kinds of photographs apart better than chance.
    assert all(
        float(row["test_accuracy_mean"]) > 1 / CLASSES for row in rows if row["shots"] == "8"
    )


def test_pooled_layers_are_the_pooled_unpooled_layer(project):
    found = activations(project, "dinov2")
    tokens, last = (
        found[name].reshape(len(found[name]), -1, 32) for name in ("stage2", "layernorm")
    )
    # Four patches along an edge, where its positions were learned for five.
    assert tokens.shape[1] == last.shape[1] == 1 + 4 + 4 * 4
    precision = 2**-10 * np.abs(tokens).max()  # float16, twice rounded
    np.testing.assert_allclose(found["stage2@mean"], tokens[:, 5:].mean(axis=1), atol=precision)
    np.testing.assert_array_equal(found["stage2@cls"], tokens[:, 0])
    grid = last[:, 5:].reshape(-1, 4, 4, 32)
    corner = found["layernorm@2x2"].reshape(-1, 2, 2, 32)[:, 0, 1]
    precision = 2**-10 * np.abs(last).max()
    np.testing.assert_allclose(corner, grid[:, :2, 2:].mean(axis=(1, 2)), atol=precision)
    found = activations(project, "siglip")
    tokens = found["encoder_block_1"].reshape(-1, 4 * 4, 32)
    np.testing.assert_array_equal(found["encoder_block_1@max"], tokens.max(axis=1))


def test_depth_has_every_block_beside_the_last(project):
    with open(project / "reports/transformers/depth.csv", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    own = [row for row in rows if (row["backbone"], row["pooling"]) == ("dinov2", "cls")]
    told = [(row["layer"], row["block"], row["of_blocks"], row["numbers"]) for row in own]
    blocks = range(1, BLOCKS + 1)
    assert told == [(f"stage{n}@cls", str(n), str(BLOCKS), "32") for n in blocks]
    # One pass for all, of which each layer keeps the time for itself.
    seconds = [float(row["extraction_seconds"]) for row in own]
    assert max(seconds) - min(seconds) < 0.05 * max(seconds)
    with open(project / "reports/transformers/contrasts.csv", encoding="utf-8") as file:
        held = [row for row in csv.DictReader(file) if row["question"] == "depth"]
    assert len(held) == 3 * (BLOCKS - 1)
    assert (
        project / "reports/transformers/figures/caltech101/accuracy_against_depth.png"
    ).is_file()


@pytest.mark.skipif(importlib.util.find_spec("jax") is None, reason="JAX is not installed")
def test_jax_computes_the_same(project, folders, tmp_path):
    other = made(tmp_path, folders, KERAS_BACKEND="jax")
    for backbone in ("dinov2", "siglip"):
        ours, theirs = activations(project, backbone), activations(other, backbone)
        assert [*ours] == [*theirs]
        for layer, array in ours.items():
            assert np.abs(array - theirs[layer]).max() < 1e-3 * np.abs(array).max(), layer
