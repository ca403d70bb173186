"""Labels from paths: class, part and group, and layouts in which folders are no classes."""

import pytest

from fewshot.data.labels import Label, check_layout, merged_prefixes, part_of, path_labels
from fewshot.data.manifest import ManifestRow
from fewshot.errors import InputError

PETS = ["american_bulldog_1.jpg", "american_pit_bull_terrier_12.jpg", "Abyssinian_3.jpg"]


def classes_of(paths, classes, **others):
    return [label.class_name for label in path_labels(paths, classes, **others)]


def tree(*tops, names=("cat", "dog"), below=""):
    return [f"{top}/{below}{name}/{n}.jpg" for top in tops for name in names for n in range(2)]


@pytest.mark.parametrize(
    ("paths", "classes", "expected"),
    [
        (["cat/a.jpg", "dog/deep/b.jpg"], "folders", ["cat", "dog"]),
        (PETS, "prefix", ["american", "american", "Abyssinian"]),
        (
            PETS,
            {"pattern": r"(?P<class>.+)_\d+\.\w+"},
            ["american_bulldog", "american_pit_bull_terrier", "Abyssinian"],
        ),
        (["cat.0.jpg", "dog.12.jpg"], {"pattern": r"(?P<class>\w+)\."}, ["cat", "dog"]),
        (["x/1/cat/a.jpg"], {"pattern": r"^[^/]+/\d+/(?P<class>[^/]+)/"}, ["cat"]),
    ],
)
def test_classes(paths, classes, expected):
    assert classes_of(paths, classes) == expected


def test_paths_without_a_class_say_why():
    assert path_labels(["a.jpg"], "folders") == [Label(reason="no class folder")]
    assert path_labels(["a.jpg"], "prefix") == [Label(reason="no class before an underscore")]
    # The group may find nothing, or an empty text.
    for pattern in (r"(?P<class>\d+)", r"(?P<class>\d*)", r"(?P<class>\d+)?a"):
        (label,) = path_labels(["a.jpg"], {"pattern": pattern})
        assert label == Label(reason="no class found by the pattern")


@pytest.mark.parametrize(
    ("name", "part"),
    [
        *(
            ("train", "train"),
            ("Training", "train"),
            ("seg_train", "train"),
            ("train2017", "train"),
        ),
        *(("val", "val"), ("valid", "val"), ("validation", "val"), ("imagenet-val", "val")),
        *(
            ("test", "test"),
            ("test_set", "test"),
            ("extra", ""),
            ("train_test", ""),
            ("latest", ""),
        ),
    ],
)
def test_names_of_parts(name, part):
    assert part_of(name) == part


@pytest.mark.parametrize(
    ("classes", "paths"),
    [
        ("folders", ["train/cat/1.jpg", "valid/dog/2.jpg", "Test/cat/3.jpg"]),
        # As some archives have them.
        ("folders", ["train/train/cat/1.jpg", "valid/valid/dog/2.jpg", "Test/Test/cat/3.jpg"]),
        ("prefix", ["train/cat_1.jpg", "valid/dog_2.jpg", "Test/x/cat_3.jpg"]),
        ({"pattern": "^(?P<class>[a-z]+)"}, ["train/cat1.jpg", "valid/dog2.jpg", "Test/cat3.jpg"]),
    ],
)
def test_parts_come_from_the_first_folder_and_classes_from_below(classes, paths):
    expected = [Label("cat", "train"), Label("dog", "val"), Label("cat", "test")]
    assert path_labels(paths, classes, "folders") == expected


def test_what_lies_in_no_part_has_no_class():
    paths = ["train/cat/1.jpg", "unlabelled/cat/2.jpg", "train/3.jpg", "4.jpg"]
    reasons = [label.reason for label in path_labels(paths, "folders", "folders")]
    no_part = "in no folder named train, val or test"
    assert reasons == ["", no_part, "no class folder", no_part]
    with pytest.raises(InputError, match=r"named like train.*Received: cat, dog\. Hint: .*folder"):
        path_labels(["cat/1.jpg", "dog/2.jpg"], "folders", "folders")


def test_a_group_is_what_the_pattern_finds():
    paths = ["cat/1.rf.a.jpg", "cat/1.rf.b.jpg", "dog/1.rf.a.jpg", "dog/plain.jpg"]
    groups = [label.group for label in path_labels(paths, "folders", group=r"(?P<group>.+)\.rf\.")]
    assert groups == ["cat/1", "cat/1", "dog/1", ""]


@pytest.mark.parametrize(
    ("paths", "expected"),
    [
        (tree("train", "val", "test"), "Received: test, train, val, with cat, dog below.*parts: f"),
        (tree("train", "valid"), "parts: folders takes them.*folder: train reads"),
        (tree("seg_train", "seg_test", names="abc", below="x/"), "parts: folders"),
        (["train/a.jpg", "test/b.jpg"], r"Received: test, train\. Hint: .*parts: folders"),
        ([*tree("train"), "train/fox/1.jpg", "test/1.jpg"], "parts: folders"),
        ([*tree("train"), "pred/1.jpg"], "parts: folders.*folder: train"),
        (tree("color", "grayscale", "segmented", names="abc"), "color, .*folder: color reads"),
        (tree("amazon", "webcam", below="images/"), r"'\^\(\?P<class>\[\^/\]\+\)/'"),
        ([*tree("color", "gray"), "notes/1.jpg"], "Received: color, gray, with cat, dog below"),
        (tree("images"), "Received: images, with cat, dog below.*folder: images reads"),
    ],
)
def test_folders_above_the_classes_stop_the_scan_with_the_way_out(paths, expected):
    with pytest.raises(InputError, match=f"(?s)at the top must be classes.*{expected}"):
        path_labels(paths, "folders")


@pytest.mark.parametrize(
    "paths",
    [
        tree("cat", "dog", names=("only",)),
        [*tree("cat", names="ab"), *tree("dog", names="bc"), *tree("fox", names="xy")],
        # A class may be called train, and a few of many classes may have folders alike.
        ["train/1.jpg", "bicycle/1.jpg", "bus/1.jpg"],
        [f"{name}/1.jpg" for name in ("bullet_train", "test_tube", "cup")],
        [*tree("cat", "dog"), *(f"{n}/1.jpg" for n in range(9))],
        ["cat/1.jpg", "dog/1.jpg"],
        ["1.jpg", "2.jpg"],
        [],
    ],
)
def test_folders_that_are_classes_pass(paths):
    check_layout(paths)


def test_prefixes_that_may_have_merged_classes_are_found():
    rows = [ManifestRow(path, path.partition("_")[0]) for path in [*PETS, "american_bulldog_2.jpg"]]
    expected = {"american": ["american_bulldog", "american_pit_bull_terrier"]}
    assert merged_prefixes(rows) == expected
    assert merged_prefixes([ManifestRow(f"biker_group_pic{n}.jpg", "biker") for n in "12"]) == {}


def test_names_that_look_the_same_are_the_same():
    paths = ["u\u0308/a.jpg", "\u00fc/b.jpg"]
    assert classes_of(paths, "folders") == ["\u00fc", "\u00fc"]
    for pattern in ("(?P<class>\u00fc)", "(?P<class>u\u0308)"):
        labels = path_labels(paths, {"pattern": pattern}, group=pattern.replace("class", "group"))
        assert {*labels} == {Label("\u00fc", group="\u00fc")}
