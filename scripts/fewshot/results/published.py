"""Published numbers that a study is held against: published.csv, with a source for each.

Zeiler & Fergus give mean and ± of 5 folds as mean accuracy of the classes. The numbers differ in
protocol: in test images, preprocessing, and in what they fit on training images.
"""

import pandas as pd

REPORT_APPROACHES = {"report, end to end": "end to end", "report, cached": "cached"}
REPORT_LEAD_IMAGES = 30  # of Bo et al., over which the report claims its lead


def read_published(path, role, quantity):
    """Read the published numbers of one kind for a dataset.

    Parameters
    ----------
    path : str
        CSV with the columns dataset, method, quantity, images_per_class, temperature, value,
        plus_minus and source.
    role : str or None
        "caltech256" or "urban_tribes"; of no role there are no numbers.
    quantity : {"accuracy", "minutes", "claimed_lead"}
        Test accuracy in %; wall time in minutes; or points that the report claims to be above
        Bo et al. at `REPORT_LEAD_IMAGES` images a class, with fewer images a class.

    Returns
    -------
    pandas.DataFrame
        With the columns of the file, numbers as float, NaN where there is none. Numbers at a
        temperature are left out.
    """
    table = pd.read_csv(path)
    numbers = ["images_per_class", "temperature", "value", "plus_minus"]
    table = table.astype(dict.fromkeys(numbers, float))
    wanted = (table["dataset"] == role) & (table["quantity"] == quantity)
    return table[wanted & table["temperature"].isna()].reset_index(drop=True)
