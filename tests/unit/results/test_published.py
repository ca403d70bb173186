from pathlib import Path

import pytest

from fewshot.results import published
from fewshot.results.published import APPROACHES, read_published

PATH = Path(published.__file__).with_name("published.csv")


def numbers(table, method):
    rows = table[table["method"] == method]
    return dict(zip(rows["training_images"], rows["value"], strict=True))


def test_accuracy_of_the_report_and_of_others():
    table = read_published(PATH, "caltech256", "accuracy")
    end_to_end, cached = map(numbers, [table] * 2, APPROACHES)
    assert end_to_end == {2: 34.8, 4: 43.2, 8: 51.6, 16: 58.75}
    assert cached == {2: 40.9, 4: 43.38, 8: 61.9, 16: 63.18}
    assert numbers(table, "Bo et al. 2013") == {15: 40.5, 30: 48.0, 45: 51.9, 60: 55.2}
    assert numbers(table, "VGG-16") == {60: 85.0}
    assert table.groupby("method").size().max() == 4
    assert table["source"].str.len().min() > 20


def test_numbers_at_a_temperature_are_left_out():
    table = read_published(PATH, "caltech256", "accuracy")
    assert 53.4 not in table["value"].to_numpy()
    assert 'caltech256,"original, class probabilities",accuracy,8,2,53.4' in PATH.read_text()


def test_minutes_add_up_to_a_ratio_of_four():
    table = read_published(PATH, "caltech256", "minutes")
    sums = table.groupby("method")["value"].sum()
    assert sums["original, end to end"] == pytest.approx(919.604)
    assert sums["original, cached"] == 230


def test_urban_tribes_have_numbers_without_images_a_class():
    table = read_published(PATH, "urban_tribes", "accuracy")
    assert table.loc[table["training_images"].isna(), "value"].tolist() == [46, 71]
    assert read_published(PATH, "urban_tribes", "minutes").empty


@pytest.mark.parametrize("role", [None, "birds"])
def test_no_role_has_no_numbers(role):
    assert read_published(PATH, role, "accuracy").empty
