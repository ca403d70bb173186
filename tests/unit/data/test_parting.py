"""Ways to part a class, by hand: see also test_draws.py."""

import hashlib
from types import SimpleNamespace

import pytest

from fewshot.data.parting import (
    check_groups,
    order_key,
    part_counted,
    part_official,
    part_rest,
)
from fewshot.errors import InputError


def make_groups(**sizes):
    """Groups of so many images, named <group><number>."""
    return {
        name: [SimpleNamespace(image=f"{name}{n}", part="") for n in range(size)]
        for name, size in sizes.items()
    }


def images(sides):
    return [["".join(row.image for row in rows) for rows in side] for side in sides]


def order(*names, seed=0):
    return sorted(names, key=lambda name: hashlib.sha256(f"{seed}:{name}".encode()).digest())


def test_a_key_is_that_of_seed_and_digest():
    assert order_key(3, 0, "ab") == hashlib.sha256(b"3:0:ab").digest()


@pytest.mark.parametrize("seed", range(6))
def test_the_first_groups_that_fit_are_tested(seed):
    first, second, third = order("a", "b", "c", seed=seed)
    parted = part_counted(make_groups(a=1, b=1, c=1), (seed,), 2)
    assert images(parted) == [[f"{first}0", f"{second}0"], [f"{third}0"]]


@pytest.mark.parametrize("seed", range(6))
def test_one_group_a_shot_is_trained_on(seed):
    names = order("a", "b", "c", "d", seed=seed)
    test, train = part_rest(make_groups(a=1, b=1, c=2, d=1), (seed,), 2, None)
    assert [rows[0].image[0] for rows in train] == names[:2]
    assert [rows[0].image[0] for rows in test] == names[2:]


@pytest.mark.parametrize("seed", range(6))
def test_of_few_groups_that_is_tested_which_leaves_enough_images(seed):
    # 4 shots need the images of b and one other group; only a or c can be tested.
    groups = make_groups(a=1, b=3, c=1)
    test, train = part_rest(groups, (seed,), 4, None)
    assert len(test) == 1
    assert test[0] in (groups["a"], groups["c"])
    assert sum(map(len, train)) == 4


def test_a_group_without_room_is_on_neither_side():
    groups = make_groups(a=3, b=3)
    assert part_rest(groups, (0,), 1, 2)[0] == []
    assert [len(rows) for rows in part_rest(groups, (0,), 1, 3)[0]] == [3]


def test_an_official_split_follows_the_parts():
    groups = make_groups(a=2, b=1, c=1, d=1)
    for name, part in (("a", "test"), ("b", "train"), ("c", "val"), ("d", "train")):
        for row in groups[name]:
            row.part = part
    assert images(part_official(groups, (0,))) == [["a0a1"], [f"{n}0" for n in order("b", "d")]]


def test_classes_that_cannot_be_parted_are_named():
    classes = {0: make_groups(a=2, b=2), 1: make_groups(c=1, d=3)}
    check_groups(["cat", "dog"], {1: classes[1]}, 1)
    with pytest.raises(InputError, match=r"make 1 test .*: class 'cat' has groups of 2, 2 images"):
        check_groups(["cat", "dog"], classes, 1)
    with pytest.raises(InputError, match=r"images_per_class=4 and test=4"):
        check_groups(["cat", "dog"], classes, 4)
