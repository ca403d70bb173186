"""Draws: disjoint, exact, nested, and moved by nothing but the seed and the images."""

import hashlib
from collections import Counter
from itertools import chain, combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fewshot.data.draws import Draws, draw_repeats, read_draws, write_draws
from fewshot.data.pool import PoolRow
from fewshot.errors import InputError
from fewshot.records import read_records, write_records

SEEDS = st.integers(0, 2**32)


def digest(text):
    return hashlib.sha256(text.encode()).hexdigest()


def pool_of(classes):
    """Rows of a pool, from the group of each image of each class."""
    images = [
        (f"{name}/{rank}", name, label, digest(f"{name} {rank}"), digest(f"{name} {groups[rank]}"))
        for rank in range(max(map(len, classes.values())))
        for label, (name, groups) in enumerate(classes.items())
        if rank < len(groups)
    ]
    return [PoolRow(row, *image) for row, image in enumerate(images)]


def lonely(sizes):
    """Classes without copies."""
    return pool_of({name: range(size) for name, size in sizes.items()})


@st.composite
def pools(draw):
    """Classes whose images are in groups of one to many, in random order."""
    count = draw(st.integers(2, 8))
    groups = st.lists(st.integers(0, count), min_size=count, max_size=count)
    return draw(st.dictionaries(st.text("abcd", min_size=1), groups, min_size=1, max_size=3))


def whole_groups_make(groups, wanted):
    """Say whether some set of whole groups has so many images, by trying all."""
    sizes = Counter(groups).values()
    some = chain.from_iterable(combinations(sizes, n) for n in range(len(sizes) + 1))
    return any(sum(each) == wanted for each in some)


def drawn_or_refused(classes, test_per_class, repeats, seed):
    """Draw, or return None where the error names exactly the classes that cannot be parted."""
    short = {name for name, g in classes.items() if not whole_groups_make(g, test_per_class)}
    if not short:
        return draw_repeats(pool_of(classes), test_per_class, repeats, seed)
    with pytest.raises(InputError, match=r"Whole groups must make .* Hint: ") as error:
        draw_repeats(pool_of(classes), test_per_class, repeats, seed)
    assert {name for name in classes if f"class {name!r} has" in str(error.value)} == short
    return None


@given(pools(), st.data(), st.integers(1, 3), SEEDS)
def test_draws_are_exact_disjoint_nested_and_keep_copies_together(classes, data, repeats, seed):
    count = len(next(iter(classes.values())))
    tests = data.draw(st.integers(1, count - 1))
    drawn = drawn_or_refused(classes, tests, repeats, seed)
    if drawn is None:
        return
    pool = pool_of(classes)
    labels = np.array([row.label for row in pool])
    groups = np.array([row.group for row in pool])
    np.testing.assert_array_equal(drawn.labels, labels)
    assert drawn.places.shape == (len(pool), repeats)
    assert (drawn.classes, drawn.repeats) == (len(classes), repeats)
    assert drawn.tested.tolist() == [tests * len(classes)] * repeats
    assert drawn.untested == count - tests
    for repeat, draw in enumerate(drawn.places.T):
        for label in range(len(classes)):
            assert sorted(draw[labels == label]) == [0] * tests + [*range(1, count - tests + 1)]
        assert not {*groups[draw == 0]} & {*groups[draw > 0]}
        test, fewer = drawn.test_rows(repeat), np.empty(0)
        for shots in range(1, count - tests + 1):
            rows = drawn.training_rows(repeat, shots)
            assert list(labels[rows]) == list(range(len(classes))) * shots
            assert list(draw[rows]) == list(np.repeat(np.arange(1, shots + 1), len(classes)))
            assert not {*rows} & {*test}
            assert list(rows[: len(fewer)]) == list(fewer)
            fewer = rows
        with pytest.raises(InputError, match=f"has {shots} training images.*shots={shots + 1}"):
            drawn.training_rows(repeat, shots + 1)


@given(pools(), st.data(), SEEDS)
def test_by_labels_the_order_is_that_of_rows_dealt_out_in_turn(classes, data, seed):
    tests = data.draw(st.integers(1, len(next(iter(classes.values()))) - 1))
    drawn = drawn_or_refused(classes, tests, 1, seed)
    if drawn is None:
        return
    # row = rank * classes + label
    place, shots = drawn.places[:, 0], drawn.untested
    rows = np.flatnonzero((place >= 1) & (place <= shots))
    expected = rows[np.lexsort((rows % len(classes), place[rows]))]
    np.testing.assert_array_equal(drawn.training_rows(0, shots), expected)


def test_classes_of_different_sizes_give_as_many_images_each():
    # Class 1 comes before class 0, and has two images beside its test image where that has three.
    labels, places = np.array([1, 1, 0, 0, 1, 0, 0]), np.array([0, 2, 3, 0, 1, 1, 2])
    drawn = Draws(labels, np.arange(7), places[:, None])
    assert (drawn.classes, drawn.tested.tolist()) == (2, [2])
    assert (drawn.untested, drawn.most_untested) == (2, 3)
    assert drawn.training_rows(0, 2).tolist() == [5, 4, 6, 1]
    assert drawn.parts(1)[0][0].tolist() == [5, 4]
    with pytest.raises(InputError, match=r"has 2 training images.*shots=3"):
        drawn.training_rows(0, 3)


def test_the_first_repeats_are_those_of_fewer():
    drawn = draw_repeats(lonely({"a": 4, "b": 4}), 1, 3, 0)
    for repeats, expected in ((2, 2), (None, 3)):
        few = drawn.first(repeats)
        assert (few.repeats, few.classes, len(few.parts(1))) == (expected, 2, expected)
        np.testing.assert_array_equal(few.places, drawn.places[:, :expected])


@given(pools(), st.data(), SEEDS)
def test_few_shots_see_different_pictures_before_copies(classes, data, seed):
    count = len(next(iter(classes.values())))
    drawn = drawn_or_refused(classes, data.draw(st.integers(1, count - 1)), 1, seed)
    if drawn is None:
        return
    pool = pool_of(classes)
    for label in range(len(classes)):
        own = [row for row in pool if row.label == label and drawn.places[row.row, 0] > 0]
        order = [row.group for row in sorted(own, key=lambda row: drawn.places[row.row, 0])]
        pictures = len({*order})
        assert len({*order[:pictures]}) == pictures


@given(pools(), st.data(), SEEDS)
def test_same_seed_same_draws_and_more_repeats_only_append(classes, data, seed):
    count = len(next(iter(classes.values())))
    tests = data.draw(st.integers(1, count - 1))
    few, many = (drawn_or_refused(classes, tests, repeats, seed) for repeats in (2, 4))
    if few is not None:
        np.testing.assert_array_equal(few.places, many.first(2).places)


@given(pools(), st.data(), SEEDS)
def test_draws_are_moved_by_no_added_class_and_no_new_name(classes, data, seed):
    count = len(next(iter(classes.values())))
    tests = data.draw(st.integers(1, count - 1))
    before = drawn_or_refused(classes, tests, 2, seed)
    if before is None:
        return
    changed = [
        row._replace(class_name="z" + row.class_name, image="new/" + row.image)
        for row in pool_of({"added": range(count), **classes})
    ]
    after = draw_repeats(changed, tests, 2, seed)
    place = {row.sha256: row.row for row in changed}
    moved = [place[row.sha256] for row in pool_of(classes)]
    np.testing.assert_array_equal(before.places, after.places[moved])


@given(st.integers(2, 12), st.data(), SEEDS)
def test_without_copies_the_order_is_that_of_hashes_and_the_first_are_tested(size, data, seed):
    tests = data.draw(st.integers(1, size - 1))
    pool = lonely({"a": size, "b": size})
    drawn = draw_repeats(pool, tests, 2, seed)
    for repeat in range(2):
        for label in (0, 1):
            own = [row for row in pool if row.label == label]
            keys = {n: digest(f"{seed}:{repeat}:{row.group}") for n, row in enumerate(own)}
            order = sorted(keys, key=keys.get)
            expected = [max(0, order.index(n) - tests + 1) for n in range(size)]
            assert list(drawn.places[label::2, repeat]) == expected


def test_another_seed_draws_otherwise():
    pool = lonely({"a": 20, "b": 20})
    one, other = (draw_repeats(pool, 8, 1, seed) for seed in (0, 1))
    assert (one.places != other.places).any()


def test_every_order_is_equally_likely():
    drawn = draw_repeats(lonely({"a": 3, "b": 3}), 1, 3000, 0)
    for label in (0, 1):
        counts = Counter(map(tuple, drawn.places[label::2].T))
        assert len(counts) == 6
        # Chi-squared of 5 degrees of freedom: above 20.5 once in a thousand.
        assert sum((count - 500) ** 2 / 500 for count in counts.values()) < 20.5


def test_pictures_with_as_many_copies_are_tested_equally_often():
    drawn = draw_repeats(pool_of({"a": [0, 0, 1, 1, 2, 3, 4, 5]}), 3, 3000, 0)
    tested = (drawn.places == 0).sum(axis=1)
    assert list(tested[0:4:2]) == list(tested[1:4:2])
    for alike in (tested[0:4:2], tested[4:]):
        # Each count is binomial, with a standard deviation of at most 27.4.
        assert np.ptp(alike) < 5 * 27.4


def test_sizes_that_the_first_groups_that_fit_would_miss():
    # 5 + 3 is the only way to 8: whoever begins with one of 2 has lost.
    pool = pool_of({"cat": [0] * 5 + [1] * 3 + [2] * 2})
    drawn = draw_repeats(pool, 8, 50, 0)
    assert (np.flatnonzero(drawn.places.T == 0).reshape(50, 8) % 10 == np.arange(8)).all()


def test_classes_of_copies_alone_cannot_be_parted_and_are_all_named():
    pool = pool_of({"cat": [0] * 4, "dog": [0, 0, 1, 2], "ibis": [0, 0, 0, 1]})
    expected = r"must make 2 test.*class 'cat' has groups of 4, class 'ibis' has groups of 3, 1 im"
    with pytest.raises(InputError, match=expected):
        draw_repeats(pool, 2, 1, 0)


def test_a_pool_without_training_images():
    with pytest.raises(InputError, match="images_per_class=3 and test=3"):
        draw_repeats(lonely({"a": 3, "b": 3}), 3, 1, 0)


@st.composite
def unequal_pools(draw):
    """Classes of different sizes whose images are in groups of one to many, in random order."""
    groups = st.lists(st.integers(0, 6), min_size=2, max_size=9)
    return draw(st.dictionaries(st.text("abcd", min_size=1), groups, min_size=1, max_size=3))


def rest_drawn_or_refused(classes, shots, repeats, seed):
    """Draw, or return None where the error names exactly the classes that cannot be parted."""
    short = {
        name
        for name, groups in classes.items()
        if len(groups) - min(Counter(groups).values()) < shots
    }
    if not short:
        return draw_repeats(pool_of(classes), "rest", repeats, seed, shots=shots)
    with pytest.raises(InputError, match=rf"needs {shots} training images, and a test") as error:
        draw_repeats(pool_of(classes), "rest", repeats, seed, shots=shots)
    assert {name for name in classes if f"class {name!r} has" in str(error.value)} == short
    return None


@given(unequal_pools(), st.integers(1, 6), SEEDS)
def test_the_rest_is_all_that_shares_no_group_with_a_training_image(classes, shots, seed):
    drawn = rest_drawn_or_refused(classes, shots, 2, seed)
    if drawn is None:
        return
    assert drawn.untested == shots
    pool = pool_of(classes)
    for repeat, places in enumerate(drawn.places.T):
        trained = {row.group for row in pool if places[row.row] > 0}
        tested = {row.row for row in pool if row.group not in trained}
        assert {*drawn.test_rows(repeat).tolist()} == tested
        for label, name in enumerate(classes):
            own = [row for row in pool if row.label == label]
            order = sorted(own, key=lambda row: places[row.row])
            order = [row.group for row in order if places[row.row] > 0]
            assert sorted(places[row.row] for row in own)[-shots:] == [*range(1, shots + 1)]
            # Copies are trained on only where there are too few pictures.
            pictures = min(shots, len({*classes[name]}) - 1)
            assert len({*order}) == len({*order[:pictures]}) == pictures


@given(st.integers(3, 12), st.data(), SEEDS)
def test_without_copies_the_first_are_trained_on_and_the_rest_tested(size, data, seed):
    shots = data.draw(st.integers(1, size - 1))
    pool = lonely({"a": size, "b": size + 3})
    limits = {None: size + 3, 2: 2}
    for most, count in limits.items():
        drawn = draw_repeats(pool, "rest", 2, seed, shots=shots, test_at_most=most)
        for repeat, label in ((0, 0), (0, 1), (1, 1)):
            own = [row for row in pool if row.label == label]
            order = sorted(own, key=lambda row: digest(f"{seed}:{repeat}:{row.group}"))
            places = [drawn.places[row.row, repeat] for row in order]
            tested = min(count, len(own) - shots)
            left = len(own) - shots - tested
            assert places == [*range(1, shots + 1), *[0] * tested, *[-1] * left]


@given(unequal_pools(), st.integers(1, 3), st.integers(1, 4), SEEDS)
def test_a_limit_takes_whole_groups_while_there_is_room(classes, shots, most, seed):
    free = rest_drawn_or_refused(classes, shots, 1, seed)
    if free is None:
        return
    pool = pool_of(classes)
    try:
        drawn = draw_repeats(pool, "rest", 1, seed, shots=shots, test_at_most=most)
    except InputError as error:
        assert "test_at_most" in str(error)  # noqa: PT017
        return
    np.testing.assert_array_equal(drawn.places > 0, free.places > 0)
    tested = Counter(row.label for row in pool if drawn.places[row.row, 0] == 0)
    assert all(1 <= tested[label] <= most for label in range(len(classes)))
    for group in {row.group for row in pool}:
        assert len({drawn.places[row.row, 0] == 0 for row in pool if row.group == group}) == 1


def test_more_shots_leave_the_training_images_of_fewer():
    pool = lonely({"a": 9, "b": 12})
    few, many = (draw_repeats(pool, "rest", 3, 0, shots=shots) for shots in (2, 5))
    for repeat in range(3):
        np.testing.assert_array_equal(few.training_rows(repeat, 2), many.training_rows(repeat, 2))


def test_an_official_split_is_the_same_test_in_every_repeat():
    parts = {"a": ["train"] * 5 + ["test"] * 2 + ["val"], "b": ["test"] * 3 + ["train"] * 4}
    # Image 0 of a is a copy of its test image 5, image 6 of b belongs to test image 6 of a.
    pool = pool_of({"a": [5, 1, 2, 3, 4, 5, 6, 7], "b": range(7)})
    pool = [row._replace(part=parts[row.class_name][int(row.image[2:])]) for row in pool]
    (group,) = (row.group for row in pool if row.image == "a/6")
    pool = [row._replace(group=group) if row.image == "b/6" else row for row in pool]
    drawn = draw_repeats(pool, "official", 20, 0, shots=3)
    assert (drawn.untested, {*drawn.tested.tolist()}) == (3, {5})
    places = {row.image: drawn.places[row.row] for row in pool}
    for name, tested, unused, trained in (
        ("a", (5, 6), (0, 7), (1, 2, 3, 4)),
        ("b", (0, 1, 2), (6,), (3, 4, 5)),
    ):
        assert all((places[f"{name}/{n}"] == 0).all() for n in tested)
        assert all((places[f"{name}/{n}"] == -1).all() for n in unused)
        own = np.stack([places[f"{name}/{n}"] for n in trained])
        assert (np.sort(own, axis=0) == np.arange(1, len(trained) + 1)[:, None]).all()
        assert len(np.unique(own, axis=1).T) > 3  # drawn anew
    with pytest.raises(InputError, match=r"needs 4 training images.*Received: class 'b' has 3 and"):
        draw_repeats(pool, "official", 1, 0, shots=4)


@pytest.mark.parametrize("test", [2, "rest"])
def test_a_group_that_classes_share_stands_on_one_side(test):
    pool = lonely({"a": 9, "b": 9, "c": 7})
    # Each image of b shares its group with one of a.
    groups = {row.image: row.group for row in pool}
    pool = [row._replace(group=groups[row.image.replace("b", "a")]) for row in pool]
    drawn = draw_repeats(pool, test, 20, 0, shots=2)
    for places in drawn.places.T:
        tested, trained = (
            {row.group for row in pool if side[row.row]} for side in (places == 0, places > 0)
        )
        assert not tested & trained
    assert drawn.untested >= 2


def test_files_give_back_what_was_written(tmp_path):
    pool = lonely({"a, b": 4, "c": 4})
    write_records(tmp_path / "pool.csv", PoolRow, pool)
    assert read_records(tmp_path / "pool.csv", PoolRow) == pool
    header = (tmp_path / "pool.csv").read_text().splitlines()[0]
    assert header == "row,image,class,label,sha256,group,part"
    drawn = draw_repeats(pool, 2, 3, 0)
    write_draws(drawn, tmp_path / "draws.csv")
    header = (tmp_path / "draws.csv").read_text().splitlines()[0]
    assert header == "row,label,group,repeat_0,repeat_1,repeat_2"
    for read, written in zip(read_draws(tmp_path / "draws.csv"), drawn, strict=True):
        np.testing.assert_array_equal(read, written)
