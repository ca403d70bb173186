"""A job that asked for a GPU has one of its own, and does not crawl on a CPU."""

import os
import stat
import subprocess
import sys
from contextlib import ExitStack
from types import SimpleNamespace

import pytest

from fewshot.backbone.devices import FULL, check_gpu, use_precision
from fewshot.errors import InputError

# As TensorFlow, JAX and PyTorch call them.
CPUS = ["/job:localhost/replica:0/task:0/device:CPU:0", "TFRT_CPU_0", "cpu"]
GPUS = ["/job:localhost/replica:0/task:0/device:GPU:0", "cuda:0", "cuda:0"]


@pytest.fixture(autouse=True)
def environment(monkeypatch):
    """An environment that says nothing of GPUs."""
    monkeypatch.delenv("FEWSHOT_ALLOW_CPU", raising=False)
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    return monkeypatch


@pytest.fixture
def computes_on(monkeypatch):
    """Return a function that has Keras put new tensors on a device."""
    import keras

    def put(device):
        monkeypatch.setattr(keras.ops, "zeros", lambda shape: SimpleNamespace(device=device))

    return put


def test_without_a_gpu_asked_for_this_machine_will_do_and_its_device_is_printed(capsys):
    import keras

    check_gpu(0)
    device = keras.ops.zeros(1).device
    expected = f"{keras.backend.backend()} on {device}, CUDA_VISIBLE_DEVICES not set\n"
    assert capsys.readouterr().out == expected


@pytest.mark.parametrize("device", CPUS)
@pytest.mark.parametrize("allowed", [None, "0", "", "yes"])
def test_a_cpu_is_refused_to_a_job_that_asked_for_a_gpu(computes_on, environment, device, allowed):
    computes_on(device)
    environment.setenv("CUDA_VISIBLE_DEVICES", "3")
    if allowed is not None:
        environment.setenv("FEWSHOT_ALLOW_CPU", allowed)
    with pytest.raises(InputError) as caught:
        check_gpu(1)
    told = str(caught.value)
    assert "must see one. Received: gpu=1, CUDA_VISIBLE_DEVICES 3, " in told
    assert f"on {device}. Hint: " in told
    assert "set FEWSHOT_ALLOW_CPU=1" in told


@pytest.mark.parametrize("device", CPUS)
def test_a_cpu_will_do_where_that_is_allowed(computes_on, environment, device, capsys):
    computes_on(device)
    environment.setenv("FEWSHOT_ALLOW_CPU", "1")
    assert not check_gpu(1)
    assert "FEWSHOT_ALLOW_CPU is 1: running on the CPU\n" in capsys.readouterr().out


@pytest.mark.parametrize("device", GPUS)
@pytest.mark.parametrize("gpus", [0, 1, 2])
def test_a_gpu_is_always_good_enough(computes_on, device, gpus, capsys):
    computes_on(device)
    assert check_gpu(gpus)
    (line,) = capsys.readouterr().out.splitlines()
    assert f"on {device}, " in line


# Takes GPUs as a job does before its backend is imported, and keeps them until it is told to end.
JOB = """
import os, sys
from fewshot.backbone.devices import _take_gpus
_take_gpus(int(sys.argv[1]))
print(os.environ.get("CUDA_VISIBLE_DEVICES"), flush=True)
sys.stdin.read()
"""


@pytest.fixture
def job(tmp_path, environment):
    """Return a function that starts a process which takes GPUs."""
    with ExitStack() as stack:

        def start(gpus, visible, path=os.environ["PATH"]):
            paths = {"PYTHONPATH": os.pathsep.join(sys.path), "TMPDIR": str(tmp_path), "PATH": path}
            shown = {} if visible is None else {"CUDA_VISIBLE_DEVICES": visible}
            process = subprocess.Popen(
                [sys.executable, "-c", JOB, str(gpus)],
                env={**os.environ, **paths, **shown},
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            )
            stack.enter_context(process)
            stack.callback(process.kill)
            return process

        yield start


def said(process):
    return process.stdout.readline().strip()


@pytest.mark.parametrize("how", ["end", "kill"])
def test_each_job_takes_a_gpu_of_its_own_and_the_third_waits_for_one(job, how):
    first, second = job(1, "0,1"), job(1, "0,1")
    taken = {said(first): first, said(second): second}
    assert taken.keys() == {"0", "1"}
    third = job(1, "0,1")
    assert said(third) == "waiting for 1 of the GPUs 0, 1"
    if how == "kill":
        taken["1"].kill()
    else:
        taken["1"].stdin.close()
    taken["1"].wait(20)
    assert next(line for line in iter(lambda: said(third), "") if "waiting" not in line) == "1"


@pytest.mark.parametrize(
    ("gpus", "visible", "expected"),
    [
        (2, "4, 5,6", "4,5"),
        (1, "GPU-aa,GPU-bb", "GPU-aa"),
        # Nothing to choose: as Slurm shows them, or none that CUDA sees.
        (1, "3", "3"),
        (2, "0,1", "0,1"),
        (0, "0,1", "0,1"),
        (1, "-1", "-1"),
        (1, "2,-1,3", "2,-1,3"),
        (1, "", ""),
        (1, None, "None"),
    ],
)
def test_what_a_job_is_left_with(job, gpus, visible, expected):
    assert said(job(gpus, visible, path="/nowhere")) == expected


def test_where_no_variable_says_which_there_are_the_driver_does(job, tmp_path):
    program = tmp_path / "nvidia-smi"
    program.write_text("#!/bin/sh\necho GPU 0: any\necho '  MIG'\necho GPU 1: any\n")
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    path = f"{tmp_path}:{os.environ['PATH']}"
    assert {said(each) for each in [job(1, None, path), job(1, None, path)]} == {"0", "1"}


@pytest.mark.parametrize(("precision", "loaded"), [(FULL, "float32"), ("float32", "float32")])
def test_full_precision_is_that_of_the_backend(precision, loaded):
    import tensorflow as tf

    assert use_precision(precision) == loaded
    assert tf.config.experimental.tensor_float_32_execution_enabled() == (precision != FULL)


def test_other_formats_are_those_of_the_network():
    assert use_precision("bfloat16") == "bfloat16"
