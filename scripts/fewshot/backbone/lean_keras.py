"""Keras without what it takes along for others, which is a quarter of the time that it takes to import."""

import sys

from fewshot.imports import uncollected

# For its wrappers of scikit-learn, for tables as inputs and for pictures, of which no network here
# has need.
_LEFT_OUT = ("matplotlib", "pandas", "sklearn")


def import_keras():
    """Import Keras, as if packages that it does without were not installed.

    For the first import in a process; these packages can be imported afterwards as ever.

    Returns
    -------
    module
    """
    absent = [name for name in _LEFT_OUT if name not in sys.modules]
    sys.modules |= dict.fromkeys(absent)  # with None an import fails as that of no package
    try:
        with uncollected():
            import keras
    finally:
        for name in absent:
            del sys.modules[name]
    return keras
