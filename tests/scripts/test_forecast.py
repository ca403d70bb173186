import csv

from made_tables import grid, summary_cells

from fewshot.point import KEYS
from fewshot.records import read_records, write_table
from fewshot.results.forecast import Forecast, Wanted
from fewshot.results.tables import ACCURACY_COLUMNS, SUMMARY_COLUMNS
from forecast import forecast


def run(folder, wanted=0.9):
    """Forecast two lines, of four and of two numbers of shots."""
    points = [*grid(layers=("fc2",), shots=(1, 2, 4, 8)), *grid(layers=("fc1",), shots=(1, 2))]
    values = {point: (0.4 + 0.05 * point.shots, 0.42 + 0.05 * point.shots) for point in points}
    column = ACCURACY_COLUMNS.index("test_accuracy")
    rows = []
    for point, own in values.items():
        for repeat, each in enumerate(own):
            rows.append([*point.key, repeat, *[""] * (len(ACCURACY_COLUMNS) - len(KEYS) - 1)])
            rows[-1][column] = each
    write_table(folder / "accuracy.csv", ACCURACY_COLUMNS, rows)
    summary = ([*point.key, *summary_cells(own)] for point, own in values.items())
    write_table(folder / "summary.csv", SUMMARY_COLUMNS, summary)
    names = ("accuracy", "summary", "forecast", "wanted")
    forecast(wanted_accuracy=wanted, **{f"{name}_path": folder / f"{name}.csv" for name in names})
    return (
        read_records(folder / "forecast.csv", Forecast),
        read_records(folder / "wanted.csv", Wanted),
    )


def test_lines_of_three_numbers_of_shots_are_forecast(tmp_path):
    rows, wanted = run(tmp_path)
    assert {row.layer for row in rows} == {"fc2"}
    assert [(row.up_to, row.shots) for row in rows if row.came == row.came] == [(4, 8)]
    assert [row.shots for row in rows][-1] == 16
    assert rows[0].came == 0.81  # the mean of .80 and .82
    assert [row.layer for row in wanted] == ["fc2"]


def test_without_a_wanted_accuracy_its_table_has_a_header_alone(tmp_path):
    assert run(tmp_path, wanted=None)[1] == []
    with open(tmp_path / "wanted.csv", encoding="utf-8") as file:
        assert next(csv.reader(file)) == [*Wanted._fields]
