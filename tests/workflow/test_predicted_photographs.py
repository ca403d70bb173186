"""Predictors of photographs: elsewhere they say what the study said, and outside it that holds."""

import csv
import functools
import io
import json
import shutil
import subprocess

import numpy as np
import pytest
from bare_environment import clean, make_environment
from odd_corpus import CORPUS, Good
from projects import ROOT, command, copy_project
from scipy.special import softmax
from test_photographs import DATA, FILES, pytestmark  # noqa: F401

from fewshot.backbone.activations import layer_reader
from fewshot.data.draws import TEST
from fewshot.data.framing import Framing
from fewshot.data.images import read_image
from fewshot.data.manifest import ManifestRow
from fewshot.data.pool import PoolRow
from fewshot.files import read_json
from fewshot.heads.fitted import read_head
from fewshot.heads.head_files import read_results
from fewshot.heads.predictions import read_predictions
from fewshot.records import read_records
from fewshot.results.calibration import calibration_error

FOLDER = "results/caltech101/mobilenet"
HEADS = {"eight": "conv_pw_12_relu/T1/8-shot/tuned", "wide": "conv_pw_11_relu/T1/4-shot/ridge"}
SURE = 0.9


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    """Run the study, and take its predictors away."""
    project = copy_project(tmp_path_factory.mktemp("outside") / "project")
    shutil.copy(ROOT / "tests/outside.yaml", project)
    (project / "data").mkdir()
    for name in FILES:
        (project / "data" / name).symlink_to((DATA / name).resolve())
    done = command(project, "--cores", "2", "--configfile", "outside.yaml")
    assert done.returncode == 0, done.stdout
    shutil.move(project / "predictors", project.parent / "taken away")
    return project


@pytest.fixture(scope="module")
def odd(tmp_path_factory):
    """Odd but good images, and their files."""
    folder = tmp_path_factory.mktemp("odd")
    made = [
        make()
        for name, (make, outcome) in CORPUS.items()
        if isinstance(outcome, Good) and "most pixels" not in name  # whose decoding takes long
    ]
    paths = [folder / f"{number:03}.jpg" for number in range(len(made))]
    for path, data in zip(paths, made, strict=True):
        path.write_bytes(data)
    return made, paths


@pytest.fixture(scope="module")
def name_images(project, odd, tmp_path_factory):
    """Return a function that runs a predictor where there is nothing but its packages.

    Each names all that tests ask of it at once: photographs of no draw, those of a repeat where its
    head was in one, and odd images.
    """
    python = make_environment(tmp_path_factory.mktemp("bare") / "environment")

    @functools.cache
    def named(name):
        paths = [path for path, _ in outside(project)]
        if name in HEADS:
            paths += [path for _, path in of_a_repeat(project, name)]
        if name == "eight":
            paths += odd[1]
        done = subprocess.run(
            [python, project.parent / "taken away" / name / "predict.py", "-", "--all"],
            input="".join(f"{path}\n" for path in paths),
            capture_output=True,
            env=clean(),
            text=True,
            check=False,
            cwd="/",
        )
        assert done.returncode == 0, done.stderr
        return {row["file"]: row for row in csv.DictReader(io.StringIO(done.stdout))}

    return lambda name, paths: [named(name)[str(path)] for path in paths]


def describe(project, name):
    return json.loads((project.parent / "taken away" / name / "predictor.json").read_text())


def pool_of(project):
    root = read_json(project / "results/caltech101/source.json")["root"]
    root = project / root
    return root, read_records(project / "results/caltech101/pool.csv", PoolRow)


def of_a_repeat(project, name):
    """Rows of the pool that the first repeat tested, and their files."""
    root, pool = pool_of(project)
    said = read_predictions(project / FOLDER / f"{HEADS[name]}.predictions.h5")
    return [(row, root / pool[row].image) for row in np.flatnonzero(said.role[0] == TEST)]


def outside(project):
    """Files of photographs that no draw used, and their classes."""
    root, pool = pool_of(project)
    known = {row.group for row in pool}
    manifest = read_records(project / "results/caltech101/manifest.csv", ManifestRow)
    rows = [row for row in manifest if row.group and row.group not in known]
    return [(root / row.image, row.class_name) for row in rows]


@pytest.mark.parametrize("name", HEADS)
def test_elsewhere_the_test_images_of_a_repeat_have_the_probabilities_of_the_study(
    project, name_images, name
):
    _, pool = pool_of(project)
    said = read_predictions(project / FOLDER / f"{HEADS[name]}.predictions.h5")
    tests, paths = map(list, zip(*of_a_repeat(project, name), strict=True))
    rows = name_images(name, paths)
    classes = describe(project, name)["classes"]
    assert [row["class"] for row in rows] == [classes[label] for label in said.named[0, tests]]
    found = np.array(
        [
            [row["probability"], row[pool[at].class_name]]
            for at, row in zip(tests, rows, strict=True)
        ],
        float,
    )
    expected = np.stack([said.probability[0, tests], said.given[0, tests]], axis=1)
    print(f"{name}: largest difference {abs(found - expected).max():.2g}")
    assert found == pytest.approx(expected, abs=1e-3)


@pytest.mark.filterwarnings("ignore::UserWarning")  # Pillow's, of tags that it passes over
def test_odd_but_good_images_have_the_probabilities_of_the_study(project, name_images, odd):
    """Computed from the activations: no image of these is in the study."""
    from fewshot.backbone.networks import build_reader

    files, paths = odd
    backbone = read_json(project / "results/backbones/mobilenet.json")
    weights = project / "results/backbones/mobilenet.weights.h5"
    layer, framing = "conv_pw_12_relu", Framing.of(backbone)
    reader = build_reader(backbone, [layer], weights, precision="float32", storage="float16")
    pixels = np.stack([np.asarray(read_image(data, framing)) for data in files])
    said = reader.predict(pixels, verbose=0)[0].astype(float)
    lists = sorted((project / FOLDER / "passes").glob("*/part-*.json"))
    read, _, width = layer_reader(lists, layer, project / FOLDER)
    head = read_head(project / FOLDER / f"{HEADS['eight']}.h5")[0]
    trained = read(0, width)[head.rows].astype(float)
    mean = trained.mean(axis=0)
    scores = (said - mean) @ (trained - mean).T @ head.coefficients + head.bias
    temperature = float(read_results(project / FOLDER / f"{HEADS['eight']}.csv")[0]["calibration"])
    expected = softmax(scores / temperature, axis=1)
    classes = describe(project, "eight")["classes"]
    named = name_images("eight", paths)
    found = np.array([[row[each] for each in classes] for row in named], float)
    print(f"{len(files)} odd images: largest difference {abs(found - expected).max():.2g}")
    assert found == pytest.approx(expected, abs=1e-3)


@pytest.mark.parametrize("name", ["every", *HEADS])
def test_on_images_of_no_draw_it_is_as_often_right_as_it_says(project, name_images, name):
    paths, classes = zip(*outside(project), strict=True)
    assert len(paths) > 300
    rows = name_images(name, paths)
    confidence = np.array([float(row["probability"]) for row in rows])
    right = np.array([row["class"] == own for row, own in zip(rows, classes, strict=True)])
    bins = np.array_split(np.argsort(confidence), 10)
    error = calibration_error(
        [(len(own), confidence[own].mean(), right[own].mean()) for own in bins]
    )
    sure = confidence >= SURE
    (row,) = (row for row in describe(project, name)["trust"] if row["above"] == SURE)
    print(
        f"{name}: {right.mean():.3f} right, ECE {error:.3f}; {right[sure].mean():.3f} above {SURE}"
    )
    assert error <= 0.06
    # Half an image: no fraction of so few lies nearer to the interval's ends.
    image = 0.5 / sure.sum()
    assert row["low"] - image <= right[sure].mean() <= row["high"] + image


def test_every_form_says_the_same(project):
    differences = describe(project, "every")["formats"]
    print(differences)
    assert {*differences} == {"onnx", "saved_model", "litert"}
    assert max(differences.values()) < 1e-4
