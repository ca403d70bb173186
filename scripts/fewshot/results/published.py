"""Published numbers that a study is held against: published.csv, with a source for each.

Zeiler & Fergus give mean and ± of 5 folds as mean accuracy of the classes. The numbers differ in
protocol: in test images, preprocessing, and in what they fit on training images.
"""

import pandas as pd

from fewshot.study.solvers import CACHED, END_TO_END

APPROACHES = {"original, end to end": END_TO_END, "original, cached": CACHED}  # of the original
LEAD_IMAGES = 30  # of Bo et al., over which the original claims its lead


def read_published(path, role, quantity):
    """Read the published numbers of one kind for a dataset.

    Parameters
    ----------
    path : str
        CSV with the columns dataset, method, quantity, training_images, temperature, value,
        plus_minus and source.
    role : str or None
        "caltech256" or "urban_tribes"; of no role there are no numbers.
    quantity : {"accuracy", "minutes", "claimed_lead"}
        Test accuracy in %; wall time in minutes; or points that the original claims to be above
        Bo et al. at `LEAD_IMAGES` images a class, with fewer images a class.

    Returns
    -------
    pandas.DataFrame
        With the columns of the file, numbers as float, NaN where there is none. Numbers at a
        temperature are left out.
    """
    table = pd.read_csv(path)
    numbers = ["training_images", "temperature", "value", "plus_minus"]
    table = table.astype(dict.fromkeys(numbers, float))
    wanted = (table["dataset"] == role) & (table["quantity"] == quantity)
    return table[wanted & table["temperature"].isna()].reset_index(drop=True)
