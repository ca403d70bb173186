"""How many images a network is given at once, where the study does not say."""

import math

import numpy as np

from fewshot.backbone.forward import in_flight
from fewshot.backbone.writing import AHEAD as WRITTEN_LATER
from fewshot.data.decoding import AHEAD, CHANNELS

# A CPU is busy with a few. Its kernels may round otherwise where there are more.
_ON_A_CPU = 32
_MOST = 256  # beyond which GPUs gained nothing
# ASSUME: GPUs that are used for this have 12 GB, and the node as much for each of them.
_HOST_BYTES, _DEVICE_BYTES = 2 * 10**9, 6 * 10**9
_LAYERS_AT_ONCE = 3  # as large as the largest: what a layer reads, what it writes, and its own room
_FLOAT_BYTES = 4


def choose_batch(backbone, stores, on_gpu):
    """Choose how many images a network is given at once.

    Parameters
    ----------
    backbone : dict
        Description of the network, from `weights`.
    stores : list of fewshot.backbone.extraction.Store
        Layers that are read.
    on_gpu : bool

    Returns
    -------
    int
        On a GPU the largest power of two, up to 256, for which images and activations that wait
        take 2 GB of the host's memory and the network about 6 GB of the GPU's; at least 32.
    """
    if not on_gpu:
        return _ON_A_CPU
    decoded = CHANNELS * backbone["image_size"] ** 2 * (AHEAD + in_flight(on_gpu))
    read = sum(store.width * np.dtype(store.dtype).itemsize for store in stores)
    host = decoded + read * (WRITTEN_LATER + 1 + in_flight(on_gpu))
    largest = max(math.prod(shape) for shape in backbone["layers"].values())
    device = _LAYERS_AT_ONCE * _FLOAT_BYTES * largest
    fits = min(_HOST_BYTES / host, _DEVICE_BYTES / device, _MOST)
    return max(_ON_A_CPU, 2 ** int(math.log2(max(fits, 1))))
