"""The decoder against TensorFlow's own decoders of PNG, GIF, BMP, JPEG and WebP."""

import keras  # noqa: F401 which settles what TensorFlow prints
import numpy as np
import pytest
import tensorflow as tf
from odd_corpus import CORPUS, Bad, Good

from fewshot.data.images import read_image

# What TensorFlow decodes by other rules, or not at all.
OTHERWISE = {
    # Values of fewer bits stay as small as they are.
    *("png grey 1 bit", "png grey 2 bit", "png grey 4 bit", "png palette 2 bit"),
    "png palette 4 bit",
    # It wants what this project can do without.
    *("png without its end", "png of a wrong crc"),
    # Transparent is black, and the canvas is that of the first frame.
    *("gif, red clear", "gif, first frame smaller", "gif, first frame smaller, red clear"),
    # Kinds of BMP that it does not know.
    *("bmp 1 bit", "bmp 4 bit", "bmp 8 bit", "bmp 16 bit", "bmp 16 bit, 6 of green"),
    *("bmp 32 bit with alpha", "bmp in runs, 8 bit", "bmp in runs, 4 bit"),
    # It does not turn what EXIF says is turned.
    *(f"jpeg, exif orientation {n}" for n in range(2, 9)),
    "jpeg, exif orientation as long",
}
KINDS = ("png", "gif", "bmp", "jpeg", "webp")
COMPARED = [
    name
    for name, (_, expected) in CORPUS.items()
    if isinstance(expected, Good)
    and name.split()[0].strip(",") in KINDS
    and name not in OTHERWISE
    and "most" not in name  # the largest, of one colour
]
# Limits of this project, of which TensorFlow knows nothing.
LIMITS = ("bomb", "million", "most", "scans", "129 MiB")
REFUSED = [
    name
    for name, (_, expected) in CORPUS.items()
    if isinstance(expected, Bad)
    and not any(word in name for word in LIMITS)
    and not name.startswith("tiff")
]


def decode(data, name):
    """Decode by TensorFlow; on white, where it has an alpha channel."""
    if name.startswith("webp"):
        channels = 4 if "alpha" in name or "animated" in name else 3
        pixels = tf.io.decode_webp(data, channels=channels)
    else:
        channels = 4 if name.startswith("png") else 3
        pixels = tf.io.decode_image(data, channels=channels, expand_animations=False)
    pixels = pixels.numpy().astype(float)
    pixels = pixels[0] if pixels.ndim == 4 else pixels
    return 255 + (pixels[..., :3] - 255) * pixels[..., 3:] / 255 if channels == 4 else pixels


def test_there_is_much_to_compare():
    assert {*CORPUS} >= OTHERWISE
    assert len(COMPARED) > 40
    assert len(REFUSED) > 40


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", COMPARED)
def test_pixels_are_those_of_the_other_decoder(name):
    data = CORPUS[name][0]()
    expected = decode(data, name)
    found = np.asarray(read_image(data))
    assert found.shape == expected.shape
    # It takes the upper 8 of 16 bits, this project the nearest, and JPEGs differ by the rounding
    # of their transformation.
    np.testing.assert_allclose(found, expected, atol=2 if name.startswith("jpeg") else 1.01)


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_refused_the_other_decoder_refuses_too(name):
    with pytest.raises(tf.errors.InvalidArgumentError):
        tf.io.decode_image(CORPUS[name][0]())
