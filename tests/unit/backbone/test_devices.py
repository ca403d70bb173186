"""A job that asked for a GPU does not crawl on a CPU."""

from types import SimpleNamespace

import pytest

from fewshot.backbone.devices import check_gpu
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
    check_gpu(1)
    assert "FEWSHOT_ALLOW_CPU is 1: running on the CPU\n" in capsys.readouterr().out


@pytest.mark.parametrize("device", GPUS)
@pytest.mark.parametrize("gpus", [0, 1, 2])
def test_a_gpu_is_always_good_enough(computes_on, device, gpus, capsys):
    computes_on(device)
    check_gpu(gpus)
    (line,) = capsys.readouterr().out.splitlines()
    assert f"on {device}, " in line
