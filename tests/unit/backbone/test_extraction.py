"""What an extraction does beside running a network: reading images, writing behind it."""

import hashlib
import threading

import numpy as np
import pytest
from PIL import Image

from fewshot.backbone.extraction import _AHEAD, _Disk, check_layer, read_pool_image
from fewshot.data import images
from fewshot.data.framing import Framing
from fewshot.data.pool import PoolRow
from fewshot.errors import InputError

BACKBONE = {
    "network": "Net",
    "prefix_tokens": 0,
    "layers": {**{f"conv_{n}": [8, 8, 4] for n in range(9)}, "flat": [256], "fc": [10]},
}


@pytest.mark.parametrize(
    ("layer", "spatial", "message"),
    [
        ("conv_x", False, r"one of Net's\. Received: conv_x\. Hint: did you mean conv_8\?$"),
        ("other", False, r"Received: other\. Hint: try conv_6, conv_7, conv_8, flat, fc\.$"),
        (
            "fc",
            True,
            r"Net's with height, width and channels\. Received: fc\. Hint: try .*, conv_8\.$",
        ),
    ],
)
def test_a_layer_that_a_network_lacks_is_told(layer, spatial, message):
    with pytest.raises(InputError, match=message):
        check_layer(layer, BACKBONE, spatial=spatial)
    check_layer("conv_1", BACKBONE, spatial=spatial)


def pool_row(path):
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    return PoolRow(0, path.name, "cat", 0, digest, digest)


def test_an_image_of_the_pool_is_read_at_its_size(tmp_path):
    Image.new("RGB", (9, 5), (255, 0, 0)).save(tmp_path / "1.png")
    image = read_pool_image(tmp_path, pool_row(tmp_path / "1.png"), Framing(4))
    assert (image.shape, image.dtype) == ((4, 4, 3), np.uint8)
    assert (image == (255, 0, 0)).all()


def test_an_image_that_the_study_allowed_when_it_was_scanned_has_no_limit(tmp_path, monkeypatch):
    monkeypatch.setattr(images, "MAX_PIXELS", 44)
    Image.new("RGB", (9, 5), (255, 0, 0)).save(tmp_path / "1.png")
    assert read_pool_image(tmp_path, pool_row(tmp_path / "1.png"), Framing(4)).shape == (4, 4, 3)


def test_an_image_that_is_gone_changed_or_cannot_be_decoded_is_named(tmp_path):
    path = tmp_path / "1.png"
    path.write_bytes(b"no image")
    row = pool_row(path)
    with pytest.raises(InputError, match=r"decoded as it was.*1\.png \(not an image.*Hint: put"):
        read_pool_image(tmp_path, row, Framing(4))
    path.write_bytes(b"another")
    with pytest.raises(InputError, match=r"the one that was scanned.*1\.png, changed"):
        read_pool_image(tmp_path, row, Framing(4))
    path.unlink()
    with pytest.raises(InputError, match=r"must be there.*1\.png"):
        read_pool_image(tmp_path, row, Framing(4))


def test_calls_are_done_in_order_a_few_behind_at_most():
    held, done = threading.Event(), []
    with _Disk() as disk:
        disk.do(held.wait)
        for number in range(_AHEAD - 1):
            disk.do(done.append, number)
        assert done == []
        held.set()
        disk.do(done.append, "last")
    assert done == [*range(_AHEAD - 1), "last"]


def test_an_error_on_the_disk_is_raised_where_calls_are_made_and_no_call_is_lost():
    def fail():
        raise OSError("disk on fire")

    done = []

    def work():
        with _Disk() as disk:
            disk.do(fail)
            for number in range(100):
                disk.do(done.append, number)

    with pytest.raises(OSError, match="disk on fire"):
        work()
    # What was handed over before the error was seen is done all the same: it may close files.
    assert done == list(range(_AHEAD))
