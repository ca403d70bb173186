"""Looking first: what was found of a study's images, and what the study will take of the machine."""

import json
import math
import shutil
import sys
import textwrap
from collections import Counter
from pathlib import Path

import numpy as np

from fewshot.data.manifest import ManifestRow
from fewshot.data.pool import draw_pool
from fewshot.errors import InputError
from fewshot.figures.words import count_repeats, span
from fewshot.files import read_json
from fewshot.names import shown
from fewshot.page.description import data_quality
from fewshot.progress import duration
from fewshot.records import read_records
from fewshot.results.timings import read_extraction
from fewshot.study.config_errors import line
from fewshot.study.forward_passes import passes
from fewshot.study.grid import points, students
from fewshot.study.layer_checks import layer_errors
from fewshot.study.network_layers import find_layers
from fewshot.study.pooling import layer_shape
from fewshot.study.protocol import pool_arguments
from fewshot.study.solvers import solver_of

_LISTED = 24  # classes that are all named; of more, those with the fewest and the most images
_REASONS = 5
_WIDTH = 96  # columns


def overview(study):
    """Say what the scans of a study's datasets found, and what the study will take.

    Parameters
    ----------
    study : dict
        From `fewshot.study.read.read_study`.

    Yields
    ------
    str
        A line.

    Raises
    ------
    InputError
        If a manifest is not as it was written.
    """
    images, stops = {}, []
    for name in study["datasets"]:
        path = f"results/{name}/manifest.csv"
        yield from _dataset_lines(study, name, path)
        try:
            rows = read_records(path, ManifestRow)
            images[name] = len(draw_pool(rows, **pool_arguments(study, name)))
        except InputError as error:
            stops.append(f"{name}: {error}")
    # Building a network takes seconds; where none can be built, the stage weights will say why.
    shapes = {name: find_layers(name, each, True) for name, each in study["backbones"].items()}
    stops += [line(*wrong) for wrong in layer_errors(study, lambda name, *_: shapes[name])]
    if stops:
        yield "What will stop the study:"
        yield from (f"  {shown(each)}" for each in stops)
    else:
        yield "What the study takes, at most: what is there already is not done again."
        yield from _cost_lines(study, images, shapes)


def _dataset_lines(study, name, path):
    """Yield what the scan of a dataset found."""
    rows, quality = read_records(path, ManifestRow), data_quality(name, path)
    excluded = study["datasets"][name]["exclude"]
    counts = Counter(row.class_name for row in rows if row.status in ("ok", "copy"))
    counts = {each: counts[each] for each in sorted({row.class_name for row in rows} - {""})}
    counts = {each: count for each, count in counts.items() if each not in excluded}
    number = f"{len(counts)} class{'es' * (len(counts) != 1)}"
    yield f"{name}: {number}, of each {span(counts.values() or [0])} images that can be used"
    ordered = sorted(counts, key=counts.get)
    half = _LISTED // 2
    groups = {"fewest: ": ordered[:half], "most: ": ordered[-half:]}
    for head, names in groups.items() if len(counts) > _LISTED else [("", [*counts])]:
        said = (
            f"{each if each == each.strip(' ') else repr(each)} {counts[each]}" for each in names
        )
        yield from _wrapped(head + ", ".join(said))
    if present := [each for each in excluded if any(row.class_name == each for row in rows)]:
        yield from _wrapped(f"excluded: {', '.join(present)}")
    if quality.rejected:
        yield f"  can't be used: {len(quality.rejected)} of {quality.found}"
        reasons = Counter(reason for _, reason in quality.rejected).most_common()
        for reason, count in reasons[:_REASONS]:
            example = next(image for image, other in quality.rejected if other == reason)
            yield f"    {count}: {shown(reason)}, as {shown(example)}"
        if others := sum(count for _, count in reasons[_REASONS:]):
            yield f"    {others}: other reasons"
    if quality.exact or quality.near:
        yield (
            f"  copies: {quality.exact} of the same file, {quality.near} of nearly the same "
            "picture; a draw keeps them together"
        )
    if quality.disputed:
        example = shown(quality.disputed[0][0])
        yield f"  disputed, not used: {len(quality.disputed)} with several labels, as {example}"
    for text in quality.notes:
        yield from _wrapped(text)
    yield f"  more in {path} and {Path(path).with_name('scan.log')}"


def _wrapped(text):
    return textwrap.wrap(shown(text), _WIDTH, initial_indent="  ", subsequent_indent="    ")


def _cost_lines(study, images, shapes):
    """Yield forward passes, bytes and seconds of each backbone on each dataset, and the heads."""
    bytes_of_number = np.dtype(study["extraction"]["storage"]).itemsize
    total, is_whole = 0, all(shapes[name] for name in study["backbones"])
    for name in study["backbones"]:
        read, known = passes(study, name), shapes[name] or {}
        widths = [
            math.prod(layer_shape(known, layer))
            for each in read.values()
            for layer in each
            if known
        ]
        rate = _images_a_second(name)
        for dataset, count in images.items():
            size = count * sum(widths) * bytes_of_number
            total += size
            pace = f", about {duration(count * len(read) / rate)}" if rate else ""
            yield (
                f"  {dataset}, {name}: {len(read)} forward pass{'es' * (len(read) > 1)} of {count} "
                f"images, {_size(size) if known else 'an unknown size'} of activations{pace}"
            )
        if rate:
            yield f"  {name}: {rate:.3g} images/s in its last extraction on this machine"
    further = "" if is_whole else " and what is unknown,"
    free = _size(shutil.disk_usage(".").free)
    yield f"  {_size(total)}{further} of {free} that are free here"
    repeats = study["draws"]["repeats"]
    grid = points(study)
    ends = [point for point in grid if solver_of(study, point.head).runs_network]
    trained = f"{len(grid) - len(ends)} heads on kept activations"
    trained += f", {len(ends)} networks end to end" if ends else ""
    trained += f", {len(students(study))} students" if students(study) else ""
    yield f"  {trained}, of up to {count_repeats([repeats])}"


def _size(count):
    return f"{count / 1e9:.3g} GB" if count >= 1e9 else f"{count / 1e6:.3g} MB"


def _images_a_second(backbone):
    """Read how fast the last extraction of a backbone was here, 0 where there is none."""
    lists = Path("results").glob(f"*/{backbone}/passes/*/part-*.json")
    for path in sorted(lists, key=lambda path: path.stat().st_mtime, reverse=True)[:1]:
        images, seconds = read_extraction([path], next(iter(read_json(path))))
        return images / seconds if seconds else 0
    return 0


if __name__ == "__main__":
    for text in overview(json.load(sys.stdin)):
        print(text)
