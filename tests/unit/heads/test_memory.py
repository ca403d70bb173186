"""The memory that is asked for, against the peaks of processes that train heads."""

import json
import subprocess
import sys

import pytest

from fewshot.heads.memory import head_bytes, head_memory, student_bytes, student_memory

_TRAIN = r"""
import json, re, sys
sys.path[:] = json.loads(sys.argv[1])
import numpy as np
import h5py
from fewshot.heads.predictions import predict
from fewshot.heads.train import train
classes, per_class, numbers, shots = json.loads(sys.argv[2])
rng = np.random.default_rng(0)
rows = rng.standard_normal((classes * per_class, numbers), np.float32)
labels = np.arange(len(rows)) % classes
settings = {"epochs": 1, "batch_size": 32, "learning_rate": 1e-3, "momentum": 0.9}
train_rows, test_rows = np.split(np.arange(len(rows)), [classes * shots])
head = {"solver": sys.argv[3], **settings}
*_, scores = train(rows, labels, train_rows, test_rows, head, rng, classes=classes)
roles = np.where(np.arange(len(rows)) < len(train_rows), 0, 2)
predict(scores, labels, np.arange(len(rows)), roles, kept="all")
# Not what getrusage tells, which for a child begins with the peak of its parent.
print(1024 * int(re.search(r"VmHWM:\s+(\d+)", open("/proc/self/status").read())[1]))
"""


@pytest.mark.parametrize("solver", ["logistic", "ridge", "sgd"])
@pytest.mark.parametrize(
    ("classes", "per_class", "numbers", "shots"),
    [(100, 60, 256, 50), (400, 20, 128, 16), (10, 150, 1500, 100)],
)
def test_a_process_stays_below_it_and_near_it(classes, per_class, numbers, shots, solver):
    shape = json.dumps([classes, per_class, numbers, shots])
    command = [sys.executable, "-c", _TRAIN, json.dumps(sys.path), shape, solver]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    peak = int(done.stdout.splitlines()[-1])
    asked = head_bytes(classes * per_class, numbers, classes, classes * shots)
    assert peak < 1.1 * asked
    assert asked < 3 * peak


_TEACH = r"""
import json, re, sys
sys.path[:] = json.loads(sys.argv[1])
import numpy as np
import h5py
from fewshot.heads.distillation import train_students
from fewshot.heads.predictions import predict
classes, per_class, numbers, spoken = json.loads(sys.argv[2])
rng = np.random.default_rng(0)
rows = rng.standard_normal((classes * per_class, numbers), np.float32)
teacher = rng.standard_normal((len(rows), spoken), np.float32)
logits = teacher @ rng.standard_normal((spoken, classes), np.float32)
labels, taught = np.arange(len(rows)) % classes, np.arange(len(rows))
own = taught[:classes]
for scores, *_ in train_students(rows, taught, logits, own, labels[own], [1.0, 3.0], 0.1):
    predict(scores, labels, taught, np.where(taught < len(own), 0, 2), kept="all")
print(1024 * int(re.search(r"VmHWM:\s+(\d+)", open("/proc/self/status").read())[1]))
"""


@pytest.mark.parametrize(
    ("classes", "per_class", "numbers", "spoken"), [(100, 60, 256, 512), (10, 150, 1500, 1500)]
)
def test_so_does_one_that_teaches_students(classes, per_class, numbers, spoken):
    shape = json.dumps([classes, per_class, numbers, spoken])
    command = [sys.executable, "-c", _TEACH, json.dumps(sys.path), shape]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    peak = int(done.stdout.splitlines()[-1])
    asked = student_bytes(classes * per_class, numbers, spoken, classes)
    assert peak < 1.1 * asked
    assert asked < 3 * peak


def test_it_follows_the_index_in_steps(tmp_path):
    path = tmp_path / "coordinates.json"
    assert head_memory(path, 16, 16) == 8000  # not known yet
    # 1,000 classes of 17 images; 96 MB of rows, 260 of targets and scores, 160 of steps, 150 more.
    path.write_text(json.dumps({"images": 17_000, "numbers": 768, "sha256": ""}))
    assert head_memory(path, 16, 16) == 1000
    # 300 times 1,000 images of 1,024 numbers at 500 shots.
    path.write_text(json.dumps({"images": 501_000, "numbers": 1024, "sha256": ""}))
    assert 16_000 <= head_memory(path, 500, 500) <= 24_000
    # Beside them the teacher's, of 2,048 numbers: 4.1 GB and what it says of every image 8.
    teacher = tmp_path / "teacher.json"
    assert student_memory(path, teacher, 500) == 8000
    teacher.write_text(json.dumps({"images": 501_000, "numbers": 2048, "sha256": ""}))
    assert 30_000 <= student_memory(path, teacher, 500) <= 50_000
    path.write_text("{")
    assert head_memory(path, 16, 16) == 8000
