"""A grid point knows its files, its place in a table and its names."""

import pytest

from fewshot.point import FACTORS, KEYS, Point, write_temperature

POINT = Point("birds", "vgg16", "predictions", "0.5", 8, "sgd")


@pytest.mark.parametrize("temperature", [1, 1.0, "1", "1.0", "1e0"])
def test_temperature_has_one_form(temperature):
    assert write_temperature(temperature) == "1"


def test_files_have_a_folder_a_field():
    assert POINT.file(".curves.csv") == "results/birds/vgg16/predictions/T0.5/8-shot/sgd.curves.csv"
    assert POINT.file("").startswith(f"{POINT.folder}/")
    assert POINT.folder.startswith(f"{POINT.activations}/")


def test_its_place_in_a_table_is_text_in_the_order_of_the_columns():
    assert dict(zip(KEYS, POINT.key, strict=True)) == {
        **{"dataset": "birds", "backbone": "vgg16", "layer": "predictions"},
        **{"temperature": "0.5", "shots": "8", "head": "sgd"},
    }


def test_a_label_has_the_factors_asked_for_and_t_only_where_it_is_known():
    assert POINT.label(*FACTORS) == "vgg16 · predictions · T 0.5 · 8-shot · sgd"
    assert POINT._replace(layer="fc2").label(*FACTORS) == "vgg16 · fc2 · 8-shot · sgd"
    assert POINT.label("head") == "sgd"


def test_two_points_of_a_dataset_have_two_names():
    others = [POINT._replace(**{key: "other"}) for key in FACTORS]
    assert len({point.name for point in [POINT, *others]}) == 6
