"""What a head leaves of a grid point: results, learning curves, weights and predictions."""

import csv

from fewshot.errors import input_error
from fewshot.files import open_text
from fewshot.heads.fitted import write_fitted
from fewshot.heads.predictions import predict, write_predictions
from fewshot.metrics import MEASURES
from fewshot.records import write_table

RESULT_COLUMNS = ("repeat", "epochs", "l2", *MEASURES, "seconds", "scoring_seconds", "calibration")
CURVE_COLUMNS = ("repeat", "epoch", *MEASURES)


class HeadFiles:
    """Files of a head, gathered repeat by repeat and written together.

    Parameters
    ----------
    draws : fewshot.data.draws.Draws
    predictions : {"all", "tests"}
        Images whose predictions are kept.
    """

    def __init__(self, draws, predictions):
        self._draws, self._kept = draws, predictions
        self._results, self._curves, self._fitted, self._predictions = [], [], [], []

    def add(self, result, epochs, fitted, scores):
        """Add the next repeat.

        Parameters
        ----------
        result : dict
            What a head is measured by, as `fewshot.heads.train.train` gives it; and
            scoring_seconds, where the network ran once more for the predictions.
        epochs : ndarray of shape (epochs, measures)
            Learning curves.
        fitted : dict of str to ndarray
            "rows", training rows of the pool, and weights: see `fewshot.heads.fitted.write_fitted`.
        scores : ndarray of shape (images, classes), float32
            Those of images that trained it, or have one of their group among these, are not used.
        """
        repeat, draws = len(self._results), self._draws
        print(f"repeat {repeat}: test accuracy {result['test_accuracy']:.4f}", flush=True)
        roles = draws.roles(repeat, fitted["rows"])
        said, calibration = predict(scores, draws.labels, draws.groups, roles, kept=self._kept)
        result = {"repeat": repeat, "scoring_seconds": None, **result, "calibration": calibration}
        self._results.append([result[name] for name in RESULT_COLUMNS])
        self._curves += [[repeat, epoch, *row] for epoch, row in enumerate(epochs.tolist(), 1)]
        self._fitted.append(fitted)
        self._predictions.append(said)

    def write(self, *, results_path, curves_path, weights_path, predictions_path):
        """Write all files, the results last.

        Parameters
        ----------
        results_path : str
            CSV: a row a repeat.
        curves_path : str
            CSV: a row an epoch of each repeat.
        weights_path, predictions_path : str
            HDF5: see `fewshot.heads.fitted` and `fewshot.heads.predictions`.
        """
        write_table(curves_path, CURVE_COLUMNS, self._curves)
        write_fitted(weights_path, self._fitted)
        write_predictions(predictions_path, self._predictions)
        write_table(results_path, RESULT_COLUMNS, self._results)


def read_results(path):
    """Read what a head left for a grid point.

    Parameters
    ----------
    path : str
        CSV with the columns `RESULT_COLUMNS`.

    Returns
    -------
    list of dict
        One a repeat, values as they stand in the file.

    Raises
    ------
    InputError
        If the columns differ, a row is cut short or there is none.
    """
    header, *rows = [*csv.reader(open_text(path))] or [[]]
    whole = rows and all(len(row) == len(header) for row in rows)
    if tuple(header) != RESULT_COLUMNS or not whole:
        raise input_error(
            f"A result has the columns {', '.join(RESULT_COLUMNS)} and one row a repeat",
            f"{path} with {len(rows)} rows and the columns {', '.join(header)}",
            "delete the file and run again",
        )
    return [dict(zip(header, row, strict=True)) for row in rows]
