"""Draws: disjoint, exact, nested, and moved by nothing but the seed and the images."""

import hashlib
from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fewshot import draws
from fewshot.draws import draw_pool, draw_repeats, read_draws, read_pool, write_draws, write_pool
from fewshot.errors import InputError

SEEDS = st.integers(0, 2**32)


def manifest(sizes):
    """Rows of a manifest with so many usable images of each class."""
    return [
        {
            "image": f"{name}/{number}.jpg",
            "class": name,
            "sha256": hashlib.sha256(f"{name} {number}".encode()).hexdigest(),
            "group": hashlib.sha256(f"{name} {number}".encode()).hexdigest(),
            "status": "ok",
        }
        for name, size in sizes.items()
        for number in range(size)
    ]


SIZES = st.dictionaries(
    st.text("abcdefg", min_size=1, max_size=3), st.integers(5, 12), min_size=2, max_size=5
)


@given(SIZES, st.integers(1, 5), SEEDS)
def test_pool_has_every_class_in_turn(sizes, images_per_class, seed):
    pool = draw_pool(manifest(sizes), images_per_class, [], seed)
    names = sorted(sizes)
    assert [row["class"] for row in pool] == names * images_per_class
    assert [row["label"] for row in pool] == list(range(len(names))) * images_per_class
    assert [row["row"] for row in pool] == list(range(len(pool)))
    assert len({row["sha256"] for row in pool}) == len(pool)


@given(SIZES, SEEDS)
def test_a_larger_pool_only_appends(sizes, seed):
    pools = [draw_pool(manifest(sizes), size, [], seed) for size in (2, 5)]
    assert pools[1][: len(pools[0])] == pools[0]


@given(SIZES, SEEDS, st.randoms())
def test_order_within_a_class_is_moved_by_no_other_class_name_or_listing(sizes, seed, random):
    rows = manifest(sizes)
    before = draw_pool(rows, 5, [], seed)
    changed = [
        {**row, "image": "new/" + row["image"], "class": "z" + row["class"]}
        for row in [*rows, *manifest({"added": 6})]
    ]
    random.shuffle(changed)
    after = draw_pool(changed, 5, [], seed)
    for name in sizes:
        order = [row["sha256"] for row in before if row["class"] == name]
        assert [row["sha256"] for row in after if row["class"] == "z" + name] == order


@given(SIZES, st.integers(1, 4), st.integers(1, 4), SEEDS)
def test_repeats_are_exact_disjoint_and_nested(sizes, test_per_class, repeats, seed):
    pool = draw_pool(manifest(sizes), 5, [], seed)
    labels = np.array([row["label"] for row in pool])
    drawn = draw_repeats(pool, test_per_class, repeats, seed)
    assert drawn.shape == (5 * len(sizes), repeats)
    for draw in drawn.T:
        for label in range(len(sizes)):
            expected = [0] * test_per_class + list(range(1, 6 - test_per_class))
            assert sorted(draw[labels == label]) == expected
        test = draws.test_rows(draw)
        fewer = np.empty(0)
        for shots in range(1, 6 - test_per_class):
            rows = draws.training_rows(draw, shots)
            assert list(labels[rows]) == list(range(len(sizes))) * shots
            assert list(draw[rows]) == list(np.repeat(np.arange(1, shots + 1), len(sizes)))
            assert not set(rows) & set(test)
            assert list(rows[: len(fewer)]) == list(fewer)
            fewer = rows
        with pytest.raises(InputError, match=f"has {shots} training images.*shots={shots + 1}"):
            draws.training_rows(draw, shots + 1)


@given(SIZES, SEEDS)
def test_same_seed_same_draws_and_more_repeats_only_append(sizes, seed):
    pool = draw_pool(manifest(sizes), 5, [], seed)
    few, many = (draw_repeats(pool, 2, repeats, seed) for repeats in (2, 4))
    np.testing.assert_array_equal(few, many[:, :2])


def test_another_seed_draws_otherwise():
    rows = manifest({"a": 40, "b": 40})
    assert draw_pool(rows, 20, [], 0) != draw_pool(rows, 20, [], 1)
    pool = draw_pool(rows, 20, [], 0)
    assert (draw_repeats(pool, 8, 1, 0) != draw_repeats(pool, 8, 1, 1)).any()


def test_every_order_is_equally_likely():
    pool = draw_pool(manifest({"a": 3, "b": 3}), 3, [], 0)
    drawn = draw_repeats(pool, 1, 3000, 0)
    for label in (0, 1):
        counts = Counter(map(tuple, drawn[label::2].T))
        assert len(counts) == 6
        # Chi-squared of 5 degrees of freedom: above 20.5 once in a thousand.
        assert sum((count - 500) ** 2 / 500 for count in counts.values()) < 20.5


def test_an_order_worked_out_by_hand():
    rows = manifest({"a": 2, "b": 1, "c": 1})
    first, second = (rows[n]["sha256"] for n in (0, 1))
    smaller = min(first, second, key=lambda s: hashlib.sha256(f"7:{s}".encode()).hexdigest())
    assert draw_pool(rows, 1, [], 7)[0]["sha256"] == smaller


def test_only_usable_images_are_drawn_and_all_short_classes_named_at_once():
    rows = manifest({"cat": 5, "dog": 6, "ibis": 3, "yak": 2})
    rows[5]["status"], rows[5]["group"] = "copy", ""
    for row in rows[11:14]:
        row["status"], row["group"] = "rejected", ""
    used = draw_pool(rows, 5, ["ibis", "yak"], 0)
    assert {row["image"] for row in used} == {row["image"] for row in [*rows[:5], *rows[6:11]]}
    expected = (
        "Class 'ibis' has 0 usable images, class 'yak' has 2 usable images, but images_per_class "
        "asks for 5. Received: images_per_class=5. Hint: lower"
    )
    with pytest.raises(InputError, match=expected):
        draw_pool(rows, 5, [], 0)


def test_copies_come_last_into_the_pool():
    rows = manifest({"cat": 4, "dog": 4})
    rows[2] |= {"status": "copy", "group": rows[0]["sha256"]}
    assert rows[2]["image"] not in {row["image"] for row in draw_pool(rows, 3, [], 0)}
    assert rows[2]["image"] in {row["image"] for row in draw_pool(rows, 4, [], 0)}


@given(st.lists(st.integers(0, 4), min_size=7, max_size=12), st.integers(1, 3), SEEDS)
def test_copies_are_never_on_both_sides(groups, test_per_class, seed):
    groups = [*groups, 5, 6, 7]  # three pictures without copies: every test size can be made
    pool = [
        {"row": n, "class": "a", "label": 0, "sha256": str(n), "group": str(group)}
        for n, group in enumerate(groups)
    ]
    for draw in draw_repeats(pool, test_per_class, 3, seed).T:
        assert sorted(draw[draw > 0]) == list(range(1, len(pool) - test_per_class + 1))
        tested = {group for group, k in zip(groups, draw, strict=True) if k == 0}
        assert not tested & {group for group, k in zip(groups, draw, strict=True) if k > 0}


def test_a_class_of_copies_alone_cannot_be_parted():
    pool = [
        {"row": n, "class": "cat", "label": 0, "sha256": str(n), "group": "x"} for n in range(4)
    ]
    with pytest.raises(InputError, match=r"'cat' has too many copies.*4 images of 1 pictures"):
        draw_repeats(pool, 2, 1, 0)


def test_an_unknown_class_cannot_be_excluded():
    with pytest.raises(InputError, match=r"Received: 'clutter'.*did you mean '257\.clutter'\?"):
        draw_pool(manifest({"257.clutter": 2, "256.toad": 2}), 1, ["clutter"], 0)


def test_one_class_is_no_task():
    with pytest.raises(InputError, match=r"at least 2 classes\. Received: 'a'"):
        draw_pool(manifest({"a": 3, "b": 3}), 1, ["b"], 0)


def test_a_pool_without_training_images():
    pool = draw_pool(manifest({"a": 3, "b": 3}), 3, [], 0)
    with pytest.raises(InputError, match="images_per_class=3 and test_per_class=3"):
        draw_repeats(pool, 3, 1, 0)


def test_files_give_back_what_was_written(tmp_path):
    pool = draw_pool(manifest({"a, b": 4, "c": 4}), 4, [], 0)
    write_pool(pool, tmp_path / "pool.csv")
    assert read_pool(tmp_path / "pool.csv") == pool
    labels, drawn = [row["label"] for row in pool], draw_repeats(pool, 2, 3, 0)
    write_draws(labels, drawn, tmp_path / "draws.csv")
    header = (tmp_path / "draws.csv").read_text().splitlines()[0]
    assert header == "row,label,repeat_0,repeat_1,repeat_2"
    read_labels, read = read_draws(tmp_path / "draws.csv")
    np.testing.assert_array_equal(read_labels, labels)
    np.testing.assert_array_equal(read, drawn)
