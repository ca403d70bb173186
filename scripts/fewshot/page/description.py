"""What a study stands on: datasets and their quality, networks, heads, digests, versions."""

import platform
from importlib.metadata import PackageNotFoundError, version
from typing import NamedTuple

from fewshot.data.draws import read_draws
from fewshot.data.framing import Framing
from fewshot.data.manifest import ManifestRow
from fewshot.data.pool import PoolRow, skipped_classes
from fewshot.figures.words import count_repeats, span
from fewshot.files import file_sha256, read_json
from fewshot.page.notes import read_notes
from fewshot.records import read_records
from fewshot.study.forward_passes import stored_layer
from fewshot.study.networks import source_of
from fewshot.study.original import APPROACHES, ROLE_NAMES
from fewshot.study.pooling import layer_shape
from fewshot.study.solvers import SOLVERS

_PACKAGES = (
    *("snakemake", "keras", "tensorflow", "numpy", "scipy", "h5py", "pandas", "matplotlib"),
    "pillow",
)


def describe_study(study, source_paths, manifest_paths, pool_paths, draws_paths, backbone_paths):
    """Describe what a study stands on, from its config and the files of its first stages.

    Parameters
    ----------
    study : dict
        Every key, with its defaults filled in.
    source_paths, manifest_paths, pool_paths, draws_paths : list of str
        A file for each dataset, in the order of the study.
    backbone_paths : list of str
        A file for each backbone, in the order of the study.

    Returns
    -------
    dict
        datasets, backbones, heads, qualities, digests and versions, each a list.
    """
    qualities = list(map(data_quality, study["datasets"], manifest_paths))
    networks = [read_json(path) for path in backbone_paths]
    numbered = any(dataset["role"] for dataset in study["datasets"].values())
    digests = []
    tables = {"manifest.csv": manifest_paths, "pool.csv": pool_paths, "draws.csv": draws_paths}
    for number, name in enumerate(study["datasets"]):
        source = read_json(source_paths[number])
        folder = f"a folder with {source['files']} files: see manifest.csv"
        digests.append((f"{name}: archive", source["sha256"] or folder))
        digests += [
            (f"{name}: {table}", file_sha256(paths[number])) for table, paths in tables.items()
        ]
    for name, network in zip(study["backbones"], networks, strict=True):
        digests.append((f"{name}: weights", network["weights"]))
    return {
        "datasets": [
            _dataset(study, *each)
            for each in zip(
                study["datasets"], manifest_paths, pool_paths, draws_paths, qualities, strict=True
            )
        ],
        "backbones": [
            _backbone(study, *each) for each in zip(study["backbones"], networks, strict=True)
        ],
        "heads": [(name, _head(head, numbered)) for name, head in study["heads"].items()],
        "qualities": qualities,
        "digests": digests,
        "versions": _software_versions(),
    }


def _dataset(study, name, manifest_path, pool_path, draws_path, quality):
    dataset, draws = study["datasets"][name], read_draws(draws_path)
    manifest, pool = read_records(manifest_path, ManifestRow), read_records(pool_path, PoolRow)
    return {
        "name": name,
        "role": ROLE_NAMES.get(dataset["role"], ""),
        "stands_in": dataset["role"] not in (None, name),
        "source": dataset["source"],
        "classes": draws.classes,
        "found": quality.found,
        "pool": len(draws.labels),
        "test": span(draws.tested),
        "skipped": skipped_classes(manifest, pool, dataset["exclude"]),
    }


def _backbone(study, name, network):
    backbone = study["backbones"][name]
    read = [layer for entry in backbone["layers"] for layer in entry]
    framing = Framing.of(network)
    cut = f" {framing.crop_fraction:g}" if framing.crop_fraction != 1 else ""
    return {
        "name": name,
        "network": backbone["network"],
        "source": source_of(backbone["network"]),
        "weights": backbone["weights"],
        "licence": backbone["licence"] or "",
        "image_size": network["image_size"],
        "framing": f"{framing.resize}{cut}, {framing.interpolation}",
        "pixels": _pixels(network["hub"]),
        "layers": [
            (each, " × ".join(map(str, layer_shape(network, stored_layer(each))))) for each in read
        ],
    }


def _pixels(hub):
    """Say what a network of KerasHub makes of red, green and blue; others say it in their code."""
    if hub is None:
        return ""
    parts = (", ".join(f"{number:.4g}" for number in hub[key]) for key in ("scale", "offset"))
    return "red, green and blue from 0 to 255 × ({}) + ({})".format(*parts)


def _head(head, numbered):
    """Describe a head; approaches have numbers only beside the original, which gave them."""
    solver = SOLVERS[head["solver"]]
    said = solver.described.format(**head)
    if numbered and solver.approach:
        said = f"approach {APPROACHES[solver.approach]}, {said}"
    if head.get("augment"):
        said += "; training images are flipped, moved and zoomed at random"
    if "repeats" in head:
        said += f"; trained on the first {count_repeats([head['repeats']])} only"
    return said


def _software_versions():
    """List Python and the packages that results depend on, with the versions in use."""
    versions = [("python", platform.python_version())]
    for package in _PACKAGES:
        try:
            versions.append((package, version(package)))
        except PackageNotFoundError:
            versions.append((package, "not installed"))
    return versions


class Quality(NamedTuple):
    """What the scan of a dataset found."""

    dataset: str
    found: int
    usable: int
    rejected: list  # of (image, reason)
    groups: int  # groups in which pictures are there more than once under one label
    exact: int  # images that are the same file as another of their group
    near: int  # other images beyond the first of each group
    disputed_groups: int  # groups in which pictures are there under several labels
    disputed: list  # of (image, reason): all images of these
    notes: list  # of the logs of fetch and scan


def data_quality(dataset, manifest_path):
    """Count what a manifest holds.

    Parameters
    ----------
    dataset : str
    manifest_path : str

    Returns
    -------
    Quality
    """
    rows = read_records(manifest_path, ManifestRow)
    usable = [row for row in rows if row.status in ("ok", "copy")]
    disputed = [row for row in rows if row.status == "disputed"]
    copies = [row for row in usable if row.status == "copy"]
    exact = len(usable) - len({row.sha256 for row in usable})
    return Quality(
        dataset,
        found=len(rows),
        usable=len(usable),
        rejected=_reasons(row for row in rows if row.status == "rejected"),
        groups=len({row.group for row in copies}),
        exact=exact,
        near=len(copies) - exact,
        disputed_groups=len({row.group for row in disputed}),
        disputed=_reasons(disputed),
        notes=read_notes(manifest_path),
    )


def _reasons(rows):
    return [(row.image, row.reason) for row in rows]
