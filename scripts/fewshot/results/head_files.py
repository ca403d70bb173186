"""What a head leaves of a grid point: results, learning curves, weights and predictions."""

from fewshot.heads.fitted import write_fitted
from fewshot.heads.predictions import predict, write_predictions
from fewshot.results.curves import CURVE_COLUMNS
from fewshot.results.tables import RESULT_COLUMNS, write_table


class HeadFiles:
    """Files of a head, gathered repeat by repeat and written together.

    Parameters
    ----------
    draws : fewshot.data.draws.Draws
    names : tuple of str
        Of what is fitted: see `fewshot.heads.fitted.write_fitted`.
    predictions : {"all", "tests"}
        Images whose predictions are kept.
    """

    def __init__(self, draws, names, predictions):
        self._draws, self._names, self._kept = draws, names, predictions
        self._results, self._curves, self._fitted, self._predictions = [], [], [], []

    def add(self, result, epochs, fitted, scores):
        """Add the next repeat.

        Parameters
        ----------
        result : dict
            What a head is measured by, as `fewshot.heads.train.train` gives it.
        epochs : ndarray of shape (epochs, measures)
            Learning curves.
        fitted : sequence of ndarray
            Training rows of the pool, then weights.
        scores : ndarray of shape (images, classes), float32
            Those of images that trained it, or have one of their group among these, are not used.
        """
        repeat, draws = len(self._results), self._draws
        print(f"repeat {repeat}: test accuracy {result['test_accuracy']:.4f}", flush=True)
        roles = draws.roles(repeat, fitted[0])
        said, calibration = predict(scores, draws.labels, draws.groups, roles, kept=self._kept)
        result = {"repeat": repeat, **result, "calibration": calibration}
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
        write_fitted(weights_path, self._names, self._fitted)
        write_predictions(predictions_path, self._predictions)
        write_table(results_path, RESULT_COLUMNS, self._results)
