import h5py
import numpy as np
import pytest

from fewshot.backbone.compact import coordinates_of
from fewshot.errors import InputError
from fewshot.heads.fitted import Head, as_coefficients, head_scores, read_head, write_fitted
from fewshot.heads.train import train


@pytest.mark.parametrize(("solver", "centred"), [("logistic", True), ("sgd", False)])
@pytest.mark.parametrize("width", [20, 400])
def test_scores_of_a_head_are_those_of_its_weights_on_the_activations(width, solver, centred):
    rng = np.random.default_rng(0)
    labels = np.tile(np.arange(4), 12)
    activations = rng.standard_normal((4, width))[labels] + rng.standard_normal((48, width))
    activations = np.maximum(activations, 0).astype(np.float32)
    coordinates = coordinates_of(lambda start, stop: activations[:, start:stop], 48, width)
    own, tests = np.arange(24), np.arange(24, 48)
    settings = {"epochs": 5, "batch_size": 8, "learning_rate": 0.01, "momentum": 0.9}
    head = {"solver": solver, **settings}
    result, _, fitted, scores = train(coordinates, labels, own, tests, head, rng, classes=4)
    wide = activations.astype(np.float64)
    wide -= wide[own].mean(axis=0) if centred else 0
    assert (fitted.weights is None) == (width > 24)
    coefficients = as_coefficients(coordinates, fitted, centred=centred).coefficients
    expected = wide @ (wide[own].T @ coefficients) + fitted.bias
    found = head_scores(coordinates, fitted, centred=centred)
    np.testing.assert_allclose(found, expected, atol=1e-3 * np.abs(expected).max())
    np.testing.assert_array_equal(found, scores)
    assert np.mean(found[tests].argmax(axis=1) == labels[tests]) == result["test_accuracy"]


def test_arrays_of_repeats_stand_under_their_names(tmp_path):
    repeats = [
        {"rows": np.full(3, repeat), "weights": np.full((3, 2), 0.5 + repeat)}
        for repeat in range(4)
    ]
    write_fitted(tmp_path / "head.h5", repeats)
    with h5py.File(tmp_path / "head.h5") as file:
        assert file.attrs["complete"]
        assert (file["rows"].shape, file["weights"].shape) == ((4, 3), (4, 3, 2))
        assert file["rows"][2].tolist() == [2, 2, 2]
        assert file["weights"][3].tolist() == [[3.5, 3.5]] * 3
        assert file["weights"].fletcher32


@pytest.mark.parametrize("form", ["coefficients", "weights"])
def test_a_head_comes_back_repeat_by_repeat(tmp_path, form):
    heads = [
        Head(np.arange(3) + repeat, np.full(2, repeat), **{form: np.eye(3, 2) + repeat})
        for repeat in range(2)
    ]
    write_fitted(tmp_path / "head.h5", [head.arrays() for head in heads])
    for found, given in zip(read_head(tmp_path / "head.h5"), heads, strict=True):
        assert found.arrays().keys() == {"rows", "bias", form}
        for name, array in given.arrays().items():
            np.testing.assert_array_equal(found.arrays()[name], array)


@pytest.mark.parametrize(
    "arrays",
    [
        {"rows": np.arange(3), "bias": np.zeros(2)},
        {"rows": np.arange(3), "bias": np.zeros(2), "coefficients": np.zeros((4, 2))},
        {"rows": np.arange(3), "bias": np.zeros(5), "weights": np.zeros((4, 2))},
        {"rows": np.arange(3), "weights": np.zeros((4, 2))},
        {"rows": np.array(3), "bias": np.zeros(2), "weights": np.zeros((4, 2))},
    ],
)
def test_a_file_that_is_no_head_says_what_to_delete(tmp_path, arrays):
    write_fitted(tmp_path / "head.h5", [arrays])
    with pytest.raises(InputError, match=r"head\.h5.*Hint: rm -f .*head\.h5, then run again"):
        read_head(tmp_path / "head.h5")


def test_a_head_that_is_not_whole_is_refused(tmp_path):
    (tmp_path / "head.h5").write_bytes(b"\x89HDF cut short")
    with pytest.raises(InputError, match=r"as it was written\. Received: .*head\.h5"):
        read_head(tmp_path / "head.h5")
