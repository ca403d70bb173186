"""Say how accurate each line of results would be with up to twice the training images."""

from fewshot.records import write_rows
from fewshot.results.forecast import Forecast, Wanted, find_lines, forecast_rows, wanted_row
from fewshot.results.tables import read_accuracies, read_summary


def forecast(*, wanted_accuracy, accuracy_path, summary_path, forecast_path, wanted_path):
    """Forecast every line of at least three numbers of shots.

    Parameters
    ----------
    wanted_accuracy : float or None
        A fraction.
    accuracy_path, summary_path : str
        Results of the study, a row a repeat and a row a grid point.
    forecast_path : str
        CSV written, of `fewshot.results.forecast.Forecast`.
    wanted_path : str
        CSV written, of `fewshot.results.forecast.Wanted`; without rows where none is wanted.
    """
    rows, wanted = [], []
    for line in find_lines(read_accuracies(accuracy_path), read_summary(summary_path)):
        own = forecast_rows(line)
        rows += own
        if wanted_accuracy is not None:
            wanted.append(wanted_row(line, own, wanted_accuracy))
    write_rows(forecast_path, Forecast._fields, rows)
    write_rows(wanted_path, Wanted._fields, wanted)


def main(snakemake):
    """Do what the rule says."""
    forecast(
        **snakemake.params.arguments,
        accuracy_path=snakemake.input.accuracy,
        summary_path=snakemake.input.summary,
        forecast_path=snakemake.output.forecast,
        wanted_path=snakemake.output.wanted,
    )
