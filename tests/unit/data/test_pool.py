"""The pool: every class in turn, moved by nothing but the seed and the images."""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fewshot.data.manifest import ManifestRow
from fewshot.data.pool import class_names, draw_pool, left_of_parts, skipped_classes
from fewshot.errors import InputError

SEEDS = st.integers(0, 2**32)


def manifest(sizes):
    """Rows of a manifest with so many usable images of each class."""
    return [
        ManifestRow(f"{name}/{number}.jpg", name, digest, status="ok", group=digest)
        for name, size in sizes.items()
        for number in range(size)
        for digest in [hashlib.sha256(f"{name} {number}".encode()).hexdigest()]
    ]


def change(rows, numbers, **fields):
    """Replace fields of some of the rows."""
    for number in numbers:
        rows[number] = rows[number]._replace(**fields)


SIZES = st.dictionaries(
    st.text("abcdefg", min_size=1, max_size=3), st.integers(5, 12), min_size=2, max_size=5
)


@given(SIZES, st.integers(1, 5), SEEDS)
def test_pool_has_every_class_in_turn(sizes, images_per_class, seed):
    pool = draw_pool(manifest(sizes), images_per_class, [], seed)
    names = sorted(sizes)
    assert [row.class_name for row in pool] == names * images_per_class
    assert [row.label for row in pool] == list(range(len(names))) * images_per_class
    assert [row.row for row in pool] == list(range(len(pool)))
    assert len({row.sha256 for row in pool}) == len(pool)


@given(SIZES, SEEDS)
def test_a_larger_pool_only_appends(sizes, seed):
    pools = [draw_pool(manifest(sizes), size, [], seed) for size in (2, 5)]
    assert pools[1][: len(pools[0])] == pools[0]


@given(SIZES, SEEDS, st.randoms())
def test_order_within_a_class_is_moved_by_no_other_class_name_or_listing(sizes, seed, random):
    rows = manifest(sizes)
    before = draw_pool(rows, 5, [], seed)
    changed = [
        row._replace(image="new/" + row.image, class_name="z" + row.class_name)
        for row in [*rows, *manifest({"added": 6})]
    ]
    random.shuffle(changed)
    after = draw_pool(changed, 5, [], seed)
    for name in sizes:
        order = [row.sha256 for row in before if row.class_name == name]
        assert [row.sha256 for row in after if row.class_name == "z" + name] == order


def test_an_order_worked_out_by_hand():
    rows = manifest({"a": 2, "b": 1, "c": 1})
    first, second = (rows[n].sha256 for n in (0, 1))
    smaller = min(first, second, key=lambda s: hashlib.sha256(f"7:{s}".encode()).hexdigest())
    assert draw_pool(rows, 1, [], 7)[0].sha256 == smaller


def test_only_usable_images_are_drawn_and_all_short_classes_named_at_once():
    rows = manifest({"cat": 5, "dog": 6, "ibis": 3, "yak": 2})
    change(rows, (5, 11, 12, 13), status="rejected", group="")
    used = draw_pool(rows, 5, ["ibis", "yak"], 0)
    assert {row.image for row in used} == {row.image for row in [*rows[:5], *rows[6:11]]}
    expected = (
        "Class 'ibis' has 0 usable images, class 'yak' has 2 usable images, but images_per_class "
        "asks for 5. Received: images_per_class=5. Hint: lower"
    )
    with pytest.raises(InputError, match=expected):
        draw_pool(rows, 5, [], 0)


@given(SEEDS)
def test_copies_come_last_into_the_pool(seed):
    rows = manifest({"cat": 4, "dog": 4})
    # Of a group the image with the smallest sha256 counts as the first.
    change(rows, [2], status="copy", group=rows[0].sha256, sha256="f" * 64)
    assert rows[2].image not in {row.image for row in draw_pool(rows, 3, [], seed)}
    assert rows[2].image in {row.image for row in draw_pool(rows, 4, [], seed)}


@given(SIZES, st.integers(1, 5), SEEDS)
def test_without_copies_the_order_is_that_of_hashes(sizes, images_per_class, seed):
    rows = manifest(sizes)
    pool = draw_pool(rows, images_per_class, [], seed)
    for name in sizes:
        own = [row.sha256 for row in rows if row.class_name == name]
        own.sort(key=lambda sha256: hashlib.sha256(f"{seed}:{sha256}".encode()).digest())
        drawn = [row.sha256 for row in pool if row.class_name == name]
        assert drawn == own[:images_per_class]


@given(SIZES, SEEDS)
def test_a_users_group_moves_no_image_and_drops_none(sizes, seed):
    rows = manifest(sizes)
    grouped = [row._replace(group=rows[0].sha256) for row in rows]
    before, after = (draw_pool(each, 5, [], seed) for each in (rows, grouped))
    assert [row.image for row in after] == [row.image for row in before]
    assert {row.group for row in after} == {rows[0].sha256}


def test_of_a_users_group_only_copies_come_last_and_only_disputed_pictures_are_left_out():
    rows = manifest({"cat": 4, "dog": 4})
    change(rows, range(8), group="0" * 64)
    change(rows, [1], status="copy")
    change(rows, [2, 6], status="disputed")
    drawn = draw_pool(rows, 3, [], 0)
    assert {row.image for row in rows} - {row.image for row in drawn} == {
        *(rows[2].image, rows[6].image)
    }
    assert [row.image for row in drawn if row.class_name == "cat"][-1] == rows[1].image


def test_a_picture_under_two_labels_is_used_only_where_one_of_them_is_excluded():
    rows = manifest({"cat": 3, "dog": 3, "ibis": 3})
    change(rows, (0, 1, 4), status="disputed", group="0" * 64)
    used = {row.image for row in draw_pool(rows, 3, ["dog"], 0)}
    assert used == {row.image for row in rows if row.class_name != "dog"}
    used = {row.image for row in draw_pool(rows, 2, ["cat"], 0)}
    assert len(used & {row.image for row in rows[3:6]}) == 2
    expected = (
        "Class 'cat' has 1 usable images beside 2 whose copies have another label, class 'dog' has "
        r"2 usable images beside 1 whose.*of classes that share pictures exclude all but one\.$"
    )
    with pytest.raises(InputError, match=expected):
        draw_pool(rows, 3, [], 0)


@given(SIZES, SEEDS)
def test_labels_count_the_names_of_classes(sizes, seed):
    pool = draw_pool(manifest(sizes), 5, [], seed)
    assert class_names(pool) == sorted(sizes)
    assert all(class_names(pool)[row.label] == row.class_name for row in pool)


def test_one_class_is_no_task():
    with pytest.raises(InputError, match=r"at least 2 classes\. Received: 'a'"):
        draw_pool(manifest({"a": 3, "b": 3}), 1, ["b"], 0)


@given(st.dictionaries(st.text("abcdefg", min_size=1), st.integers(3, 12), min_size=2), SEEDS)
def test_all_images_of_classes_that_differ_in_size_only_append(sizes, seed):
    rows = manifest(sizes)
    few, every = (draw_pool(rows, count, [], seed, least=3) for count in (3, "all"))
    assert every[: len(few)] == few
    assert {row.image for row in every} == {row.image for row in rows}
    assert [row.row for row in every] == list(range(len(rows)))
    names = sorted(sizes)
    assert all(names[row.label] == row.class_name for row in every)


def test_small_classes_stop_or_are_left_out():
    rows = manifest({"cat": 5, "dog": 3, "ibis": 4})
    expected = (
        "Class 'dog' has 3 usable images, but shots and test images ask for 4. Received: "
        "images_per_class=all. Hint: .*skip_small_classes"
    )
    with pytest.raises(InputError, match=expected):
        draw_pool(rows, "all", [], 0, least=4)
    left = draw_pool(rows, "all", [], 0, least=4, skip_small=True)
    assert [(row.class_name, row.label) for row in left] == [("cat", 0), ("ibis", 1)] * 4 + [
        ("cat", 0)
    ]
    assert skipped_classes(rows, left, []) == ["dog"]
    assert skipped_classes(rows, left, ["dog"]) == []
    with pytest.raises(InputError, match=r"at least 2 classes\. Received: 'cat'\..*skip_small"):
        draw_pool(rows, 5, [], 0, skip_small=True)


def official():
    """Two classes of 4 training, 1 validation and 2 or 3 test images."""
    rows = manifest({"cat": 7, "dog": 8})
    parts = [*4 * ["train"], "val", "test", "test", *4 * ["train"], "val", *3 * ["test"]]
    return [row._replace(part=part) for row, part in zip(rows, parts, strict=True)]


@given(SEEDS)
def test_the_official_test_part_comes_first_and_whole_and_training_images_append(seed):
    rows = official()
    pools = [draw_pool(rows, count, [], seed, official=True) for count in (1, 3, "all")]
    for pool, count in zip(pools, (1, 3, 4), strict=True):
        assert [row.label for row in pool] == [0, 1, 0, 1, 1] + [0, 1] * count
        assert {row.image for row in pool[:5]} == {r.image for r in rows if r.part == "test"}
        assert all(row.part == "train" for row in pool[5:])
        assert pool == pools[2][: len(pool)]


def test_what_is_tested_is_not_trained_on_whatever_its_class():
    rows = official()
    change(rows, [0], status="copy", group=rows[5].group)
    change(rows, [8], status="copy", group=rows[12].group)
    change(rows, [14], status="rejected", group="")
    pool = draw_pool(rows, "all", [], 0, official=True)
    assert {row.image for row in rows} - {row.image for row in pool} == {
        rows[n].image for n in (0, 4, 8, 11, 14)
    }
    assert left_of_parts(rows, pool) == (2, 1)
    expected = (
        "Class 'cat' has 3 usable images to train on and 2 to test on, class 'dog' has 3 usable "
        "images to train on and 2 to test on, but images_per_class asks for 4"
    )
    with pytest.raises(InputError, match=expected):
        draw_pool(rows, 4, [], 0, official=True)


def test_an_official_split_that_is_not_there():
    rows = official()
    change(rows, (12, 13, 14), part="val")
    with pytest.raises(InputError, match=r"Class 'dog' has 4 usable .* and 0 to test on"):
        draw_pool(rows, "all", [], 0, official=True)
    change(rows, (5, 6), part="")
    with pytest.raises(InputError, match=r"the parts train and test\. Received: train, val\."):
        draw_pool(rows, "all", [], 0, official=True)
    with pytest.raises(InputError, match=r"Received: images of no part\. Hint: say where parts"):
        draw_pool(manifest({"a": 3, "b": 3}), 3, [], 0, official=True)
