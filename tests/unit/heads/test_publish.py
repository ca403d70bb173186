"""A folder appears whole, with a check that tells most, or what was there stays."""

import functools
import json
from importlib.metadata import version

import numpy as np
import pytest
from made_predictor import CLASSES, FRAMING, TRUST, build_hub_network, build_network

from fewshot.data.images import read_image
from fewshot.errors import InputError
from fewshot.heads.publish import TOLERANCES, make_check, publish_predictor
from fewshot.predictor.check import read_check
from fewshot.predictor.folder import CHECK, FILES, FORMATS, read_description
from fewshot.predictor.loading import load_predictor
from fewshot.predictor.pictures import check_pictures

KNOWN = {
    **{"name": "mine", "classes": CLASSES, "max_megapixels": 250, "trust": TRUST},
    **{"precision": "float32", "sha256": {"weights": "f" * 64}},
}


@pytest.fixture(scope="module")
def model():
    pixels = np.stack([np.asarray(read_image(file, FRAMING)) for file in check_pictures()[::3]])
    return build_network(pixels)


@pytest.fixture(scope="module")
def publish(model):
    return functools.partial(
        publish_predictor,
        model=model,
        description=KNOWN,
        framing=FRAMING,
        formats=[],
        build=lambda precision, storage: model,
        code="c0de",
        card=lambda said: f"# {said['name']}\n",
    )


@pytest.fixture(scope="module")
def published(publish, tmp_path_factory):
    """A folder that is published where an earlier one was, and something else."""
    folder = tmp_path_factory.mktemp("predictors") / "mine"
    (folder / "fewshot").mkdir(parents=True)
    (folder / "fewshot/old.py").touch()
    (folder / FORMATS["saved_model"]).mkdir()
    (folder / FORMATS["onnx"]).touch()
    (folder / "notes.txt").write_text("of a person")
    publish(folder)
    return folder


def test_the_pictures_of_a_check_are_those_of_which_a_model_is_least_sure():
    def predict(pixels):
        sure = (pixels[:, 0, 0, 0].astype(float) / 255)[:, None]
        return np.concatenate([0.5 + sure / 2, 0.5 - sure / 2], axis=1)

    check = make_check(predict, FRAMING)
    every = np.stack([np.asarray(read_image(file, FRAMING)) for file in check_pictures()])
    assert len(check.files) == 8
    assert sorted(every[:, 0, 0, 0])[:8] == sorted(check.pixels[:, 0, 0, 0])
    np.testing.assert_array_equal(check.probabilities, predict(check.pixels))
    for file, pixels in zip(check.files, check.pixels, strict=True):
        np.testing.assert_array_equal(np.asarray(read_image(file, FRAMING)), pixels)


def test_a_folder_has_all_it_needs_and_says_what_it_is(published, model):
    said = read_description(published)
    assert said["framing"] == FRAMING._asdict()
    assert said["tolerance"] == TOLERANCES["float32"]
    assert said["sha256"].items() >= {"weights": "f" * 64, "code": "c0de"}.items()
    assert {*said["made_with"]} == {"python", "keras", "tensorflow", "numpy", "pillow"}
    needed = (published / "requirements.txt").read_text().split()
    assert needed == [
        f"{name}=={said['made_with'][name]}" for name in ("keras", "tensorflow", "numpy", "pillow")
    ]
    assert (published / "README.md").read_text() == "# mine\n"
    pixels = read_check(published / CHECK).pixels
    expected = model.predict(pixels, verbose=0)
    found = load_predictor(published, 4).predict(pixels)
    assert found == pytest.approx(expected, abs=TOLERANCES["float32"])


def test_what_an_earlier_one_left_goes_and_what_is_anothers_stays(published):
    found = {path.name for path in published.iterdir()}
    assert found == {*FILES.values(), "fewshot", "notes.txt"}
    assert not (published / "fewshot/old.py").exists()
    assert (published / "notes.txt").read_text() == "of a person"


def contents(folder):
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_what_fails_leaves_what_was_there(publish, published):
    before = contents(published)
    with pytest.raises(InputError, match="classes in predictor"):
        publish(published, description=KNOWN | {"classes": ["one"]})
    with pytest.raises(InputError, match="one of those known"):
        publish(published, formats=["no such form"])
    assert contents(published) == before
    assert [path.name for path in published.parent.iterdir()] == ["mine"]


def test_further_forms_are_of_float32_whatever_the_study_computed_in(publish, model, tmp_path):
    asked = []

    def build(precision, storage):
        asked.append((precision, storage))
        return model

    known = KNOWN | {"precision": "bfloat16"}
    publish(tmp_path / "mine", description=known, formats=["litert"], build=build)
    assert asked == [("float32", "float32")]
    said = json.loads((tmp_path / "mine/predictor.json").read_text())
    assert said["formats"]["litert"] <= TOLERANCES["float32"]
    assert said["tolerance"] == TOLERANCES["bfloat16"]


def test_kerashub_is_required_where_its_layers_are(publish, tmp_path):
    model = build_hub_network(tmp_path)
    publish(tmp_path / "mine", model=model, build=lambda precision, storage: model)
    *plain, hub = (tmp_path / "mine/requirements.txt").read_text().split()
    assert [each.partition("==")[0] for each in plain] == ["keras", "tensorflow", "numpy", "pillow"]
    assert hub == f"keras-hub=={version('keras-hub')}"
    assert read_description(tmp_path / "mine")["made_with"]["keras-hub"] == version("keras-hub")
