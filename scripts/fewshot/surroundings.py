"""What a person's environment may not decide for a job, and what decides it instead."""

import importlib.util
import os
from pathlib import Path

from fewshot.errors import first_line, input_error, unwritable

_BACKENDS = ("tensorflow", "jax")
# Of these a job has what is set here and nothing else: a person's PYTHONWARNINGS ends jobs, and
# KERAS_MAX_EPOCHS cuts training short without a word. The last choose other kernels, which round
# differently.
_FAMILIES = (
    *("PYTHON", "KERAS_", "MATPLOTLIBRC"),
    *("TF_ENABLE_ONEDNN_OPTS", "TF_XLA_FLAGS", "ONEDNN_", "DNNL_", "OPENBLAS_CORETYPE", "MKL_CBWR"),
    "NVIDIA_TF32_OVERRIDE",
)
_MODELS = "FEWSHOT_MODELS"


def job_environment(environment, scripts):
    """Make the environment variables that the process of a job starts with.

    Parameters
    ----------
    environment : mapping of str to str
        A person's.
    scripts : str or Path
        Folder of the scripts, and of the one package `fewshot` that they may import.

    Returns
    -------
    dict of str to str

    Raises
    ------
    InputError
        If Keras is to run on a backend that is neither TensorFlow nor JAX, or is not installed.
    """
    backend = environment.get("KERAS_BACKEND") or _BACKENDS[0]
    if backend not in _BACKENDS:
        raise input_error(
            f"The backend of Keras is {' or '.join(_BACKENDS)}",
            f"KERAS_BACKEND={backend}",
            "unset the environment variable KERAS_BACKEND or set it to one of these; that of "
            "keras.json does not count",
        )
    # An environment of conda has its own TensorFlow.
    if backend != _BACKENDS[0] and importlib.util.find_spec(backend) is None:
        raise input_error(
            "The backend of Keras must be installed",
            f"KERAS_BACKEND={backend}, which is not",
            f".venv/bin/python -m pip install {backend}, or unset KERAS_BACKEND",
        )
    kept = {name: value for name, value in environment.items() if not name.startswith(_FAMILIES)}
    if home := environment.get("KERAS_HOME"):
        kept.setdefault(_MODELS, os.path.join(home, "models"))
    return kept | {
        "PYTHONPATH": str(scripts),
        "PYTHONNOUSERSITE": "1",
        "PYTHONUTF8": "1",
        "MPLBACKEND": "Agg",
        "KERAS_BACKEND": backend,
        "KERAS_HOME": os.devnull,  # where no keras.json can be
    }


def check_writable(*folders):
    """Check that folders can be written, or made where they are not there.

    Parameters
    ----------
    *folders : str

    Raises
    ------
    InputError
    """
    for folder in folders:
        place = os.path.abspath(folder)
        while not os.path.lexists(place):
            place = os.path.dirname(place)
        can_write = os.access(place, os.W_OK | os.X_OK, effective_ids=True)
        if not (os.path.isdir(place) and can_write):
            raise unwritable(place)


def check_cache(folder):
    """Check that the folder in which Snakemake keeps its cache can be made and written.

    Parameters
    ----------
    folder : str

    Raises
    ------
    InputError
    """
    try:
        os.makedirs(folder, exist_ok=True)
        found = "" if os.access(folder, os.W_OK | os.X_OK, effective_ids=True) else "read-only"
    except OSError as error:
        found = first_line(error)
    if found:
        raise input_error(
            "Snakemake needs a cache folder that can be written",
            f"{folder} ({found})",
            "set the environment variable XDG_CACHE_HOME to a folder that can be written",
        )


def models_folder():
    """Folder in which downloaded weights of networks are kept: of Keras, or FEWSHOT_MODELS.

    Returns
    -------
    Path

    Raises
    ------
    InputError
        If neither that variable nor a home says where.
    """
    try:
        return Path(os.environ.get(_MODELS) or Path.home() / ".keras/models")
    except RuntimeError as error:
        raise no_folder(error) from error


def no_folder(error):
    """Make the error that weights can't be kept, for what the system or Python said."""
    hint = f"set the environment variable {_MODELS} to a folder that can be written"
    return input_error("Downloaded weights need a folder to be kept in", error, hint)
