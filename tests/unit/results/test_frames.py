import numpy as np
import pytest

from fewshot.files import write_text
from fewshot.results.frames import read_rows


@pytest.mark.parametrize("name", ["NA", "007", "nan", "a$b_c"])
def test_names_stay_as_they_are(tmp_path, name):
    write_text(tmp_path / "table.csv", f"dataset,shots\n{name},2\n")
    table = read_rows(tmp_path / "table.csv")
    assert table["dataset"].tolist() == [name]
    assert table["shots"].tolist() == ["2"]


def test_empty_cells_are_text_or_no_number(tmp_path):
    path = tmp_path / "costs.csv"
    write_text(path, "dataset,role,seconds\nNA,,\n007,urban_tribes,2.5\n")
    table = read_rows(path, ("dataset", "role", "no such column"))
    assert table["dataset"].tolist() == ["NA", "007"]
    assert table["role"].tolist() == ["", "urban_tribes"]
    np.testing.assert_equal(table["seconds"].to_numpy(), [np.nan, 2.5])
