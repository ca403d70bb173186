"""What a job prints and how it ends, seen from outside: it takes over file descriptors 1 and 2."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

FRAME = """
import os, subprocess, sys
from fewshot.errors import input_error
from fewshot.job import job
with job(sys.argv[1], 1):
    {}
"""


@pytest.fixture
def run(tmp_path):
    log = tmp_path / "job.log"
    log.write_text("of an earlier run")

    def run(body, log=log):
        done = subprocess.run(
            [sys.executable, "-c", FRAME.format(body), str(log)],
            env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
            capture_output=True,
            text=True,
            check=False,
        )
        if log.is_file():
            assert (done.stdout, done.stderr) == ("", "")
        return done.returncode, log.read_text() if log.is_file() else done.stderr

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


FULL = "Error: A disk must have room for what the workflow writes. Received: none left at "


def test_a_full_disk_is_told_without_a_traceback(run):
    status, log = run("open('/dev/full', 'wb', 0).write(b'any')")
    assert status == 1
    assert log.startswith(FULL)
    assert "Traceback" not in log


@pytest.mark.parametrize("body", ["print('any')", "raise input_error('A rule', 'this', 'do that')"])
def test_where_the_log_is_on_a_full_disk_the_error_goes_to_the_error_stream(run, body):
    status, told = run(body, Path("/dev/full"))
    assert status == 1
    assert told.startswith(FULL if "print" in body else "Error: A rule. Received: this.")


def test_blas_takes_no_more_threads_than_given(run):
    count = "print([blas['num_threads'] for blas in threadpoolctl.threadpool_info()])"
    status, log = run(f"import numpy, scipy.linalg, threadpoolctl; {count}")
    assert status == 0
    assert set(log.strip(" []\n").split(", ")) == {"1"}


def test_backends_of_keras_are_told_their_threads(run):
    body = "print(*(os.environ[f'{name}_THREADS'] for name in ('TF_NUM_INTRAOP', 'OMP_NUM')))"
    assert run(body) == (0, "1 1\n")


SLOW = """
import sys, time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from fewshot.files import whole_file
from fewshot.job import job
log, target = sys.argv[1:]
with job(log, 1):
    # A thread that an orderly end of the process would wait for.
    busy = ThreadPoolExecutor(1).submit(time.sleep, 60)
    with whole_file(target) as path:
        path.write_text("half of the n")
        print("writing", flush=True)
        try:
            busy.result()
        except Exception:
            print("swallowed")
"""


def test_sigterm_cleans_up_and_ends_at_once(tmp_path):
    log, target = tmp_path / "job.log", tmp_path / "results" / "table.csv"
    with subprocess.Popen(
        [sys.executable, "-c", SLOW, str(log), str(target)],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    ) as process:
        while process.poll() is None and not (log.exists() and "writing" in log.read_text()):
            time.sleep(0.01)
        assert len(list(target.parent.glob(".partial-*"))) == 1
        began = time.monotonic()
        process.terminate()
        process.wait(30)
    assert time.monotonic() - began < 5
    assert process.returncode == 128 + signal.SIGTERM
    assert list(target.parent.iterdir()) == []
    assert log.read_text() == (
        "writing\nError: stopped by SIGTERM. What is whole stays for the next run.\n"
    )
