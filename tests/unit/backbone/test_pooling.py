"""Pooling on the device, beside NumPy and torch's adaptive pooling worked out by hand."""

import numpy as np
import pytest

from fewshot.errors import InputError


@pytest.fixture
def rng():
    return np.random.default_rng(0)


def pool(layer, array, prefix_tokens=0):
    import keras

    from fewshot.backbone.pooling import pooled

    entry = keras.Input(array.shape[1:])
    model = keras.Model(entry, pooled(layer, entry, prefix_tokens))
    return np.asarray(model(array))


@pytest.fixture
def maps(rng):
    return rng.normal(size=(2, 7, 7, 5)).astype(np.float32)


@pytest.fixture
def tokens(rng):
    """A class token, four registers, and 3 x 3 patches."""
    return rng.normal(size=(2, 1 + 4 + 9, 6)).astype(np.float32)


def test_places_are_averaged_and_their_largest_found(maps):
    np.testing.assert_allclose(pool("a@mean", maps), maps.mean(axis=(1, 2)), rtol=1e-5, atol=1e-6)
    np.testing.assert_array_equal(pool("a@max", maps), maps.max(axis=(1, 2)))
    np.testing.assert_array_equal(pool("a", maps), maps)


def test_of_a_transformer_patches_count_alone(tokens):
    patches = tokens[:, 5:]
    found = pool("a@mean", tokens, 5)
    np.testing.assert_allclose(found, patches.mean(axis=1), rtol=1e-5, atol=1e-6)
    np.testing.assert_array_equal(pool("a@max", tokens, 5), patches.max(axis=1))
    np.testing.assert_array_equal(pool("a@cls", tokens, 5), tokens[:, 0])


def test_cells_of_an_odd_grid_share_the_middle(maps, tokens):
    found = pool("a@2x2", maps)
    assert found.shape == (2, 2, 2, 5)
    # 7 places: the cells are 0 to 3 and 3 to 6.
    np.testing.assert_allclose(found[:, 0, 0], maps[:, :4, :4].mean(axis=(1, 2)), rtol=1e-4)
    np.testing.assert_allclose(found[:, 1, 0], maps[:, 3:, :4].mean(axis=(1, 2)), rtol=1e-4)
    grid = tokens[:, 5:].reshape(2, 3, 3, 6)
    np.testing.assert_allclose(
        pool("a@2x2", tokens, 5)[:, 0, 1], grid[:, :2, 1:].mean(axis=(1, 2)), rtol=1e-4, atol=1e-6
    )


def test_cells_of_an_even_grid_are_quarters(rng):
    maps = rng.normal(size=(1, 4, 6, 2)).astype(np.float32)
    quarters = maps.reshape(1, 2, 2, 2, 3, 2).mean(axis=(2, 4))
    np.testing.assert_allclose(pool("a@2x2", maps), quarters, rtol=1e-5, atol=1e-6)


def test_means_of_short_numbers_are_taken_in_long_ones():
    import keras

    from fewshot.backbone.pooling import pooled

    entry = keras.Input((64, 64, 1), dtype="bfloat16")
    model = keras.Model(entry, pooled("a@mean", entry, 0))
    ones = np.ones((1, 64, 64, 1))
    ones[0, 0, 0] = 1.0078125  # the next number of bfloat16
    assert float(model(ones)[0, 0]) == pytest.approx(1 + 0.0078125 / 4096, abs=1e-7)


def test_what_has_no_class_token_is_told(maps):
    with pytest.raises(InputError, match="with a class token"):
        pool("a@cls", maps)
