"""Imports of many modules, in less time."""

import gc
from contextlib import contextmanager


@contextmanager
def uncollected():
    """Collect no garbage while modules are imported, and never look through these again.

    The collector would look through all of them many times, and once more at the end of the
    process: with Keras that is two fifths of the time that its import takes, with Matplotlib a
    quarter.
    """
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()
