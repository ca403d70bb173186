"""Images of the pool, decoded by processes into the memory of batches."""

import hashlib
import threading

import numpy as np
import pytest
from PIL import Image

from fewshot.data import images
from fewshot.data.decoding import Decoder, decode, decoded_batches, read_pool_image
from fewshot.data.framing import Framing
from fewshot.data.pool import PoolRow
from fewshot.errors import InputError
from fewshot.workers import Shared


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


@pytest.fixture
def pool(tmp_path):
    """60 images of one gray each, 0 to 59."""
    rows = []
    for number in range(60):
        path = tmp_path / f"{number}.png"
        Image.new("RGB", (4, 4), (number,) * 3).save(path)
        rows.append(pool_row(path))
    return rows


def batches_of(rows, size):
    return [rows[i : i + size] for i in range(0, len(rows), size)]


# Batches of uneven size, as at the end of a piece, and more of them than there are places.
BATCHES = (8, 8, 3, 8, 1, 8, 8, 8, 8)


def uneven(rows):
    ends = np.cumsum(BATCHES)
    return [rows[end - size : end] for end, size in zip(ends, BATCHES, strict=True)]


@pytest.mark.parametrize(("processes", "held"), [(1, 1), (2, 3), (3, 1)])
def test_each_batch_has_its_images_in_order_and_is_filled_up_with_black(
    pool, tmp_path, processes, held
):
    batches, first = uneven(pool), 0
    with Decoder(batches, tmp_path, Framing(4), 8, processes, held) as decoder:
        recent = []
        for batch, pixels in zip(batches, decoder, strict=True):
            assert (pixels.shape, pixels.dtype) == ((8, 4, 4, 3), np.uint8)
            expected = np.zeros(8, int)
            expected[: len(batch)] = range(first, first + len(batch))
            first += len(batch)
            recent = [*recent, (pixels, expected)][-held:]
            # Those that are still in use are as they were.
            for kept, grays in recent:
                assert (kept == grays[:, None, None, None]).all()
        assert decoder.seconds > 0
    assert first == 60
    threads = [*decoded_batches(batches, tmp_path, Framing(4), 8, 2)]
    assert [image[:, 0, 0, 0].sum() for image in threads] == [
        sum(range(end - size, end)) for size, end in zip(BATCHES, np.cumsum(BATCHES), strict=True)
    ]


def test_no_more_processes_than_tasks(pool, tmp_path):
    with Decoder(batches_of(pool[:9], 8), tmp_path, Framing(4), 8, 4, 1) as decoder:
        assert decoder._workers.count == 4
    with Decoder([pool[:1]], tmp_path, Framing(4), 8, 4, 1) as decoder:
        assert decoder._workers.count == 1


def test_the_first_image_that_is_not_as_it_was_ends_it_by_name(pool, tmp_path):
    (tmp_path / "30.png").write_bytes(b"changed")
    (tmp_path / "37.png").unlink()
    batches = batches_of(pool, 8)
    with Decoder(batches, tmp_path, Framing(4), 8, 2, 1) as decoder:
        seen = iter(decoder)
        for _ in range(3):
            next(seen)
        with pytest.raises(InputError, match=r"the one that was scanned.*/30\.png, changed"):
            next(seen)


def test_of_large_images_processes_decode_one_at_a_time(pool, tmp_path, monkeypatch):
    monkeypatch.setattr(images, "_LARGE", images._LARGE)  # put back afterwards
    monkeypatch.setattr(images, "_MANY_PIXELS", 15)
    large, held, done = threading.Lock(), threading.Event(), threading.Event()
    shared = Shared(memoryview(bytearray(2 * 48)), large)

    def work():
        held.set()
        decode(shared, 1, pool[7:8], tmp_path, Framing(4))
        done.set()

    with large:
        thread = threading.Thread(target=work)
        thread.start()
        held.wait()
        assert not done.wait(0.2)
    thread.join()
    assert bytes(shared.memory) == bytes(48) + bytes([7] * 48)
