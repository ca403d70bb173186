"""Copies: groups are what chains of near pictures join, whatever the threshold."""

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from fewshot.data.characters import draw_alphabets
from fewshot.data.copies import mark_copies, near_pairs, turned_pairs
from fewshot.data.images import turned_hashes
from fewshot.data.manifest import ManifestRow

BASE = int("0123456789abcdef" * 2, 16)


def row(image, sha256, dhash, class_name="cat", status="ok"):
    return ManifestRow(image, class_name, sha256, dhash=f"{dhash:032x}", status=status)


def marks(rows, bits):
    return [(r.status, r.group, r.reason) for r in mark_copies(rows, bits)]


def flipped(value, *places):
    return value ^ sum(1 << place for place in places)


def test_of_the_same_files_the_first_stays():
    rows = [row("1", "a", 0), row("2", "b", 0), row("3", "a", 0)]
    expected = [("ok", "a", ""), ("ok", "b", ""), ("copy", "a", "same picture as 1")]
    assert marks(rows, 0) == marks(rows, None) == expected


def test_of_near_pictures_the_one_of_the_smallest_sha256_stays_wherever_it_is_listed():
    rows = [row("1", "b", BASE), row("2", "a", flipped(BASE, 3)), row("3", "c", BASE)]
    expected = [
        ("copy", "a", "same picture as 2"),
        ("ok", "a", ""),
        ("copy", "a", "same picture as 2"),
    ]
    assert marks(rows, 1) == expected
    assert marks(rows[::-1], 1) == expected[::-1]
    assert [status for status, *_ in marks(rows, None)] == ["ok"] * 3


def test_a_chain_is_one_group_though_its_ends_lie_apart():
    values = [BASE, flipped(BASE, 1), flipped(BASE, 1, 2), flipped(BASE, 1, 2, 3)]
    rows = [
        row(str(n), digest, value)
        for n, (digest, value) in enumerate(zip("dbca", values, strict=True))
    ]
    assert [group for _, group, _ in marks(rows, 1)] == ["a"] * 4
    # In an order in which both ends come before what joins them.
    assert {group for _, group, _ in marks([rows[0], rows[3], rows[2], rows[1]], 1)} == {"a"}
    assert [group for _, group, _ in marks([rows[0], rows[3]], 2)] == ["d", "a"]


def test_all_of_a_group_with_several_labels_are_disputed():
    rows = [
        *(row("1", "a", BASE), row("2", "b", flipped(BASE, 1))),
        *(row("3", "c", flipped(BASE, 1, 2), "dog"), row("4", "d", ~BASE % 2**128, "dog")),
    ]
    assert marks(rows, 1) == [
        ("disputed", "a", "same picture as 3 of class dog"),
        ("disputed", "a", "same picture as 3 of class dog"),
        ("disputed", "a", "same picture as 1 of class cat"),
        ("ok", "d", ""),
    ]


def test_one_file_under_two_labels():
    rows = [row("1", "a", 0), row("2", "a", 0, "dog")]
    assert [status for status, *_ in marks(rows, None)] == ["disputed", "disputed"]


def test_flat_and_rejected_pictures_are_no_near_copies():
    flat, full = 0, 2**128 - 1
    rows = [row("1", "a", flat), row("2", "b", flat), row("3", "c", full), row("4", "d", full)]
    rejected = row("5", "a", flat, status="rejected")._replace(dhash="")
    marked = mark_copies([*rows, rejected], 2)
    assert [each.status for each in marked] == [*["ok"] * 4, "rejected"]
    assert marked[-1].group == ""


@pytest.mark.parametrize("bits", [0, 1, 2, 4, 8])
def test_near_pairs_are_those_of_all_pairs(bits):
    rng = np.random.default_rng(0)
    values = {int.from_bytes(rng.bytes(16), "big") for _ in range(30)}
    for value in sorted(values):
        for _ in range(3):
            flips = rng.choice(128, rng.integers(0, 11), replace=False)
            values.add(flipped(value, *map(int, flips)))
    expected = {
        frozenset(pair)
        for pair in combinations(values, 2)
        if int.bit_count(pair[0] ^ pair[1]) <= bits
    }
    assert len(expected) >= bits * 5
    assert {frozenset(pair) for pair in near_pairs(values, bits)} == expected


STEPS = st.lists(st.tuples(st.integers(0, 11), st.integers(0, 127)), max_size=12)


@given(STEPS, st.integers(0, 3), st.permutations(range(13)))
def test_groups_are_connected_components_in_any_order(steps, bits, order):
    # Each picture is an earlier one with a bit changed; the reference walks the whole graph.
    values = [BASE]
    for earlier, place in steps:
        values.append(flipped(values[earlier % len(values)], place))
    rows = [row(f"{n:02}", f"{n:064}", value) for n, value in enumerate(values)]
    listed = [rows[n] for n in order if n < len(rows)]
    groups = {each.image: each.group for each in mark_copies(listed, bits)}
    reached = np.array([[(a ^ b).bit_count() <= bits for a in values] for b in values])
    for _ in values:
        reached = reached @ reached
    for n, each in enumerate(rows):
        expected = rows[int(np.flatnonzero(reached[n]).min())].sha256
        assert groups[each.image] == expected


def test_different_drawings_of_one_character_are_no_copies():
    pictures, _ = draw_alphabets(["armenian"], 4, np.random.default_rng(0))
    hashes = [turned_hashes(Image.fromarray(picture)) for picture in pictures]
    rows = [row(f"{n:04}", str(n), value) for n, (value, *_) in enumerate(hashes)]
    turned = {str(n): others for n, (_, *others) in enumerate(hashes)}
    marked = mark_copies(rows, 4, turned)
    assert {each.status for each in marked} == {"ok"}
    assert len({each.group for each in marked}) == len(rows)


def test_a_users_group_is_kept_together_and_all_its_images_are_usable():
    rows = [
        row("1", "d", BASE)._replace(group="site"),
        row("2", "c", ~BASE % 2**128)._replace(group="site"),
        row("3", "b", BASE >> 40, "dog")._replace(group="site"),
        row("4", "a", BASE >> 20, "dog"),
    ]
    expected = [("ok", "b", "")] * 3 + [("ok", "a", "")]
    assert marks(rows, 1) == marks(rows, None) == expected


def test_copies_within_and_beyond_a_users_group_are_marked_and_join_groups():
    rows = [
        row("1", "d", BASE)._replace(group="one"),
        row("2", "e", BASE)._replace(group="one"),
        row("3", "c", BASE)._replace(group="two"),
        row("4", "b", BASE >> 20)._replace(group="two"),
        row("5", "a", BASE >> 50),
        row("6", "f", 0, status="rejected")._replace(group="two", dhash=""),
    ]
    assert marks(rows, 1) == [
        ("copy", "b", "same picture as 3"),
        ("copy", "b", "same picture as 3"),
        ("ok", "b", ""),
        ("ok", "b", ""),
        ("ok", "a", ""),
        ("rejected", "", ""),
    ]


def test_only_the_same_picture_is_disputed_in_a_group_of_several_classes():
    rows = [
        row("1", "a", BASE)._replace(group="site"),
        row("2", "b", BASE, "dog")._replace(group="site"),
        row("3", "c", BASE >> 20, "dog")._replace(group="site"),
    ]
    assert [status for status, *_ in marks(rows, 1)] == ["disputed", "disputed", "ok"]
    assert {group for _, group, _ in marks(rows, 1)} == {"a"}


def test_a_mirrored_picture_is_a_copy_in_its_class_and_in_another_only_kept_together():
    mirrored = BASE * 0x9E3779B97F4A7C15 % 2**128  # any number far from it
    rows = [
        row("1", "b", BASE),
        row("2", "a", flipped(mirrored, 3)),
        row("3", "c", flipped(mirrored, 4), "dog"),
        row("4", "d", BASE >> 20),
    ]
    turned = {"b": [mirrored], "a": [BASE], "c": [BASE], "d": [BASE >> 7]}
    marked = mark_copies(rows, 1, turned)
    assert [(each.status, each.group) for each in marked] == [
        ("copy", "a"),
        # Near the one of the other class as it is: two bits apart.
        ("ok", "a"),
        ("ok", "a"),
        ("ok", "d"),
    ]
    assert marked[0].reason == "mirrored or turned, 2"


@pytest.mark.parametrize("bits", [0, 1, 4])
def test_turned_pairs_are_those_of_all_pairs(bits):
    rng = np.random.default_rng(0)
    values = {int.from_bytes(rng.bytes(16), "big") for _ in range(40)}
    turned = {value: [int.from_bytes(rng.bytes(16), "big") for _ in range(7)] for value in values}
    for value in sorted(values):
        for other in turned[value][:4]:
            flips = rng.choice(128, rng.integers(0, 7), replace=False)
            turned.setdefault(flipped(other, *map(int, flips)), [])
    expected = {
        frozenset((one, other))
        for one in turned
        for each in turned[one]
        for other in turned
        if other != one and (each ^ other).bit_count() <= bits
    }
    assert len(expected) > 10
    assert {frozenset(pair) for pair in turned_pairs(turned, bits)} == expected


def test_a_symmetric_picture_is_no_copy_of_itself():
    assert list(turned_pairs({BASE: [BASE] * 7}, 8)) == []
    rows = [row("1", "a", BASE), row("2", "b", BASE >> 20)]
    assert [each.status for each in mark_copies(rows, 1, {"a": [BASE] * 7})] == ["ok", "ok"]
