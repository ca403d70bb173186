"""Every file of a finished study, damaged: the next reader refuses it by name, or reads the same."""

import pickle
import random
import re
import shutil
import subprocess
from fnmatch import fnmatch
from functools import cache, partial

import numpy as np
import pandas as pd
import pytest
from projects import accuracies, half_written, jobs, run, run_study

from fewshot.backbone.activations import open_piece, read_columns
from fewshot.backbone.coordinates import read_coordinates
from fewshot.backbone.weight_files import load_described, weights_digest
from fewshot.data.archives import unpack
from fewshot.data.decoding import read_pool_image
from fewshot.data.draws import read_draws
from fewshot.data.framing import Framing
from fewshot.data.manifest import ManifestRow
from fewshot.data.pool import PoolRow
from fewshot.errors import InputError
from fewshot.files import read_json
from fewshot.hdf5 import open_hdf5
from fewshot.hdf5 import read_rows as read_dataset
from fewshot.heads.fitted import read_head
from fewshot.heads.head_files import read_results
from fewshot.heads.predictions import read_predictions
from fewshot.heads.student_files import read_distilled
from fewshot.page.pictures import read_index, read_pictures
from fewshot.page.tables import read_table
from fewshot.records import read_records
from fewshot.results.comparison import Compared
from fewshot.results.curves import read_curves
from fewshot.results.distillation import read_students
from fewshot.results.frames import read_rows
from fewshot.results.study_tables import RECORDS
from fewshot.results.tables import read_summary
from fewshot.results.timings import read_benchmark

pytestmark = pytest.mark.slow

FLIPS = 50
BINARY = (".h5", ".zip", ".png")
COORDINATES = "results/letters/small/fc2/T1/coordinates.h5"
FEATURE_MAPS = "reports/every/figures/letters/small_feature_maps.png"
PAGE = b"<!DOCTYPE html>\n<html><title>503</title>Service unavailable</html>\n"


def read_piece(path):
    with open_piece(path) as (activations, _):
        rows, width = activations.shape
    return read_columns([[path.name, 0, rows]], path.parent, 0, width)


def read_all_coordinates(path):
    index = read_json(path.with_suffix(".json"))
    return read_coordinates(path, path.with_suffix(".json"), np.arange(index["images"]))


def read_baseline(path):
    with open_hdf5(path, ("rows", "weights", "bias")) as datasets:
        return list(map(read_dataset, datasets))


def read_archive(path):
    folder = path.parent / "unpacked"
    unpack(path, folder)
    files = {str(file): file.read_bytes() for file in folder.rglob("*") if file.is_file()}
    shutil.rmtree(folder)
    return files


def read_image(path):
    root = next(each for each in path.parents if each.name == "armenian")
    pool = {row.image: row for row in read_records(root.parents[1] / "pool.csv", PoolRow)}
    return read_pool_image(root, pool[path.relative_to(root).as_posix()], Framing(32))


def read_figure(path):
    report = next(each for each in path.parents if each.name == "figures").parent
    file = path.with_suffix(".png").relative_to(report).as_posix()
    blank = dict.fromkeys(("figure", "dataset", "approach", "shows", "anchor"), "")
    return read_pictures([{**blank, "category": "Layers", "file": file}], report)


@cache
def build(network, include_top, image_size):
    from fewshot.backbone.networks import build_network

    own = {"network": network, "include_top": include_top, "image_size": image_size}
    return build_network(own).model


def read_weights(path):
    """Load weights as extraction does, and give them all by their digest."""
    backbone = read_json(path.with_name(path.name.replace(".weights.h5", ".json")))
    model = build(*(backbone[key] for key in ("network", "include_top", "image_size")))
    load_described(model, path, backbone["weights"])
    return weights_digest(model)


# What reads each file of a study in the stages after it.
READERS = {
    "results/backbones/*.weights.h5": read_weights,
    "results/letters/source.json": read_json,
    "results/letters/manifest.csv": partial(read_records, record=ManifestRow),
    "results/letters/pool.csv": partial(read_records, record=PoolRow),
    "results/letters/draws.csv": read_draws,
    "results/letters/images/*.png": read_image,
    "results/characters/*.zip": read_archive,
    "results/backbones/*.json": read_json,
    "results/*/pieces/*.h5": read_piece,
    "results/*/passes/*.json": read_json,
    "results/*/coordinates.json": read_json,
    "results/*/coordinates.h5": read_all_coordinates,
    "results/*-shot/baseline.h5": read_baseline,
    "results/*-shot/*.predictions.h5": read_predictions,
    "results/*-shot/*.h5": read_head,
    "results/*-shot/*.distilled.csv": read_distilled,
    "results/*-shot/*.curves.csv": read_curves,
    "results/*-shot/*.csv": read_results,
    "results/*.benchmark.tsv": read_benchmark,
    "reports/every/summary.csv": read_summary,
    **{
        f"reports/every/{name}.csv": partial(read_records, record=record)
        for name, record in RECORDS.items()
    },
    "reports/every/thumbnails/*.json": read_json,
    "reports/every/calibration.csv": read_rows,
    "reports/every/distillation.csv": read_students,
    "reports/every/comparison.csv": partial(read_records, record=Compared),
    "reports/every/figures/index.csv": read_index,
    "reports/every/*.csv": lambda path: read_table(path, "", ""),
    "reports/every/figures/*.png": read_figure,
    "reports/every/figures/*.svg": read_figure,
    "reports/every/figures/*.txt": read_figure,
}
# For people, or for Snakemake, which compares it with what it was; and curves of no epochs.
READ_BY_NO_STAGE = (
    *("*.log", "*/report.html", "*/curves.json", "*/.snakemake_timestamp"),
    *("*/answers.txt", "*/summary.md", "*/summary.tex", "*/references.bib"),
    "*/tuned.curves.csv",
)


@pytest.fixture(scope="module")
def damaged(every, tmp_path_factory):
    """Copy the study for damage that is undone after each reading."""
    project = tmp_path_factory.mktemp("damaged") / "few shots"
    shutil.copytree(every, project, symlinks=True)
    return project


def published(project):
    """Pair every file of a study with its reader; a digest with the reader of its file.

    Of the images those that are in no pool are read by nobody but the scan, which tells what it finds.
    """
    pool = {row.image for row in read_records(project / "results/letters/pool.csv", PoolRow)}
    for folder in ("results", "reports"):
        for path in sorted((project / folder).rglob("*")):
            if path.is_file():
                digested = re.fullmatch(r"\.(.*)\.sha256", path.name, re.DOTALL)
                target = path.with_name(digested[1]) if digested else path
                name = target.relative_to(project).as_posix()
                if "/images/" in name and name.partition("/armenian/")[2] not in pool:
                    continue
                if not any(fnmatch(name, pattern) for pattern in READ_BY_NO_STAGE):
                    reader = next(read for each, read in READERS.items() if fnmatch(name, each))
                    yield path, target, reader


def damages(data, suffix, rng):
    """Yield a file's bytes emptied, replaced, cut off and, if they are binary, with a bit flipped."""
    yield b""
    yield PAGE
    for length in (len(data) - 1, *(rng.randrange(len(data)) for _ in range(4))):
        yield data[:length]
    for _ in range(FLIPS if suffix in BINARY else 0):
        flipped = bytearray(data)
        flipped[rng.randrange(len(data))] ^= 1 << rng.randrange(8)
        yield bytes(flipped)


def outcome(reader, path):
    """Return what a file holds as bytes, or nothing where it is refused by its name."""
    try:
        return pickle.dumps(reader(path))
    except InputError as error:
        return None if path.name in str(error) else str(error)


def test_no_damage_gives_another_value_or_an_error_without_the_name(damaged):
    rng, tried, refused, kinds = random.Random(0), 0, 0, set()
    for path, target, reader in published(damaged):
        whole, expected = path.read_bytes(), outcome(reader, target)
        assert isinstance(expected, bytes)
        kinds.add(reader)
        for data in damages(whole, path.suffix, rng):
            path.write_bytes(data)
            found = outcome(reader, target)
            assert found in (None, expected), f"{path}: {found[:200]}"
            refused += found is None
            tried += 1
        path.write_bytes(whole)
    assert kinds == {*READERS.values()}
    print(f"{tried} damages, {refused} refused")
    assert tried > 10_000
    assert refused > 0.9 * tried


# A file of each format, the rule that reads it, and what that rule makes of it.
MENDED = {
    # Before others make it anew. Learning curves that are no figure of the original are not read.
    "reports/every/figures/letters/curves/by_*.png": ("report", "reports/every/report.html"),
    "results/letters/pool.csv": ("draw", "results/letters/draws.csv"),
    "results/letters/small/passes/*/part-1-of-1.json": ("compact", COORDINATES),
    "results/letters/small/fc2/pieces/*.h5": ("compact", COORDINATES),
    COORDINATES: ("train_head", "results/letters/small/fc2/T1/4-shot/tuned.csv"),
    "results/letters/small/fc2/T1/4-shot/tuned.h5": (
        "distil",
        "results/letters/small/block4_pool/T1/1-shot/taught.distilled.csv",
    ),
    "results/backbones/small.json": ("plot_network", FEATURE_MAPS),
    "results/backbones/small.weights.h5": ("plot_network", FEATURE_MAPS),
}


def test_the_command_of_the_error_mends_it(damaged):
    before = accuracies(damaged, "every")
    for pattern, (rule, target) in MENDED.items():
        path = next(damaged.glob(pattern))
        path.write_bytes(path.read_bytes()[:-7])
        anew = ("--forcerun", rule, "--", target)
        done = run_study(damaged, *anew)
        assert done.returncode != 0, pattern
        assert "Traceback" not in done.stdout, done.stdout
        errors = [line for line in done.stdout.splitlines() if line.strip().startswith("Error: ")]
        assert errors, done.stdout
        assert all(path.name in error for error in errors), errors
        remedies = {re.search("Hint: (rm .*), then run again", error)[1] for error in errors}
        for remedy in remedies:
            subprocess.run(remedy, shell=True, cwd=damaged, check=True)
        assert rule in jobs(run(damaged, *anew))
    run(damaged, "--forcerun", "collect")
    pd.testing.assert_frame_equal(accuracies(damaged, "every"), before)
    assert half_written(damaged) == []
