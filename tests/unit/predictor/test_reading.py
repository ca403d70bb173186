"""Images are read as everywhere in the project, ahead of whoever takes them."""

import base64
import hashlib
import io

import numpy as np
import pytest
from odd_corpus import CORPUS, Bad
from PIL import Image

from fewshot.data.framing import Framing
from fewshot.data.images import difference_hash, read_image
from fewshot.predictor.reading import Wanted, read_batches, read_file

WANTED = Wanted(Framing(32, "crop", "bicubic", 0.875), 5e6)


@pytest.fixture(scope="module")
def corpus(tmp_path_factory):
    """Bad and odd images by name, but the largest."""
    folder = tmp_path_factory.mktemp("corpus")
    names = [name for name in CORPUS if "most pixels" not in name]
    for number, name in enumerate(names):
        (folder / f"{number}.jpg").write_bytes(CORPUS[name][0]())
    return {name: str(folder / f"{number}.jpg") for number, name in enumerate(names)}


@pytest.mark.filterwarnings("ignore::UserWarning")
def test_odd_but_good_images_are_decoded_as_everywhere_and_bad_ones_have_reasons(corpus):
    [*batches] = read_batches([*corpus.values()], WANTED, 10, 2)
    assert {len(batch) for batch in batches[:-1]} == {10}
    found = {image.path: image for batch in batches for image in batch}
    for name, path in corpus.items():
        _, outcome = CORPUS[name]
        image = found[path]
        if isinstance(outcome, Bad):
            assert image.pixels is None
            assert image.reason, name
        else:
            assert image.reason == "", name
            with open(path, "rb") as file:
                expected = np.asarray(read_image(file.read(), WANTED.framing))
            assert np.array_equal(image.pixels, expected), name


def saved(path, size=(60, 40)):
    rough = np.random.default_rng(0).integers(0, 256, (4, 6, 3), dtype=np.uint8)
    Image.fromarray(rough).resize(size, Image.Resampling.BICUBIC).save(path)
    return str(path)


def test_hashes_and_thumbnails_are_made_where_they_are_wanted(tmp_path):
    path = saved(tmp_path / "1.png")
    plain = read_file(path, WANTED)
    assert (plain.sha256, plain.dhash, plain.thumbnail) == ("", "", "")
    more = read_file(path, WANTED._replace(hashes=True, thumbnails=True))
    data = (tmp_path / "1.png").read_bytes()
    assert more.sha256 == hashlib.sha256(data).hexdigest()
    assert int(more.dhash, 16) == difference_hash(read_image(data, WANTED.framing)) != 0
    thumbnail = Image.open(io.BytesIO(base64.b64decode(more.thumbnail)))
    assert (thumbnail.format, thumbnail.size) == ("JPEG", (96, 64))


def test_limits_hold_before_bytes_and_pixels_take_memory(tmp_path):
    with open(tmp_path / "1.jpg", "wb") as file:
        file.truncate(2**40)
    assert (
        "more than the limit of 134217728 bytes"
        in read_file(str(tmp_path / "1.jpg"), WANTED).reason
    )
    few = WANTED._replace(max_pixels=1000)
    assert (
        "60 x 40 pixels, more than the limit of 1000"
        in read_file(saved(tmp_path / "2.png"), few).reason
    )


def test_what_can_not_be_opened_has_the_reason_of_the_system(tmp_path):
    assert read_file(str(tmp_path / "gone.jpg"), WANTED).reason == "No such file or directory"
    assert read_file(str(tmp_path), WANTED).reason == "Is a directory"


def test_an_image_that_is_not_read_here_says_what_it_is(tmp_path):
    (tmp_path / "1.heic").write_bytes(b"\0\0\0\x18ftypheic" + bytes(100))
    reason = "not an image of a known format: HEIC, save it as JPEG or PNG"
    assert read_file(str(tmp_path / "1.heic"), WANTED).reason == reason


def test_images_are_read_while_a_batch_is_with_the_network_but_no_further_than_two(tmp_path):
    path = saved(tmp_path / "1.png")
    links = []
    for number in range(40):
        links.append(str(tmp_path / f"{number:02}.link.png"))
        (tmp_path / f"{number:02}.link.png").symlink_to(path)
    batches = read_batches(links, WANTED, 4, 2)
    assert [image.path for image in next(batches)] == links[:4]
    # What lies further ahead is not read yet: what is removed now is missed.
    for link in links[16:]:
        (tmp_path / link).unlink()
    rest = [image for batch in batches for image in batch]
    assert [image.path for image in rest] == links[4:]
    assert [image.reason == "" for image in rest] == [True] * 12 + [False] * 24
