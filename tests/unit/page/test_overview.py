"""Looking first: the numbers are those of the manifest and of the network, and errors come early."""

import copy

import pytest

from fewshot.data.manifest import ManifestRow
from fewshot.files import write_json, write_text
from fewshot.page.overview import overview
from fewshot.records import write_records
from fewshot.study.read import read_study

CONFIG = {
    "study": "tiny",
    "datasets": {"pets": {"source": "data/pets", "classes": "folders", "exclude": ["rat"]}},
    "backbones": {
        "small": {"network": "SmallVGG", "weights": "none", "layers": [["block5_pool", "fc2"]]}
    },
    "draws": {"test": 2, "images_per_class": 4, "repeats": 3},
    "heads": {
        "tuned": {"solver": "logistic"},
        "whole": {"solver": "end_to_end", "epochs": 1},
    },
    "experiments": {"shots": {"layers": ["fc2"], "shots": [1, 2], "heads": ["tuned", "whole"]}},
}


def rows(name, usable, **others):
    """Rows of a class: images that can be used, and one of each other status with its reason."""
    for number in range(usable):
        yield ManifestRow(f"{name}/{number}", name, f"{name}{number}", status="ok", group=name * 9)
    for status, reason in others.items():
        yield ManifestRow(f"{name}/{status}", name, f"{name}0", status=status, reason=reason)


MANIFEST = [
    *rows("cat", 5, rejected="HEIC, save it as JPEG or PNG", copy="same file as cat/0"),
    *rows("dog", 4, rejected="HEIC, save it as JPEG or PNG", disputed="same picture as fox/0"),
    *rows("fox\n", 7, rejected="truncated"),
    *rows("rat", 1),
]


@pytest.fixture
def told(tmp_path, monkeypatch):
    """Return a function that gives the overview of a study whose classes have these rows."""
    monkeypatch.chdir(tmp_path)

    def told(manifest=MANIFEST, **changes):
        write_records(tmp_path / "results/pets/manifest.csv", ManifestRow, manifest)
        config = copy.deepcopy(CONFIG)
        config["draws"] |= changes
        return list(overview(read_study(config)))

    return told


def test_what_was_found_and_what_it_takes(told):
    write_text("results/pets/scan.log", "read\nNote: 2 images keep 12 bits in 16\nno note\n")
    lines = told()
    assert lines[:-2] == [
        "pets: 3 classes, of each 4 to 7 images that can be used",
        r"  cat 6, dog 4, fox\n 7",
        "  excluded: rat",
        "  can't be used: 3 of 22",
        "    2: HEIC, save it as JPEG or PNG, as cat/rejected",
        r"    1: truncated, as fox\n/rejected",
        "  copies: 1 of the same file, 0 of nearly the same picture; a draw keeps them together",
        "  disputed, not used: 1 with several labels, as dog/disputed",
        "  2 images keep 12 bits in 16",
        "  more in results/pets/manifest.csv and results/pets/scan.log",
        "What the study takes, at most: what is there already is not done again.",
        # 3 classes of 4 images; 96 + 256 numbers of 2 bytes each
        "  pets, small: 1 forward pass of 12 images, 0.00845 MB of activations",
    ]
    assert lines[-2].startswith("  0.00845 MB of ")
    assert lines[-1] == "  2 heads on kept activations, 2 networks end to end, of up to 3 repeats"


def test_the_last_extraction_of_the_backbone_tells_how_long_it_takes(told, tmp_path):
    folder = tmp_path / "results/other/small/passes/block5_pool"
    index = {"block5_pool": {"width": 96, "seconds": 50.0, "runs": [["a", 0, 20], ["b", 3, 5]]}}
    write_json(folder / "part-1-of-1.json", index)
    lines = told()
    assert "  small: 0.5 images/s in its last extraction on this machine" in lines
    assert any(line.endswith("0.00845 MB of activations, about 24 s") for line in lines)


def test_what_will_stop_the_study_is_told_now(told, monkeypatch):
    monkeypatch.setitem(CONFIG["backbones"]["small"], "layers", ["fc2", "block5_pol"])
    stops = told(images_per_class=6)[-3:]
    assert stops[0] == "What will stop the study:"
    assert stops[1].startswith("  pets: ")
    assert "'dog' has 4 usable images" in stops[1]
    assert stops[2] == (
        "  backbones.small.layers: no such layer. Received: block5_pol. Hint: did you mean "
        "block5_pool?"
    )


def test_of_many_classes_those_with_the_fewest_and_the_most_images_are_named(told):
    many = [row for number in range(99) for row in rows(f"c{number:02}", 4 + number)]
    lines = told(many)
    assert lines[0] == "pets: 99 classes, of each 4 to 102 images that can be used"
    text = " ".join(line.strip() for line in lines[1:5])
    assert text.startswith("fewest: c00 4, c01 5, ")
    assert " c11 15 most: c87 91, " in text
    assert text.endswith("c98 102")


def test_of_a_network_that_cannot_be_built_no_size_is_told(told, monkeypatch):
    monkeypatch.setitem(CONFIG["backbones"]["small"], "image_size", 7)
    assert any(line.endswith("an unknown size of activations") for line in told())
