import csv

import pytest

from collect import collect
from fewshot.errors import InputError
from fewshot.files import write_text

HEADER = "repeat,epochs,l2,train_loss,train_accuracy,test_loss,test_accuracy,seconds\n"
POINTS = [("birds", "vgg16", "fc2", "1", 2, head) for head in ("sgd", "tuned")]


@pytest.fixture
def result_paths(tmp_path):
    paths = [tmp_path / "sgd.csv", tmp_path / "tuned.csv"]
    write_text(paths[0], HEADER + "0,200,,0.1,1.0,2.0,0.25,1.5\n1,200,,0.1,1.0,4.0,0.75,1.5\n")
    write_text(paths[1], HEADER + "0,,0.01,0.2,0.9,1.0,0.6,0.5\n")
    return paths


def _collect(folder, result_paths):
    collect(
        points=POINTS,
        result_paths=result_paths,
        accuracy_path=folder / "accuracy.csv",
        summary_path=folder / "summary.csv",
    )


def _rows(path):
    with open(path, encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_accuracy_has_a_row_a_repeat(tmp_path, result_paths):
    _collect(tmp_path, result_paths)
    text = (tmp_path / "accuracy.csv").read_text()
    assert text.splitlines() == [
        "dataset,backbone,layer,temperature,shots,head,repeat,epochs,l2,train_loss,train_accuracy,"
        "test_loss,test_accuracy,seconds",
        "birds,vgg16,fc2,1,2,sgd,0,200,,0.1,1.0,2.0,0.25,1.5",
        "birds,vgg16,fc2,1,2,sgd,1,200,,0.1,1.0,4.0,0.75,1.5",
        "birds,vgg16,fc2,1,2,tuned,0,,0.01,0.2,0.9,1.0,0.6,0.5",
    ]


def test_summary_has_a_row_a_point(tmp_path, result_paths):
    _collect(tmp_path, result_paths)
    sgd, tuned = _rows(tmp_path / "summary.csv")
    assert (sgd["head"], sgd["repeats"]) == ("sgd", "2")
    assert float(sgd["test_accuracy_mean"]) == 0.5
    assert float(sgd["test_loss_std"]) == pytest.approx(2**0.5)
    # t = 12.706 for one degree of freedom, s / sqrt(2) = 0.25
    assert float(sgd["test_accuracy_high"]) == pytest.approx(0.5 + 12.706 * 0.25, rel=1e-3)
    assert (tuned["repeats"], tuned["test_accuracy_mean"]) == ("1", "0.6")
    parts = [value for name, value in tuned.items() if name.endswith(("_std", "_low", "_high"))]
    assert parts == [""] * 12


def test_damaged_result_leaves_no_tables(tmp_path, result_paths):
    write_text(result_paths[1], "")
    with pytest.raises(InputError, match=r"tuned\.csv"):
        _collect(tmp_path, result_paths)
    assert sorted(path.name for path in tmp_path.glob("[!.]*")) == ["sgd.csv", "tuned.csv"]
