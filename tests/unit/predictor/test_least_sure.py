"""Which images to label next: the least sure first, each picture once."""

from fewshot.predictor.least_sure import Candidate, least_sure

HASHES = [f"{value:032x}" for value in (0x0F0F << 40, 0x3FF << 90, 0x7F7F7F << 60)]
NEAR = f"{(0x0F0F << 40) ^ 1:032x}"  # one bit from the first
FAR = f"{(0x0F0F << 40) ^ 7:032x}"


def chosen(rows, count):
    candidates = [
        Candidate(name, probability, digest, dhash, name.upper())
        for name, probability, digest, dhash in rows
    ]
    return [each.image for each in least_sure(candidates, count)]


def test_the_least_sure_come_first_and_no_more_than_asked_for():
    rows = [("a", 0.9, "a", HASHES[0]), ("b", 0.3, "b", HASHES[1]), ("c", 0.5, "c", HASHES[2])]
    assert chosen(rows, 5) == ["b", "c", "a"]
    assert chosen(rows, 2) == ["b", "c"]
    assert chosen(rows[::-1], 2) == ["b", "c"]


def test_of_the_copies_of_a_picture_the_least_sure_stays():
    rows = [
        ("a", 0.4, "same", HASHES[0]),
        ("b", 0.4, "same", HASHES[0]),  # the same file
        ("c", 0.3, "other", NEAR),  # saved again
        ("d", 0.6, "far", FAR),
        ("e", 0.5, "e", HASHES[1]),
    ]
    assert chosen(rows, 9) == ["c", "e", "d"]


def test_almost_flat_pictures_are_told_apart_by_their_files_alone():
    flat = "0" * 32
    assert chosen([("a", 0.4, "a", flat), ("b", 0.3, "b", flat)], 9) == ["b", "a"]
    assert chosen([("a", 0.4, "a", flat), ("b", 0.4, "a", flat)], 9) == ["a"]


def test_what_the_caller_keeps_comes_back():
    candidate = Candidate("a", 0.4, "a", HASHES[0], kept=(1, 2))
    assert least_sure([candidate], 1)[0].kept == (1, 2)
    assert least_sure([], 3) == []
