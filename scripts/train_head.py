"""Train a head on its repeats of a grid point."""

import numpy as np

from fewshot.backbone.coordinates import read_coordinates
from fewshot.data.draws import read_draws
from fewshot.heads.head_files import HeadFiles
from fewshot.heads.train import train
from fewshot.progress import Progress


def train_head(
    *, coordinates_path, index_path, draws_path, shots, head, seed, predictions, **paths
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
    predictions : {"all", "tests"}
        Images whose predictions are kept.
    **paths : str
        Files written: see `fewshot.heads.head_files.HeadFiles.write`. Weights are those
        of `fewshot.heads.fitted.Head`.

    Raises
    ------
    InputError
        If the pool has too few images for the shots, or the coordinates are not whole.
    """
    draws = read_draws(draws_path).first(head.get("repeats"))
    every = np.arange(len(draws.labels))
    coordinates = read_coordinates(coordinates_path, index_path, every)
    files = HeadFiles(draws, predictions)
    for repeat, rows in enumerate(Progress(draws.repeats, "repeats").over(draws.parts(shots))):
        rng = np.random.default_rng([seed, repeat])
        result, curves, fitted, scores = train(
            coordinates, draws.labels, *rows, head, rng, classes=draws.classes
        )
        files.add(result, curves, fitted.arrays(), scores)
    files.write(**paths)


def main(snakemake):
    """Do what the rule says."""
    train_head(
        **snakemake.params.arguments,
        coordinates_path=snakemake.input.coordinates,
        index_path=snakemake.input.index,
        draws_path=snakemake.input.draws,
        results_path=snakemake.output.results,
        curves_path=snakemake.output.curves,
        weights_path=snakemake.output.weights,
        predictions_path=snakemake.output.predictions,
    )
