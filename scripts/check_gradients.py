"""Hold the gradients that heads are trained by against differences of their losses."""

from pathlib import Path

import numpy as np

from fewshot.backbone.activations import list_runs, read_columns
from fewshot.backbone.coordinates import read_coordinates
from fewshot.data.draws import read_draws
from fewshot.files import read_json
from fewshot.heads.eigenbasis import make_features
from fewshot.heads.gradients import (
    CHECK_COLUMNS,
    LIMIT,
    check_compaction,
    check_heads,
    require_right,
)
from fewshot.records import write_table

_MAX_CLASSES, _MAX_SHOTS = 10, 4  # images enough: every weight counts, and it takes seconds


def check_gradients(
    *,
    dataset,
    backbone,
    layer,
    seed,
    folder,
    index_paths,
    coordinates_path,
    index_path,
    draws_path,
    gradients_path,
):
    """Compare analytic with numerical gradients on the first training images of the first repeat.

    Parameters
    ----------
    dataset, backbone, layer : str
        Named in the table. The layer's activations are taken as they are stored.
    seed : int
        For weights, and the choice of what is compared.
    folder : str
        `<folder>/<layer>/pieces/` holds the activations.
    index_paths : list of str
        Lists of pieces that `extract` wrote, one a part, in the order of the parts.
    coordinates_path, index_path : str
        Coordinates of the layer at T = 1 with their index.
    draws_path : str
        Draws of the dataset.
    gradients_path : str
        CSV written: a row for the weights of a head, its bias, the weights of a student that
        learns from a teacher, and the weights of a head on activations that stand behind
        coordinates. Differences are absolute.

    Raises
    ------
    InputError
        If a gradient is off by more than the limit, or a file is not whole.
    """
    draws = read_draws(draws_path)
    classes = min(draws.classes, _MAX_CLASSES)
    rows = draws.training_rows(0, min(draws.untested, _MAX_SHOTS))
    rows = np.sort(rows[draws.labels[rows] < classes])
    own = draws.labels[rows]
    coordinates = read_coordinates(coordinates_path, index_path, rows)
    activations = _read_activations(index_paths, layer, Path(folder, layer, "pieces"), rows)
    rng = np.random.default_rng(seed)
    checks = [
        *check_heads(make_features(coordinates).train, own, classes, rng),
        check_compaction(activations, coordinates, own, classes, rng),
    ]
    for check in checks:
        print(check, flush=True)
    require_right(checks)
    write_table(
        gradients_path,
        CHECK_COLUMNS,
        ([check.checked, dataset, backbone, layer, *check[1:], LIMIT] for check in checks),
    )


def _read_activations(index_paths, layer, folder, rows):
    """Read whole rows of the stored activations, (rows, width)."""
    parts = [read_json(path)[layer] for path in index_paths]
    runs = [run for part in parts for run in part["runs"]]
    places = [(piece, first + row) for piece, first, count in runs for row in range(count)]
    wanted = list_runs([places[row] for row in rows])
    return read_columns(wanted, folder, 0, parts[0]["width"])


def main(snakemake):
    """Do what the rule says."""
    check_gradients(
        **snakemake.params.arguments,
        index_paths=snakemake.input.pieces,
        coordinates_path=snakemake.input.coordinates,
        index_path=snakemake.input.index,
        draws_path=snakemake.input.draws,
        gradients_path=snakemake.output.gradients,
    )
