import h5py
import numpy as np
import pytest

from fewshot.errors import InputError
from fewshot.heads.fitted import read_head, write_fitted


def test_arrays_of_repeats_stand_under_their_names(tmp_path):
    repeats = [(np.full(3, repeat), np.full((3, 2), 0.5 + repeat)) for repeat in range(4)]
    write_fitted(tmp_path / "head.h5", ("rows", "weights"), repeats)
    with h5py.File(tmp_path / "head.h5") as file:
        assert file.attrs["complete"]
        assert (file["rows"].shape, file["weights"].shape) == ((4, 3), (4, 3, 2))
        assert file["rows"][2].tolist() == [2, 2, 2]
        assert file["weights"][3].tolist() == [[3.5, 3.5]] * 3
        assert file["weights"].fletcher32


def test_a_head_comes_back_repeat_by_repeat(tmp_path):
    repeats = [(np.arange(3) + repeat, np.eye(3, 2), np.ones(2)) for repeat in range(2)]
    write_fitted(tmp_path / "head.h5", ("rows", "coefficients", "bias"), repeats)
    for found, given in zip(read_head(tmp_path / "head.h5"), repeats, strict=True):
        for one, other in zip(found, given, strict=True):
            np.testing.assert_array_equal(one, other)


def test_a_head_that_is_not_whole_is_refused(tmp_path):
    (tmp_path / "head.h5").write_bytes(b"\x89HDF cut short")
    with pytest.raises(InputError, match=r"as it was written\. Received: .*head\.h5"):
        read_head(tmp_path / "head.h5")
