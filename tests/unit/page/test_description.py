import hashlib
from importlib import metadata

import numpy as np
import pytest

from fewshot.data.draws import Draws, write_draws
from fewshot.data.manifest import ManifestRow
from fewshot.data.pool import PoolRow
from fewshot.files import write_json
from fewshot.page.description import data_quality, describe_study
from fewshot.records import write_records


def image(name, sha256, status="ok", group="", reason="", class_name="a"):
    group = group or sha256
    return ManifestRow(name, class_name, sha256, status=status, group=group, reason=reason)


# One picture with an exact and two near copies, two without, one under two labels.
MANIFEST = [
    image("a", "1"),
    image("b", "1", "copy", "1", "same picture as a"),
    image("c", "2", "copy", "1", "same picture as a"),
    image("c2", "3", "copy", "1", "same picture as a"),
    image("d", "4", "disputed", "4", "same picture as e of class x"),
    image("e", "5", "disputed", "4", "same picture as d of class y"),
    image("f", "6", class_name="z"),
    image("f2", "7", group="6", class_name="y"),  # kept together by the user
    image("g", "", "rejected", "", "truncated", class_name="m"),
]
# Classes z and m of the manifest are not in the pool, and y is excluded.
POOL = [PoolRow(row, f"{row}", "ac"[row % 2], row % 2, f"{row}", f"{row}") for row in range(5)]
PLACES = np.array([[0, 0], [0, 0], [1, 0], [1, 1], [2, 1]])


@pytest.fixture
def basis(tmp_path):
    return described(tmp_path, "urban_tribes")


def described(tmp_path, role):
    write_records(tmp_path / "manifest.csv", ManifestRow, MANIFEST)
    write_records(tmp_path / "pool.csv", PoolRow, POOL)
    write_draws(Draws(np.array([0, 1, 0, 1, 0]), np.arange(5), PLACES), tmp_path / "draws.csv")
    write_json(tmp_path / "source.json", {"sha256": "f" * 64, "files": 9})
    network = {"weights": "e" * 64, "image_size": 224, "layers": {"pool": [7, 7, 512]}}
    network |= {"resize": "crop", "interpolation": "bicubic", "crop_fraction": 0.875}
    network |= {"prefix_tokens": 0, "hub": None}
    # A transformer of KerasHub, whose values are 0 to 255 brought to -1 to 1.
    hub = {"class_name": "SigLIPVisionEncoder", "arguments": {}}
    hub |= {"scale": [2 / 255] * 3, "offset": [-1.0] * 3}
    tokens = network | {"hub": hub, "layers": {"head": [768]}, "resize": "squash"}
    write_json(tmp_path / "hub.json", tokens | {"crop_fraction": 1.0})
    write_json(tmp_path / "net.json", network)
    descent = {"epochs": 11, "batch_size": 32, "learning_rate": 0.001, "momentum": 0.9}
    study = {
        "datasets": {"letters": {"source": "x.zip", "role": role, "exclude": ["y"]}},
        "backbones": {
            "net": {
                **{"network": "VGG16", "weights": "imagenet", "layers": [["pool"]]},
                "licence": None,
            },
            "hub": {
                **{"network": "siglip2_base_patch16_224", "weights": "preset"},
                **{"layers": [["head"]], "licence": "Apache-2.0"},
            },
        },
        "draws": {"test": 8},
        "heads": {
            "flipped": {"solver": "end_to_end", "augment": True, **descent},
            "whole": {"solver": "end_to_end", "augment": False, **descent},
            "tuned": {"solver": "logistic"},
            "hasty": {"solver": "logistic", "repeats": 2},
        },
    }
    return describe_study(
        study,
        source_paths=[tmp_path / "source.json"],
        manifest_paths=[tmp_path / "manifest.csv"],
        pool_paths=[tmp_path / "pool.csv"],
        draws_paths=[tmp_path / "draws.csv"],
        backbone_paths=[tmp_path / "net.json", tmp_path / "hub.json"],
    )


def test_quality_of_a_manifest_counted_by_hand(tmp_path):
    write_records(tmp_path / "manifest.csv", ManifestRow, MANIFEST)
    found = data_quality("letters", tmp_path / "manifest.csv")
    assert (found.found, found.usable) == (9, 6)
    assert (found.groups, found.exact, found.near) == (1, 1, 2)
    assert found.rejected == [("g", "truncated")]
    assert found.disputed_groups == 1
    assert found.disputed == [
        ("d", "same picture as e of class x"),
        ("e", "same picture as d of class y"),
    ]


def test_dataset_and_network(basis):
    (dataset,) = basis["datasets"]
    assert (dataset["classes"], dataset["pool"], dataset["test"]) == (2, 5, "2 to 3")
    assert dataset["skipped"] == ["m", "z"]
    assert (dataset["role"], dataset["stands_in"]) == ("Urban Tribes", True)
    assert basis["backbones"][0]["layers"] == [("pool", "7 × 7 × 512")]
    assert basis["backbones"][0]["framing"] == "crop 0.875, bicubic"


def test_where_a_network_is_from_its_licence_and_what_it_is_shown(basis):
    told = [
        [backbone[key] for key in ("source", "licence", "framing", "pixels")]
        for backbone in basis["backbones"]
    ]
    assert told == [
        ["keras.applications", "", "crop 0.875, bicubic", ""],
        [
            *("KerasHub", "Apache-2.0", "squash, bicubic"),
            "red, green and blue from 0 to 255 × (0.007843, 0.007843, 0.007843) + (-1, -1, -1)",
        ],
    ]


def test_heads_are_told_with_their_settings(basis):
    heads = dict(basis["heads"])
    assert "11 epochs in batches of 32, rate 0.001, momentum 0.9" in heads["whole"]
    assert heads["flipped"].startswith(heads["whole"])
    assert "flipped" in heads["flipped"].removeprefix(heads["whole"])
    assert heads["hasty"] == f"{heads['tuned']}; trained on the first 2 repeats only"


def test_approaches_have_numbers_beside_the_original_report_alone(basis, tmp_path):
    assert dict(basis["heads"])["whole"].startswith("approach 1, end to end: the whole")
    alone = dict(described(tmp_path, None)["heads"])
    assert alone["whole"].startswith("end to end: the whole")


def test_digests_and_versions(basis, tmp_path):
    digests = dict(basis["digests"])
    for table in ("manifest.csv", "pool.csv", "draws.csv"):
        expected = hashlib.sha256((tmp_path / table).read_bytes()).hexdigest()
        assert digests[f"letters: {table}"] == expected
    assert digests["letters: archive"] == "f" * 64
    assert digests["net: weights"] == "e" * 64
    versions = dict(basis["versions"])
    assert [*versions][:3] == ["python", "snakemake", "keras"]
    assert versions["numpy"] == metadata.version("numpy")
