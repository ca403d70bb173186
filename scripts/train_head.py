"""Train a head on its repeats of a grid point."""

import numpy as np

from fewshot.backbone.coordinates import read_coordinates
from fewshot.data.draws import read_draws
from fewshot.heads.fitted import write_fitted
from fewshot.heads.train import train
from fewshot.progress import Progress
from fewshot.results.curves import CURVE_COLUMNS
from fewshot.results.tables import RESULT_COLUMNS, write_table


def train_head(
    *,
    coordinates_path,
    index_path,
    draws_path,
    shots,
    head,
    seed,
    results_path,
    curves_path,
    weights_path,
):
    """Train a head on the first images of each class of its repeats, and test it.

    Parameters
    ----------
    coordinates_path, index_path, draws_path : str
        Coordinates of the pool with their index, and its draws.
    shots : int
        Training images of each class.
    head : dict
        Settings of the head: see `fewshot.heads.train.train`; and repeats, where it has not all
        draws but the first ones.
    seed : int
        With the number of the repeat it starts the random order of images in epochs.
    results_path : str
        CSV written: a row a repeat.
    curves_path : str
        CSV written: a row an epoch of each repeat.
    weights_path : str
        HDF5 written: for each repeat the training rows of the pool, and weights as combinations
        of these rows with a bias.

    Raises
    ------
    InputError
        If the pool has too few images for the shots, or the coordinates are not whole.
    """
    draws = read_draws(draws_path).first(head.get("repeats"))
    chosen = draws.parts(shots)
    needed = np.unique(np.concatenate([rows for pair in chosen for rows in pair]))
    coordinates = read_coordinates(coordinates_path, index_path, needed)
    results, curves, fitted = [], [], []
    for repeat, pair in enumerate(Progress(len(chosen), "repeats").over(chosen)):
        places = [np.searchsorted(needed, rows) for rows in pair]
        rng = np.random.default_rng([seed, repeat])
        result, epochs, *weights = train(
            coordinates, draws.labels[needed], *places, head, rng, classes=draws.classes
        )
        print(f"repeat {repeat}: test accuracy {result['test_accuracy']:.4f}", flush=True)
        results.append({"repeat": repeat, **result})
        curves += [[repeat, epoch, *values] for epoch, values in enumerate(epochs.tolist(), 1)]
        fitted.append([pair[0], *weights])
    write_table(curves_path, CURVE_COLUMNS, curves)
    write_fitted(weights_path, ("rows", "coefficients", "bias"), fitted)
    write_table(
        results_path, RESULT_COLUMNS, ([row[name] for name in RESULT_COLUMNS] for row in results)
    )


if __name__ == "__main__":
    from fewshot.job import job

    with job(snakemake.log[0], snakemake.threads):
        train_head(
            **snakemake.params.arguments,
            coordinates_path=snakemake.input.coordinates,
            index_path=snakemake.input.index,
            draws_path=snakemake.input.draws,
            results_path=snakemake.output.results,
            curves_path=snakemake.output.curves,
            weights_path=snakemake.output.weights,
        )
