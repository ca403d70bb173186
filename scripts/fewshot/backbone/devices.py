"""Where networks run, and how exactly."""

import fcntl
import os
import subprocess
import tempfile
import time
from pathlib import Path

from fewshot.backbone.lean_keras import import_keras
from fewshot.errors import input_error

FULL = "float32_full"
_VISIBLE = "CUDA_VISIBLE_DEVICES"
_NONE = "-1"  # which CUDA sees neither, nor what is listed after it
_POLL_SECONDS = 1
_TAKEN = []  # files whose locks this process holds until it ends


def check_gpu(gpus):
    """Take as many GPUs as a job asked for, print where Keras computes, and refuse it the CPU.

    On the CPU such a job would crawl until its time is over.

    Parameters
    ----------
    gpus : int
        How many the job asked for. At 0 any device will do, and so it will where the environment
        variable FEWSHOT_ALLOW_CPU is 1.

    Returns
    -------
    bool
        Whether Keras computes on a GPU.

    Raises
    ------
    InputError
        If the job asked for a GPU and the backend of Keras computes on the CPU.
    """
    _take_gpus(gpus)
    keras = import_keras()
    # TensorFlow, JAX and PyTorch all put a new tensor on a GPU where they see one.
    device = str(keras.ops.zeros(1).device)
    visible = os.environ.get(_VISIBLE, "not set")
    backend = keras.backend.backend()
    print(f"{backend} on {device}, {_VISIBLE} {visible}", flush=True)
    is_gpu = "cpu" not in device.lower()
    if is_gpu or not gpus:
        return is_gpu
    if os.environ.get("FEWSHOT_ALLOW_CPU") == "1":
        print("A GPU was asked for, but FEWSHOT_ALLOW_CPU is 1: running on the CPU", flush=True)
        return False
    raise input_error(
        "A job that asked for a GPU must see one",
        f"gpu={gpus}, {_VISIBLE} {visible}, {backend} on {device}",
        "install envs/gpu-jax.txt and try nvidia-smi on the node; or ask for no gpu in the profile, "
        "or set FEWSHOT_ALLOW_CPU=1, to run on the CPU",
    )


def _take_gpus(gpus):
    """Leave of the GPUs that are visible those alone that no other job of this machine has taken.

    Slurm shows a job its own, and there is nothing to choose.
    """
    visible = _visible_gpus()
    if not 0 < gpus < len(visible):
        return
    taken = []
    while len(taken) < gpus:
        for gpu in visible:
            if len(taken) < gpus and gpu not in taken and _is_taken(gpu):
                taken.append(gpu)
        if len(taken) < gpus:
            print(f"waiting for {gpus} of the GPUs {', '.join(visible)}", flush=True)
            time.sleep(_POLL_SECONDS)
    os.environ[_VISIBLE] = ",".join(taken)


def _visible_gpus():
    """Name the GPUs that CUDA may use, as CUDA_VISIBLE_DEVICES does."""
    named = os.environ.get(_VISIBLE)
    if named is None:
        try:
            listed = subprocess.run(
                ["nvidia-smi", "-L"], capture_output=True, text=True, check=True
            )
        except (OSError, subprocess.CalledProcessError):
            return []
        lines = [line for line in listed.stdout.splitlines() if line.startswith("GPU ")]
        return [str(number) for number in range(len(lines))]
    names = [name.strip() for name in named.split(",")]
    return [*filter(None, names[: names.index(_NONE)] if _NONE in names else names)]


def _is_taken(gpu):
    """Take a GPU until this process ends, unless another process has it."""
    path = Path(tempfile.gettempdir(), f"fewshot-gpu-{gpu.replace('/', '_')}.lock")
    try:
        # Another user's file may be read, and that is enough to lock it.
        file = os.open(path, os.O_RDONLY | os.O_NOFOLLOW)
    except FileNotFoundError:
        file = os.open(path, os.O_RDONLY | os.O_CREAT | os.O_NOFOLLOW, 0o644)
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(file)
        return False
    _TAKEN.append(file)
    return True


def use_precision(precision):
    """Have the backend multiply as exactly as a study wants.

    Of float32 the GPUs of NVIDIA since 2020 multiply 10 bits after the first (TF32) unless they are
    told otherwise.

    Parameters
    ----------
    precision : {"float32", "float32_full", "bfloat16", "float16"}

    Returns
    -------
    str
        The number format in which a network is to be loaded.
    """
    import keras

    is_full = precision == FULL
    if keras.backend.backend() == "jax":
        import jax

        jax.config.update("jax_default_matmul_precision", "highest" if is_full else None)
    else:
        import tensorflow as tf

        tf.config.experimental.enable_tensor_float_32_execution(not is_full)
    return "float32" if is_full else precision
