"""Coordinates: as few numbers an image as there are images, with all inner products kept.

Softmax regression that starts at zero and is trained by gradients sees its inputs only through
inner products: every gradient is a combination of training rows. So rows of any width d may be
replaced by rows of n numbers that have the same inner products.
"""

import numpy as np
from scipy.linalg.lapack import dpstrf

from fewshot.backbone.activations import COLUMNS
from fewshot.memory import check_memory
from fewshot.metrics import log_softmax
from fewshot.progress import Progress


def gram(column_blocks, images):
    """Sum the Gram matrix K = X X^T over blocks of columns.

    Parameters
    ----------
    column_blocks : iterable of ndarray of shape (images, columns), float32
        The columns of X, each once, in any order.
    images : int
        n, the rows of X.

    Returns
    -------
    ndarray of shape (images, images), float64, Fortran order
        Products are formed in float32, block by block, and summed in float64.
    """
    total = np.zeros((images, images), order="F")
    # A quarter of the rows at a time: the float32 products then take n^2 bytes, not 4 n^2.
    step = -(-images // 4)
    for block in column_blocks:
        for start in range(0, images, step):
            # K is symmetric: the lower triangle is enough.
            total[start:, start : start + step] += block[start:] @ block[start : start + step].T
    return total


def factor(lower):
    """Factor a Gram matrix into coordinates: K = L L^T, by Cholesky with complete pivoting.

    The pivots tell the rank, so rows that repeat or depend on each other do no harm.

    Parameters
    ----------
    lower : ndarray of shape (n, n), float64, Fortran order
        Lower triangle of K, overwritten.

    Returns
    -------
    ndarray of shape (n, rank), float32
        Row i has the inner products of row i of X.

    Raises
    ------
    ValueError
        If K holds a number that is not finite.

    References
    ----------
    Higham, Accuracy and Stability of Numerical Algorithms, 2nd ed., section 10.3.
    """
    n = len(lower)
    diagonal = lower.diagonal()
    if not np.isfinite(diagonal).all():
        raise ValueError(
            f"Activations must be finite. Received: {np.sum(~np.isfinite(diagonal))} rows "
            "with infinite or undefined numbers. Hint: store them in float32."
        )
    # Rows at unit norm: products were formed in float32, so pivots below its rounding are noise.
    norms = np.sqrt(np.where(diagonal > 0, diagonal, 1))[:, None]
    lower /= norms
    lower /= norms.T
    factored, pivots, rank, _ = dpstrf(lower, tol=np.finfo(np.float32).eps, lower=1, overwrite_a=1)
    rank = max(rank, 1)  # zeros alone, as of a layer that is dead, keep one coordinate
    coordinates = np.empty((n, rank), np.float32)
    # Column by column: P^T K P = L L^T, so row pivots[i] of X has row i of L.
    for column in range(rank):
        coordinates[pivots - 1, column] = factored[:, column]
        coordinates[pivots[:column] - 1, column] = 0
    coordinates *= norms
    return coordinates


def soften(logits, temperature):
    """Class probabilities softmax(z / T).

    Parameters
    ----------
    logits : ndarray of shape (images, classes), float32
        z.
    temperature : float
        T, above 0.

    Returns
    -------
    ndarray of shape (images, classes), float32

    References
    ----------
    Hinton, Vinyals & Dean, Distilling the Knowledge in a Neural Network, arXiv 1503.02531,
    equation 1.
    """
    return np.exp(log_softmax(logits / np.float32(temperature)))


def class_scores(logits, temperature=None, centred=False):
    """Make what a layer of class scores says from the logits.

    Parameters
    ----------
    logits : ndarray of shape (images, classes), float32
    temperature : float, optional
        T of the class probabilities to make from logits.
    centred : bool, default False
        Take each image's logits less their mean: what class probabilities tend to as T grows,
        softmax(z / T) = 1/N + (z - mean z) / (N T) + O(1 / T^2) for N classes.

    Returns
    -------
    ndarray of shape (images, classes), float32
    """
    if temperature is not None:
        return soften(logits, temperature)
    return logits - logits.mean(axis=1, keepdims=True) if centred else logits


def needed_memory(images, width, is_made):
    """Tell how much memory `coordinates_of` takes at its most.

    Parameters
    ----------
    images, width : int
        n and d.
    is_made : bool
        Whether `class_scores` makes something of the activations.

    Returns
    -------
    int
        Bytes: 4 n d for a narrow layer, five times that where something is made of it; for a wide
        one 8 n^2 for K and 4 n^2 for L, beside a block of columns.
    """
    whole = 4 * images * width * (5 if is_made else 1)
    if width <= images:
        return whole
    return 12 * images**2 + (whole if is_made else 4 * images * min(width, COLUMNS))


def coordinates_of(read, images, width, temperature=None, centred=False):
    """Coordinates of a layer's activations: the activations themselves where they are narrow.

    Parameters
    ----------
    read : callable
        read(start, stop) gives columns start to stop of the activations, (images, stop - start),
        float32.
    images, width : int
        n and d.
    temperature, centred
        See `class_scores`, where the layer is one of these; by default activations stay as they are.

    Returns
    -------
    ndarray of shape (images, at most min(images, width)), float32

    Raises
    ------
    InputError
        If they don't fit into memory.
    """
    is_made = temperature is not None or centred
    check_memory(
        needed_memory(images, width, is_made),
        f"Coordinates of {images} images x {width} numbers",
        "pool the layer (@mean), lower draws.images_per_class, or give the job more memory",
    )
    if is_made or width <= images:
        whole = class_scores(read(0, width), temperature, centred)
    else:
        starts = range(0, width, COLUMNS)
        blocks = (read(start, min(start + COLUMNS, width)) for start in starts)
        inner = gram(Progress(len(starts), "blocks of columns").over(blocks), images)
        print(f"factoring {images} x {images} inner products", flush=True)
        return factor(inner)
    return whole if width <= images else factor(gram([whole], images))
