"""What the figures are drawn from."""

import pandas as pd

from fewshot.files import open_text
from fewshot.point import KEYS


def read_rows(path, text=KEYS):
    """Read a table of a study. Names stay as they are, also those that look like numbers.

    Parameters
    ----------
    path : str
        CSV with a header.
    text : sequence of str
        Columns that are read as str, empty ones as "", where the table has them. In all others an
        empty cell is NaN.

    Returns
    -------
    pandas.DataFrame
    """
    table = pd.read_csv(
        open_text(path), dtype=dict.fromkeys(text, str), keep_default_na=False, na_values=[""]
    )
    names = [name for name in text if name in table]
    return table.fillna(dict.fromkeys(names, ""))
