"""The check: it is read as it was written, and finds another decoder and another network."""

import io
import zipfile

import numpy as np
import pytest

from fewshot.data.framing import Framing
from fewshot.data.images import read_image
from fewshot.errors import InputError
from fewshot.predictor.check import (
    Check,
    check_decoder,
    check_model,
    differences,
    read_check,
    write_check,
)
from fewshot.predictor.pictures import check_pictures

FRAMING = Framing(48, "crop", "bilinear", 0.875)


def softmax(logits):
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    return (powers / powers.sum(axis=1, keepdims=True)).astype(np.float32)


@pytest.fixture(scope="module")
def check():
    files = check_pictures()[::4]
    pixels = np.stack([np.asarray(read_image(data, FRAMING)) for data in files])
    logits = np.random.default_rng(0).normal(0, 2, (len(files), 5))
    return Check(files, pixels, softmax(logits))


def test_it_is_read_as_it_was_written(tmp_path, check):
    write_check(tmp_path / "check.npz", check)
    found = read_check(tmp_path / "check.npz")
    assert found.files == check.files
    assert np.array_equal(found.pixels, check.pixels)
    assert np.array_equal(found.probabilities, check.probabilities)
    assert [path.name for path in tmp_path.iterdir()] == ["check.npz"]


def rewritten(path, **arrays):
    with np.load(path) as found:
        kept = dict(found)
    np.savez(path, **kept | arrays)


LYING = b"{'descr': '|u1', 'fortran_order': False, 'shape': (%d, 9, 9, 3), }"


@pytest.mark.parametrize(
    "arrays",
    [
        {"files": np.array([{"a": 1}], object)},
        {"files": np.zeros(3, np.int16)},
        {"lengths": np.array([1, 2])},
        {"lengths": np.full(8, -1)},
        {"lengths": np.array(5)},
        {"pixels": np.zeros((8, 48, 48, 4), np.uint8)},
        {"pixels": np.zeros((7, 48, 48, 3), np.uint8)},
        {"pixels": np.asfortranarray(np.zeros((8, 48, 48, 3), np.uint8))},
        {"probabilities": np.full((8, 5), np.nan, np.float32)},
        {"probabilities": np.full((8, 5), 7, np.float32)},
        {"probabilities": np.zeros(8, np.float32)},
        {"another": np.zeros(3)},
    ],
    ids=range(12),
)
def test_other_arrays_are_refused(tmp_path, check, arrays):
    path = tmp_path / "check.npz"
    write_check(path, check)
    rewritten(path, **arrays)
    with pytest.raises(InputError, match=r"check\.npz.* Received: .* Hint: copy"):
        read_check(path)


@pytest.mark.parametrize("count", [10**15, 8])
def test_no_memory_is_taken_for_what_a_header_says(tmp_path, check, count):
    path = tmp_path / "check.npz"
    write_check(path, check)
    header = LYING % count
    header += b" " * (117 - len(header)) + b"\n"
    entry = b"\x93NUMPY\x01\x00" + len(header).to_bytes(2, "little") + header + b"few"
    with zipfile.ZipFile(path) as archive:
        members = {info.filename: archive.read(info) for info in archive.infolist()}
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in (members | {"pixels.npy": entry}).items():
            archive.writestr(name, data)
    with pytest.raises(InputError, match=r"check\.npz must be a whole file"):
        read_check(path)


def test_a_packed_or_cut_off_check_is_refused(tmp_path, check):
    path = tmp_path / "check.npz"
    write_check(path, check)
    data = path.read_bytes()
    for part in (data[: len(data) // 2], data[:-1], b""):
        path.write_bytes(part)
        with pytest.raises(InputError, match="must be a whole file"):
            read_check(path)
    packed = io.BytesIO()
    np.savez_compressed(
        packed, files=np.zeros(10**7, np.uint8), lengths=1, pixels=1, probabilities=1
    )
    path.write_bytes(packed.getvalue())
    with pytest.raises(InputError, match="uncompressed"):
        read_check(path)


def test_the_decoder_that_made_it_passes(check):
    check_decoder(check, FRAMING)


@pytest.mark.parametrize(
    "change",
    [
        *({"interpolation": kind} for kind in ("bicubic", "lanczos", "nearest")),
        *({"resize": kind} for kind in ("squash", "pad")),
        {"crop_fraction": 0.9},
    ],
    ids=str,
)
def test_another_framing_is_refused(check, change):
    with pytest.raises(InputError, match=r"picture 1 of 8, \d+ of 255 levels apart"):
        check_decoder(check, FRAMING._replace(**change))


def test_another_size_and_colours_in_another_order_are_refused(check):
    with pytest.raises(InputError, match="picture 1 of 8, 32 pixels wide instead of 48"):
        check_decoder(check, FRAMING._replace(image_size=32))
    # As if it had been made where blue came first.
    other = check._replace(pixels=check.pixels[..., ::-1])
    with pytest.raises(InputError, match="must be decoded here as where the predictor was made"):
        check_decoder(other, FRAMING)


def test_pixels_that_are_rounded_otherwise_pass(check):
    off = np.random.default_rng(0).integers(-2, 3, check.pixels.shape)
    pixels = (check.pixels + off).clip(0, 255).astype(np.uint8)
    check_decoder(check._replace(pixels=pixels), FRAMING)


def test_a_picture_that_can_not_be_decoded_here_is_refused(check):
    files = [*check.files[:3], check.files[3][:50], *check.files[4:]]
    with pytest.raises(InputError, match="picture 4 of 8, "):
        check_decoder(check._replace(files=files), FRAMING)


def test_a_network_that_says_the_same_passes_and_its_difference_is_told(check):
    assert check_model(check, lambda pixels: check.probabilities, 1e-3) == 0
    likely = check._replace(probabilities=np.full((8, 5), 0.2, np.float32))
    near = likely.probabilities + np.array([5e-4, -5e-4, 0, 0, 0], np.float32)
    assert check_model(likely, lambda pixels: near, 1e-3) == pytest.approx(5e-4, rel=1e-3)


def test_a_probability_too_far_away_is_refused_with_the_largest_difference(check):
    found = check.probabilities.copy()
    found[3, :2] = found[3, 1::-1]
    apart = abs(found - check.probabilities).max()
    with pytest.raises(InputError, match=f"up to {apart:.2g} apart where 0.001 are allowed"):
        check_model(check, lambda pixels: found, 1e-3)


def test_a_network_that_is_sure_of_its_class_is_told_by_the_others():
    # Logits of 40 and around 0: every probability but the first is 1e-17 or so.
    logits = np.array([[40.0, 0.5, -1, 2, -3]])
    check = Check([b"x"], np.zeros((1, 4, 4, 3), np.uint8), softmax(logits))
    check_model(check, lambda pixels: softmax(logits * (1 + 1e-4)), 1e-3)
    found = softmax(logits * 1.05)
    assert abs(found - check.probabilities).max() < 1e-6
    with pytest.raises(InputError, match=r"logarithms up to 0\.05 of themselves where 0\.004"):
        check_model(check, lambda pixels: found, 1e-3)


def test_numbers_that_round_to_nothing_on_some_devices_are_equal():
    found, expected = np.array([[1.0, 0.0]]), np.array([[1.0, 1e-38]])
    assert differences(found, expected)[1] == 0


@pytest.mark.parametrize("shape", [(8, 4), (7, 5), (8, 5, 1)])
def test_numbers_that_are_none_and_of_another_shape_are_refused(check, shape):
    with pytest.raises(InputError, match="numbers instead of"):
        check_model(check, lambda pixels: np.zeros(shape, np.float32), 1e-3)
    found = check.probabilities.copy()
    found[5, 2] = np.nan
    with pytest.raises(InputError, match="nan apart"):
        check_model(check, lambda pixels: found, 1e-3)


def test_the_bound_of_logarithms_is_that_of_logits_that_probabilities_allow():
    # Logits that each err by d, in opposite directions, where the classes are equally likely:
    # the steepest place of a probability.
    for error in (1e-3, 1e-2):
        logits = np.zeros((1, 2))
        moved = softmax(logits + np.array([[error, -error]])).astype(float)
        apart, _ = differences(moved, softmax(logits))
        assert apart == pytest.approx(error / 2, rel=1e-2)
        unlikely = np.array([[0.0, -0.9]])
        moved = softmax(unlikely + np.array([[error, -error]])).astype(float)
        assert differences(moved, softmax(unlikely))[1] <= 4 * apart
