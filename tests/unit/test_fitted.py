import h5py
import numpy as np

from fewshot.fitted import write_fitted


def test_arrays_of_repeats_stand_under_their_names(tmp_path):
    repeats = [(np.full(3, repeat), np.full((3, 2), 0.5 + repeat)) for repeat in range(4)]
    write_fitted(tmp_path / "head.h5", ("rows", "weights"), repeats)
    with h5py.File(tmp_path / "head.h5") as file:
        assert file.attrs["complete"]
        assert (file["rows"].shape, file["weights"].shape) == ((4, 3), (4, 3, 2))
        assert file["rows"][2].tolist() == [2, 2, 2]
        assert file["weights"][3].tolist() == [[3.5, 3.5]] * 3
        assert file["weights"].fletcher32
