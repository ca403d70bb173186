"""Name the classes of images: `python predict.py --help`, in the folder of a predictor."""

import os
import sys
from importlib.util import find_spec
from pathlib import Path

FOLDER = Path(__file__).resolve().parent

if __name__ == "__main__":
    if sys.version_info < (3, 11):  # noqa: UP036 - it runs anywhere
        sys.exit("Python must be 3.11 or later. Received: " + sys.version.split()[0])
    sys.path.insert(0, str(FOLDER))
    sys.dont_write_bytecode = True  # the folder stays as it was handed over
    backend = "jax" if find_spec("jax") and not find_spec("tensorflow") else "tensorflow"
    # TF32 keeps 10 bits of a factor, too few for probabilities to be as measured.
    quiet = {"TF_CPP_MIN_LOG_LEVEL": "3", "NVIDIA_TF32_OVERRIDE": "0"}
    # No settings of another Keras, which would also write its own into the home.
    os.environ |= {"KERAS_BACKEND": backend, **quiet} | os.environ | {"KERAS_HOME": os.devnull}
    try:
        from fewshot.predictor.command import main
    except ModuleNotFoundError as error:
        hint = "python -m pip install -r requirements.txt"
        sys.exit(f"The packages of requirements.txt must be installed. Received: {error}. {hint}")
    sys.exit(main(FOLDER))
