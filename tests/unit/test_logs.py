"""What a job prints and how it ends, seen from outside: it takes over file descriptors 1 and 2."""

import os
import subprocess
import sys

import pytest

FRAME = """
import os, subprocess, sys, numpy, threadpoolctl
from fewshot.errors import input_error
from fewshot.logs import job
with job(sys.argv[1], 1):
    {}
"""


@pytest.fixture
def run(tmp_path):
    log = tmp_path / "job.log"
    log.write_text("of an earlier run")

    def run(body):
        done = subprocess.run(
            [sys.executable, "-c", FRAME.format(body), str(log)],
            env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
            capture_output=True,
            text=True,
            check=False,
        )
        assert (done.stdout, done.stderr) == ("", "")
        return done.returncode, log.read_text()

    return run


def test_all_that_is_printed_is_in_the_log(run):
    body = "print('a', flush=True); os.write(2, b'b\\n'); subprocess.run(['echo', 'c'])"
    assert run(body) == (0, "a\nb\nc\n")


def test_an_input_error_is_told_without_a_traceback(run):
    status, log = run("raise input_error('A rule', 'this', 'do that')")
    assert (status, log) == (1, "Error: A rule. Received: this. Hint: do that.\n")


def test_any_other_error_is_told_with_its_traceback(run):
    status, log = run("print('so far', flush=True); {}['absent']")
    assert status == 1
    assert log.startswith("so far\nTraceback")
    assert log.endswith("KeyError: 'absent'\n")


def test_blas_takes_no_more_threads_than_given(run):
    status, log = run("print([blas['num_threads'] for blas in threadpoolctl.threadpool_info()])")
    assert status == 0
    assert set(log.strip(" []\n").split(", ")) == {"1"}


def test_backends_of_keras_are_told_their_threads(run):
    body = "print(*(os.environ[f'{name}_THREADS'] for name in ('TF_NUM_INTRAOP', 'OMP_NUM')))"
    assert run(body) == (0, "1 1\n")
