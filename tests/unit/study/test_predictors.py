"""Which grid points a predictor may be made from, and what is wrong with those that ask for none."""

import pytest
from studies import changed

from fewshot.point import Point
from fewshot.study.predictors import (
    predictor_layers,
    predictor_settings,
    predictors,
    to_predictor,
)
from fewshot.study.read import ConfigError, read_study

CHOSEN = {"backbone": "vgg16", "layer": "fc2", "head": "tuned"}
FC2 = Point("letters", "vgg16", "fc2", "1", 2, "tuned")


def read(settings, **changes):
    config = changed("predictors", {"mine": settings}) | changes
    return read_study(config)


def only(settings, **changes):
    (found,) = predictors(read(settings, **changes))
    return found


def test_by_default_it_may_be_any_cached_head_of_the_only_dataset():
    config = changed("heads/whole", {"solver": "end_to_end"})
    experiments = {
        "shots": {"layers": ["fc2"], "shots": [2, 16], "heads": ["sgd", "tuned", "whole"]}
    }
    found = only({}, heads=config["heads"], experiments=experiments)
    assert (found.name, found.dataset, found.shots, found.is_new) == (
        "mine",
        "letters",
        "all",
        True,
    )
    assert {point.head for point in found.candidates} == {"sgd", "tuned"}
    assert {point.shots for point in found.candidates} == {2, 16}


def test_one_that_is_named_may_be_of_any_number_of_shots_or_of_one():
    assert only(CHOSEN).candidates == (FC2, FC2._replace(shots=16))
    found = only({**CHOSEN, "shots": 2})
    assert found.candidates == (FC2,)
    assert not found.is_new


def test_a_temperature_names_the_class_probabilities():
    experiments = {"soft": {"layers": ["predictions"], "shots": [2], "temperatures": [1, 2, 4]}}
    found = only({**CHOSEN, "layer": "predictions", "temperature": 4}, experiments=experiments)
    assert [point.temperature for point in found.candidates] == ["4"]


def test_it_goes_through_params_and_back():
    found = only(CHOSEN)
    assert to_predictor(found.plain()) == found
    assert not any(isinstance(part, Point) for part in found.plain()[-1])


def test_files_are_those_of_the_candidate():
    found = only({})
    paths = {
        "predictions": [f"{number}.h5" for number in range(len(found.candidates))],
        "results": [],
        "heads": [],
        "indexes": ["index"],
        "coordinates": ["coordinates"],
        "backbones": ["backbone"],
        "weights": ["weights"],
    }
    place = found.candidates.index(FC2)
    assert found.files(FC2, paths) == {
        **{"predictions": f"{place}.h5", "indexes": "index", "coordinates": "coordinates"},
        **{"backbones": "backbone", "weights": "weights"},
    }


def test_settings_tell_no_path_of_this_machine():
    datasets = {"letters": {"source": "secret/place/letters.zip", "classes": "folders"}}
    study = read({}, datasets=datasets)
    told = predictor_settings(study, *predictors(study))
    assert told["data"]["source"] == "letters.zip"
    assert told["data"]["licence"] is None
    assert told["backbones"] == {
        "vgg16": {"network": "VGG16", "weights": "imagenet", "licence": None}
    }
    assert {*told["heads"]} == {"sgd", "tuned"}
    address = {"letters": {"source": "https://x.org/a.zip", "classes": "folders"}}
    study = read({}, datasets=address)
    assert predictor_settings(study, *predictors(study))["data"]["source"] == "https://x.org/a.zip"


def test_layers_are_those_it_may_read():
    experiments = {"layers": {"layers": ["fc1", "fc2", "predictions"], "shots": [2]}}
    study = read({**CHOSEN, "layer": "predictions"}, experiments=experiments)
    (layer,) = predictor_layers(study, *predictors(study))
    assert layer[:4] == ("letters", "vgg16", "predictions", "logits")


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({"dataset": "leters"}, "mine.dataset: *Received: leters. Hint: did you mean letters?"),
        ({**CHOSEN, "head": "tund"}, "mine.head: *did you mean tuned?"),
        ({**CHOSEN, "backbone": "vgg"}, "mine.backbone: *did you mean vgg16?"),
        ({"layer": "fc2"}, "mine: backbone, layer and head go together. Received: layer."),
        ({**CHOSEN, "layer": "fc1"}, "no experiment measures such a head. *layer fc1"),
        ({"shots": 5}, "no experiment measures such a head. Received: shots 5"),
        ({**CHOSEN, "temperature": 2}, "mine.temperature: only predictions take *fc2 at T = 2"),
        ({"shots": "every"}, "mine.shots: *Received: 'every'"),
        ({"shots": 0}, "mine.shots: must be at least 1"),
        ({"formats": ["onx"]}, "formats[0]: must be one of onnx, *did you mean onnx?"),
        ({"format": ["onnx"]}, "mine.format: unknown key. *did you mean formats?"),
    ],
)
def test_what_is_wrong_is_said_in_one_line(settings, expected):
    with pytest.raises(ConfigError) as caught:
        read(settings)
    header, error = str(caught.value).splitlines()
    assert header == "The config has 1 error:"
    for part in expected.split("*"):
        assert part in error


def test_a_head_end_to_end_is_none():
    heads = {"sgd": {"solver": "sgd"}, "whole": {"solver": "end_to_end"}}
    with pytest.raises(
        ConfigError, match=r"mine\.head: its head must be one on cached activations"
    ):
        read({**CHOSEN, "head": "whole"}, heads=heads)


def test_of_several_datasets_one_must_be_named():
    datasets = {name: {"source": "a.zip", "classes": "folders"} for name in ("letters", "digits")}
    with pytest.raises(ConfigError, match=r"must say of which dataset .* letters or digits"):
        read({}, datasets=datasets)
    assert only({"dataset": "digits"}, datasets=datasets).dataset == "digits"


def test_names_differ_in_more_than_case():
    with pytest.raises(ConfigError, match=r"predictors\.Mine: names must differ in more than case"):
        read_study(changed("predictors", {"mine": {}, "Mine": {}}))


def test_other_errors_do_not_make_one_of_the_predictor():
    with pytest.raises(ConfigError) as caught:
        read({}, experiments={"shots": {"layers": ["fc2"], "shots": ["two"]}})
    assert "predictors" not in str(caught.value)
