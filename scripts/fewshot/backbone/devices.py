"""Where networks run."""

import os

from fewshot.errors import input_error


def check_gpu(gpus):
    """Print where Keras computes, and refuse the CPU to a job that asked for a GPU.

    On the CPU such a job would crawl until its time is over.

    Parameters
    ----------
    gpus : int
        How many the job asked for. At 0 any device will do, and so it will where the environment
        variable FEWSHOT_ALLOW_CPU is 1.

    Raises
    ------
    InputError
        If the job asked for a GPU and the backend of Keras computes on the CPU.
    """
    import keras

    # TensorFlow, JAX and PyTorch all put a new tensor on a GPU where they see one.
    device = str(keras.ops.zeros(1).device)
    visible = os.environ.get("CUDA_VISIBLE_DEVICES", "not set")
    backend = keras.backend.backend()
    print(f"{backend} on {device}, CUDA_VISIBLE_DEVICES {visible}", flush=True)
    if not gpus or "cpu" not in device.lower():
        return
    if os.environ.get("FEWSHOT_ALLOW_CPU") == "1":
        print("A GPU was asked for, but FEWSHOT_ALLOW_CPU is 1: running on the CPU", flush=True)
        return
    raise input_error(
        "A job that asked for a GPU must see one",
        f"gpu={gpus}, CUDA_VISIBLE_DEVICES {visible}, {backend} on {device}",
        "install envs/gpu.txt and try nvidia-smi on the node; or ask for no gpu in the profile, or "
        "set FEWSHOT_ALLOW_CPU=1, to run on the CPU",
    )
