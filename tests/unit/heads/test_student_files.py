import pytest

from fewshot.errors import InputError
from fewshot.heads.student_files import DISTILLED_COLUMNS, beside, read_distilled
from fewshot.records import write_table

ROWS = [
    [repeat, kind, temperature, 0.1, 0.5, 1.5, 0.2]
    for kind, temperature in (("alone", ""), ("distilled", "2"), ("labelled", ""), ("teacher", ""))
    for repeat in range(3)
]


def write(folder, rows):
    write_table(folder / "d.csv", DISTILLED_COLUMNS, rows)
    return folder / "d.csv"


def test_kinds_and_temperatures_are_in_the_order_of_the_table(tmp_path):
    kinds = ("alone", ""), ("distilled", "2"), ("labelled", ""), ("teacher", "")
    assert read_distilled(write(tmp_path, ROWS)) == [*kinds]


@pytest.mark.parametrize(
    "rows", [[], ROWS[:-1], ROWS[:6], ROWS[:6] + ROWS[9:], [[*row[:-1]] for row in ROWS]]
)
def test_a_result_that_is_not_whole_is_refused(tmp_path, rows):
    with pytest.raises(InputError, match=r"every repeat of the student.*d\.csv"):
        read_distilled(write(tmp_path, rows))


def test_heads_beside_the_students_keep_their_numbers():
    result = {"repeat": "0", "epochs": "", "l2": "0.5", "train_loss": "0.1"}
    result |= {"test_accuracy": "0.9", "test_loss": "0.4", "seconds": "2"}
    assert beside("alone", [result]) == [["0", "alone", "", "0.5", "0.9", "0.4", "2"]]
