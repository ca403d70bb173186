"""Records come back as they were written, under their columns alone."""

from typing import NamedTuple

import pandas as pd
import pytest

from fewshot.errors import InputError
from fewshot.files import write_text
from fewshot.records import read_records, write_records


class Record(NamedTuple):
    class_name: str
    number: int
    size: int | str = ""


def test_records_are_read_as_pandas_reads_them(tmp_path):
    names = ('a,"b"\r\nc', "d\re", "f\ng", "ü")
    rows = [Record(name, number, 2 * number) for number, name in enumerate(names)]
    write_records(tmp_path / "a.csv", Record, iter(rows))
    read = read_records(tmp_path / "a.csv", Record)
    assert read == [row._replace(size=str(row.size)) for row in rows]
    table = pd.read_csv(tmp_path / "a.csv")
    assert [*table] == ["class", "number", "size"]
    assert [Record(*row) for row in table.itertuples(index=False)] == rows


@pytest.mark.parametrize("text", ["", "class,number\r\na,1\r\n", "class,size,number\r\n"])
def test_records_under_other_columns_are_refused(tmp_path, text):
    write_text(tmp_path / "a.csv", text)
    with pytest.raises(
        InputError, match=r"a\.csv with other columns than class,number,size\. Hint"
    ):
        read_records(tmp_path / "a.csv", Record)
