"""Which part of an extraction the others wait for, from times worked out by hand."""

import pytest

from fewshot.backbone.pace import pace


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [
        ((4, 1, 2), "decoding reaches 250, network 1000, disk 500 images/s: all wait for decoding"),
        (
            (1, 400, 2),
            "decoding reaches 1000, network 2.5, disk 500 images/s: all wait for network",
        ),
        ((1, 1, 20), "decoding reaches 1000, network 1000, disk 50 images/s: all wait for disk"),
        # Nothing has been written yet.
        ((1, 8, 0), "decoding reaches 1000, network 125 images/s: all wait for network"),
    ],
)
def test_the_slowest_is_named(seconds, expected):
    assert pace(1000, **dict(zip(("decoding", "network", "disk"), seconds, strict=True))) == (
        f"alone {expected}"
    )
