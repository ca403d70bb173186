"""A tiny finished study, names full of traps, from which a report is made."""

import base64
import hashlib
import io
import math
import tempfile
from functools import cache
from pathlib import Path

import numpy as np
from made_tables import judge, make_basis, make_draws, summarise_accuracy, summary_cells
from matplotlib.figure import Figure
from PIL import Image

from fewshot.data.draws import Draws, write_draws
from fewshot.data.manifest import ManifestRow
from fewshot.data.pool import PoolRow
from fewshot.figures.style import styled, write_figure
from fewshot.files import whole_file, write_json, write_text
from fewshot.point import KEYS
from fewshot.records import write_records, write_rows, write_table
from fewshot.results.calibration import Reliability
from fewshot.results.choices import Choice
from fewshot.results.classes import ClassResult, Confusion
from fewshot.results.contrasts import Contrast
from fewshot.results.forecast import Forecast, Wanted
from fewshot.results.images import JudgedImage
from fewshot.results.neighbours import Neighbour
from fewshot.results.questions import all_contrasts
from fewshot.results.study_tables import RECORDS, TABLES
from fewshot.results.tables import SUMMARY_COLUMNS
from fewshot.study.grid import controls, points

TEMPLATE = Path(__file__).parents[2] / "scripts/fewshot/page/report.html.jinja"
# What a page would run, close a tag with, end an attribute with, or turn around.
TRAPS = (
    '<img src=x onerror="owned=1">',
    "</td></table><script>owned=1</script>",
    "\"' onmouseover=owned=1 x='",
    "right \u202eto\u202c left",
    "two\nlines",
    "{{ 7 * 7 }} & &lt;b&gt;",
    "</style></script><svg onload=owned=1>",
)
HOSTILE = TRAPS[0]
INDEX = ("figure", "category", "dataset", "approach", "shows", "file")
CURVE = "figures/plain/curves/{}.png"


def _study():
    dataset = {"source": "data/plain", "classes": "folders", "role": "caltech256", "exclude": []}
    datasets = {"plain": dataset, HOSTILE: {**dataset, "source": TRAPS[1], "role": None}}
    place = {"datasets": [*datasets], "layers": ["fc2"], "shots": [2, 4], "temperatures": [1]}
    return {
        "study": "tiny",
        "datasets": datasets,
        "backbones": {
            name: {
                **{"network": "SmallVGG", "weights": weights, "layers": [["fc2"]]},
                **{
                    "resize": "squash",
                    "interpolation": "bilinear",
                    "crop_fraction": 1,
                    "licence": None,
                },
            }
            for name, weights in (("small", "imagenet"), ("control", "none"))
        },
        "draws": {"test": 2, "images_per_class": 6, "repeats": 2, "seed": 0},
        "heads": {
            "tuned": {"solver": "logistic"},
            "sgd": {
                **{"solver": "sgd", "epochs": 3, "batch_size": 4},
                **{"learning_rate": 0.001, "momentum": 0.9},
            },
        },
        "experiments": {
            "shots": {**place, "backbones": ["small"], "heads": ["tuned", "sgd"]},
            "control": {**place, "backbones": ["control"], "heads": ["tuned"]},
        },
        "distillation": {},
        "gallery": True,
        "wanted_accuracy": 0.9,
    }


def _write_images(folder):
    """Write the files of the first stages of a dataset with a class a trap."""
    rows, pool = [], []
    for label, name in enumerate(TRAPS):
        for number in range(6):
            digest = hashlib.sha256(f"{name}{number}".encode()).hexdigest()
            image = f"{name}/{number}.png"
            rows.append(ManifestRow(image, name, digest, status="ok", group=digest))
            pool.append(PoolRow(len(pool), image, name, label, digest, digest))
    first, second = rows[0], rows[6]
    rows.append(first._replace(image="again.png", status="copy", reason="same picture"))
    rows.append(second._replace(image="other.png", status="disputed", reason=TRAPS[0]))
    for trap in TRAPS:
        rows.append(first._replace(image=trap, status="rejected", group="", reason=trap))
    write_records(folder / "manifest.csv", ManifestRow, rows)
    write_records(folder / "pool.csv", PoolRow, pool)
    places = np.tile([0, 0, 1, 2, 3, 4], len(TRAPS))[:, None]
    labels = np.array([row.label for row in pool])
    draws = Draws(labels, np.arange(len(pool)), places)
    write_draws(draws, folder / "draws.csv")
    source = {"root": "images", "sha256": None, "files": len(rows)}
    write_json(folder / "source.json", source)


@cache
def _figure(is_curve):
    """Draw a figure whose labels are traps, 2 x 1 inches; of curves one that holds pictures."""
    with styled():
        figure = Figure(figsize=(2, 1))
        axes = figure.subplots()
        axes.plot([0, 1], [0, 1], label=TRAPS[1])
        axes.text(0.5, 0.5, "\n".join(TRAPS))
        for place in range(2 * is_curve):
            figure.add_axes((place / 2, 0, 0.4, 0.4)).imshow(np.eye(2))
    with tempfile.TemporaryDirectory() as folder:
        paths = [Path(folder, f"figure.{ending}") for ending in ("png", "svg")]
        write_figure(figure, *paths)
        return {path.suffix: path.read_bytes() for path in paths}


def _write_figure(path, caption):
    for ending, data in _figure("curves" in path.parts).items():
        with whole_file(path.with_suffix(ending)) as partial:
            partial.write_bytes(data)
    write_text(path.with_suffix(".txt"), caption)


def _write_tables(study, report, accuracy):
    accuracies = {point: [accuracy(*point, r) for r in range(2)] for point in points(study)}
    rows = ([*point, r, each] for point, own in accuracies.items() for r, each in enumerate(own))
    write_table(report / "accuracy.csv", (*KEYS, "repeat", "test_accuracy"), rows)
    summary = ([*point, *summary_cells(own)] for point, own in accuracies.items())
    write_table(report / "summary.csv", SUMMARY_COLUMNS, summary)
    write_table(report / "calibration.csv", Reliability._fields, [])
    contrasts = (
        each for dataset in study["datasets"] for each in _contrast(study, dataset, accuracies)
    )
    write_rows(report / "contrasts.csv", Contrast._fields, contrasts)
    for name, rows in _answers(study, accuracies).items():
        write_records(report / f"{name}.csv", RECORDS[name], rows)
    write_table(
        report / "gradients.csv", ("checked", "largest_difference"), [(HOSTILE, 1.23456e-9)]
    )


def _answers(study, accuracies):
    """Make the tables that follow from predictions; every class and image in them is a trap."""
    rows = {name: [] for name in RECORDS.keys() - {"contrasts"}}
    for dataset in study["datasets"]:
        for shots in (2, 4):
            rows["choices"] += _choices(dataset, shots, accuracies)
        best = rows["choices"][-3].point
        line = best[:4]
        gains = 0.8, 0.7, 0.85, 0.2, 0.1, 0.25
        rows["forecast"].append(Forecast(*line, 8, best.head, 4, *gains, math.nan))
        rows["wanted"].append(Wanted(*line, best.head, 4, 0.9, *[math.nan] * 3))
        for number, name in enumerate(TRAPS):
            other = TRAPS[number - 1]
            fares = 2, 4, 0.25, 0.1, 0.6, 0.5, other, 0.75
            rows["classes"].append(ClassResult(*best, name, *fares))
            rows["confusion"].append(Confusion(dataset, name, other, 3, 0.75))
            for image in range(6):
                sure, place = 0.9 - 0.1 * image, len(TRAPS) * image + number + 1
                judged = 2, 0.0, sure, 0.0, 4, 0.05, other, place
                row = 6 * number + image
                rows["images"].append(
                    JudgedImage(dataset, row, f"{name}/{image}.png", name, *judged)
                )
        rows["neighbours"].append(Neighbour(dataset, 0, 0, 1, 9, 1.5))
    return rows


def _choices(dataset, shots, accuracies):
    """Put the heads of a dataset in their order; the second can't be told from the first."""
    own = [point for point in accuracies if (point.dataset, point.shots) == (dataset, shots)]
    own.sort(key=lambda point: -sum(accuracies[point]))
    summary = summarise_accuracy({point: accuracies[point] for point in own})
    return [
        Choice(
            *point,
            rank,
            2,
            *(summary[point][f"test_accuracy_{part}"] for part in ("mean", "low", "high")),
            *([math.nan] * 5 if rank == 1 else [0.01, -0.02, 0.04, 0.5, 0.9]),
            256,
            0.01,
            int(rank <= 2),
            int(rank == 1),
        )
        for rank, point in enumerate(own, 1)
    ]


def _write_thumbnails(path):
    file = io.BytesIO()
    Image.new("RGB", (96, 96), "#0072B2").save(file, "JPEG")
    picture = base64.b64encode(file.getvalue()).decode()
    write_json(path, {f"{name}/{image}.png": picture for name in TRAPS for image in range(6)})


def _contrast(study, dataset, accuracies):
    draws = make_draws(2, len(TRAPS))
    own = {p: judge(values, draws) for p, values in accuracies.items() if p.dataset == dataset}
    facts = {
        "solvers": {name: head["solver"] for name, head in study["heads"].items()},
        "layers": ["fc2"],
        "controls": controls(study),
    }
    place = {"dataset": dataset, "draws": draws, "right": own, "groups": {"shots": [*own]}}
    return all_contrasts(make_basis({}, **place, **facts))


def default_accuracy(dataset, backbone, layer, temperature, shots, head, repeat):
    """Accuracy of a grid point: 50 % at 2 shots and 60 % at 4, the control a tenth of that."""
    value = 0.4 + 0.05 * shots + 0.01 * repeat
    return value if backbone == "small" else value / 10


def write_world(folder, accuracy=default_accuracy):
    """Write all files of a study and return the arguments of `report.report`.

    Parameters
    ----------
    folder : Path
    accuracy : callable
        From the six keys of a grid point and the repeat to a test accuracy.
    """
    study, report = _study(), folder / "reports" / "tiny"
    _write_tables(study, report, accuracy)
    rows = [
        ("1", "Learning curves", "plain", "1: end to end", "accuracy", CURVE.format("a")),
        ("5", "Learning curves", "plain", "1: end to end", "loss", CURVE.format("a")),
        ("17", "Accuracy against shots", "plain", "", "shots", "figures/plain/shots.png"),
        ("31", "", "", "2: cached", "not in this study: Urban Tribes", ""),
        ("", HOSTILE, HOSTILE, "", HOSTILE, "figures/plain/odd.png"),
        ("", "Learning curves", "plain", "2: cached", "of a layer", CURVE.format("b")),
    ]
    write_table(report / "figures/index.csv", INDEX, rows)
    for file in {row[5] for row in rows} - {""}:
        _write_figure(report / file, "What is drawn.\n\n" + "\n\n".join(TRAPS))
    folders = [folder / "results" / f"dataset{n}" for n in range(2)]
    for each in folders:
        each.mkdir(parents=True)
        _write_images(each)
    backbones = [folder / f"{name}.json" for name in study["backbones"]]
    for path in backbones:
        network = {"weights": path.stem * 8, "image_size": 32, "layers": {"fc2": [256]}}
        network |= {"prefix_tokens": 0, "hub": None}
        write_json(path, network)
    thumbnails = [report / f"thumbnails/{n}.json" for n in range(2)]
    for path in thumbnails:
        _write_thumbnails(path)
    absent = ("distillation", "costs", "comparison", "surpassed")
    return {
        "study": study,
        "index_path": report / "figures/index.csv",
        **{f"{name}_path": report / f"{name}.csv" for name in ("accuracy", "gradients")},
        "timings_path": None,
        "table_paths": {
            name: None if name in absent else report / f"{name}.csv" for name in TABLES
        },
        "thumbnails_paths": thumbnails,
        "manifest_paths": [each / "manifest.csv" for each in folders],
        "draws_paths": [each / "draws.csv" for each in folders],
        "pool_paths": [each / "pool.csv" for each in folders],
        "source_paths": [each / "source.json" for each in folders],
        "backbone_paths": backbones,
        "template_path": TEMPLATE,
        "report_path": report / "report.html",
        "answers_path": report / "answers.txt",
    }
