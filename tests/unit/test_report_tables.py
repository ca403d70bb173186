import pytest

from fewshot.report_tables import read_table, read_tables

NAMES = ("summary", "distillation", "gradients", "timings", "costs", "comparison", "passes")


def table(tmp_path, text):
    path = tmp_path / "table.csv"
    path.write_text(text, encoding="utf-8")
    return read_table(path, "title", "note")


def test_an_interval_stands_behind_its_mean(tmp_path):
    found = table(
        tmp_path,
        "dataset,lift_mean,lift_std,lift_low,lift_high,seconds\n"
        "birds,0.0123456,0.5,-0.00123456,1,3.5\nfish,2,,,,\n",
    )
    assert found.header == ["dataset", "lift", "seconds"]
    assert found.rows == [["birds", "0.01235 [-0.001235, 1]", "3.5"], ["fish", "2", ""]]
    assert found.numeric == [False, True, True]
    assert found.file == "table.csv"


def test_means_without_an_interval_keep_their_name(tmp_path):
    found = table(tmp_path, "dataset,x_mean,x_std\nbirds,0.5,0.1\n")
    assert found.header == ["dataset", "x mean", "x std"]


@pytest.mark.parametrize("name", ["007", "1.23456789", "1e5", "nan", ""])
def test_names_stay_as_they_are(tmp_path, name):
    found = table(tmp_path, f"dataset,layer,loss\n{name},{name},1.23456789\n")
    assert found.rows == [[name, name, "1.235"]]
    assert found.numeric == [False, False, True]


def test_words_and_short_numbers_stay_as_they_are(tmp_path):
    found = table(tmp_path, "kind,a,b\nalone,16,0.125\n")
    assert found.rows == [["alone", "16", "0.125"]]
    assert found.numeric == [False, True, True]


def test_a_table_without_rows_has_a_header(tmp_path):
    found = table(tmp_path, "dataset,loss\n")
    assert (found.header, found.rows, found.numeric) == (["dataset", "loss"], [], [False, False])


def test_only_tables_with_rows_are_shown(tmp_path):
    path = tmp_path / "x.csv"
    path.write_text("dataset\nbirds\n")
    empty = tmp_path / "empty.csv"
    empty.write_text("dataset\n")
    paths = {**dict.fromkeys(NAMES), "passes": path, "summary": path, "costs": empty}
    found = read_tables(**paths)
    assert [each.title for each in found] == ["Results", "Where published numbers are passed"]
