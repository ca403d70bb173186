"""Drawn characters: every one can be drawn, is told apart by its name, and is drawn anew each time."""

from pathlib import Path

import matplotlib
import numpy as np
import pytest
from matplotlib.ft2font import FT2Font

from fewshot.data.characters import (
    ALPHABETS,
    PRETRAINING,
    character_name,
    draw_alphabets,
    draw_character,
)

TASKS = ("armenian", "georgian")


@pytest.mark.parametrize("alphabet", ALPHABETS)
def test_every_font_of_an_alphabet_has_all_its_characters(alphabet):
    characters, fonts = ALPHABETS[alphabet]
    for name in fonts:
        font = FT2Font(Path(matplotlib.get_data_path(), "fonts", "ttf", f"{name}.ttf"))
        assert [c for c in characters if not font.get_char_index(ord(c))] == []


@pytest.mark.parametrize("alphabet", ALPHABETS)
def test_every_character_is_drawn(alphabet):
    characters, fonts = ALPHABETS[alphabet]
    for number, character in enumerate(characters):
        picture = draw_character(character, fonts[0], np.random.default_rng(number))
        assert picture.shape == (32, 32, 3)
        assert picture.dtype == np.uint8
        assert picture.std() > 10


@pytest.mark.parametrize("alphabet", ALPHABETS)
def test_names_tell_characters_apart_and_fit_folders(alphabet):
    names = [character_name(character) for character in ALPHABETS[alphabet][0]]
    assert len(set(names)) == len(names)
    assert all(name.replace("-", "").isalnum() and name.isascii() for name in names)


def test_the_network_never_saw_the_scripts_of_the_demo():
    assert set(ALPHABETS) - set(PRETRAINING) == set(TASKS)
    seen = {character for name in PRETRAINING for character in ALPHABETS[name][0]}
    assert not seen & {character for name in TASKS for character in ALPHABETS[name][0]}


def test_the_same_random_state_draws_the_same_picture():
    first, again, other = (
        draw_character("ა", "DejaVuSans", np.random.default_rng(seed)) for seed in (0, 0, 1)
    )
    np.testing.assert_array_equal(first, again)
    assert np.mean(first != other) > 0.9


@pytest.mark.parametrize("size", [16, 64])
def test_the_size_is_the_edge_in_pixels(size):
    picture = draw_character("ա", "DejaVuSans", np.random.default_rng(0), size)
    assert picture.shape == (size, size, 3)


def test_a_character_without_ink_is_refused():
    with pytest.raises(ValueError, match=r"must leave ink\. Received: ' ' in DejaVuSans\."):
        draw_character(" ", "DejaVuSans", np.random.default_rng(0))


def test_alphabets_are_drawn_class_by_class():
    images, labels = draw_alphabets(["digits", "hebrew"], 2, np.random.default_rng(0))
    classes = sum(len(ALPHABETS[name][0]) for name in ("digits", "hebrew"))
    assert images.shape == (2 * classes, 32, 32, 3)
    assert labels.tolist() == [label for label in range(classes) for _ in range(2)]
    assert len({image.tobytes() for image in images}) == len(images)
