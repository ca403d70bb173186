"""Batches as large as memory allows, worked out by hand."""

from pathlib import Path

import pytest

from fewshot.backbone.batches import choose_batch
from fewshot.backbone.extraction import Store


def network(size, largest):
    return {"image_size": size, "layers": {"large": [largest], "small": [8]}}


def stores(*widths, dtype="float16"):
    return [Store("any", Path(), "", width, dtype) for width in widths]


VGG16 = network(224, 224 * 224 * 64)  # 38.5 MB for three of its largest layer


@pytest.mark.parametrize(
    ("backbone", "read", "expected"),
    [
        (network(224, 112 * 112 * 64), stores(2048), 256),
        (VGG16, stores(4096), 128),  # 6 GB / 38.5 MB = 156
        # 8 of 0.66 MB and 7 of 0.15 MB an image: 314 of them take 2 GB, the GPU has room for 156.
        (VGG16, stores(331_140), 128),
        (network(224, 112 * 112 * 64), stores(331_140), 256),
        (network(224, 112 * 112 * 64), stores(331_140, dtype="float32"), 128),  # 172
        (network(224, 112 * 112 * 64), stores(*[1_605_632] * 10), 32),  # 8, as on a CPU
        (network(2048, 2048 * 2048 * 64), stores(10), 32),
    ],
)
def test_on_a_gpu(backbone, read, expected):
    assert choose_batch(backbone, read, on_gpu=True) == expected


def test_on_a_cpu_it_stays_what_numbers_were_computed_with():
    assert choose_batch(VGG16, stores(10), on_gpu=False) == 32
