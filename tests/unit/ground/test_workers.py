"""Processes that work for another: order, errors, memory, and how they end."""

import errno
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from fewshot import workers
from fewshot.data.images import ImageError
from fewshot.errors import InputError
from fewshot.workers import Workers, _unnamed_file

TASKS = """
import ctypes, os, signal, sys, time
from pathlib import Path
from fewshot.data.images import ImageError

def square(shared, number):
    time.sleep(0.01 * (number % 3))
    return number ** 2

def put(shared, place, value):
    shared.memory[place] = value

def modules(shared):
    return {name.split(".")[0] for name in sys.modules}, sys.modules["__main__"].__file__

def surroundings(shared):
    return os.environ["OMP_NUM_THREADS"], os.getpid()

def fail(shared, kind, *arguments):
    raise kind(*arguments)

def end(shared, number):
    os.kill(os.getpid(), number)
    time.sleep(60)

def leave(shared, status):
    os._exit(status)

def wait(shared, path):
    Path(path, str(os.getpid())).touch()
    time.sleep(60)

def count(shared, path):
    for _ in range(50):
        with shared.alone:
            number = int(Path(path).read_text())
            time.sleep(0.0005)
            Path(path).write_text(str(number + 1))

def unsendable(shared):
    return lambda: 0
"""


@pytest.fixture(scope="module")
def tasks(tmp_path_factory):
    """A module that workers import, as they do one of the library."""
    folder = tmp_path_factory.mktemp("tasks")
    folder.joinpath("worker_tasks.py").write_text(TASKS)
    sys.path.append(str(folder))
    import worker_tasks

    yield worker_tasks
    sys.path.remove(str(folder))


def is_gone(pid):
    """Whether a process has ended and been waited for, or is about to be by whom it was left to."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except FileNotFoundError:
        return True


def wait_until(is_so, seconds=20):
    end = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < end
        time.sleep(0.01)


def test_results_come_in_the_order_of_the_tasks_from_as_many_processes(tasks):
    with Workers(3, tasks.square) as three:
        assert list(three.over((number,) for number in range(40))) == [n * n for n in range(40)]
        assert three.submit(9).result() == 81
        pids = {worker.process.pid for worker in three._workers}
        assert len(pids) == 3
    # Waited for: no zombies.
    assert not any(Path(f"/proc/{pid}").exists() for pid in pids)


def test_tasks_are_taken_no_further_ahead_than_wanted(tasks):
    taken = []
    with Workers(2, tasks.square) as two:
        results = two.over(counted(taken, 100), ahead=5)
        assert next(results) == 0
        assert taken == [*range(6)]


def counted(taken, count):
    for number in range(count):
        taken.append(number)
        yield (number,)


def test_memory_is_shared_with_all(tasks):
    with Workers(2, tasks.put, memory=10) as two:
        assert two.memory[:] == bytes(10)
        list(two.over((place, place + 1) for place in range(10)))
        assert two.memory[:] == bytes(range(1, 11))


def test_they_know_the_module_of_the_function_and_keep_blas_to_one_thread(tasks):
    with Workers(1, tasks.modules) as one, pytest.raises(AttributeError, match="__file__"):
        one.submit().result()  # there is no file of a main module that could be run again
    with Workers(1, tasks.surroundings) as one:
        threads, pid = one.submit().result()
        assert (threads, pid) == ("1", one._workers[0].process.pid)


@pytest.mark.parametrize(
    ("kind", "arguments"),
    [
        (ImageError, ("no image",)),
        (InputError, ("A rule. Received: this. Hint: that.",)),
        (MemoryError, ()),
        (OSError, (errno.ENOSPC, "No space left on device", "a.h5")),
    ],
)
def test_errors_are_raised_as_they_were(tasks, kind, arguments):
    with Workers(2, tasks.fail) as two:
        with pytest.raises(kind) as caught:
            two.submit(kind, *arguments).result()
        assert type(caught.value) is kind
        assert str(caught.value) == str(kind(*arguments))
        assert "in fail\n" in caught.value.__notes__[0]
        # The worker goes on.
        with pytest.raises(ValueError, match="another"):
            two.submit(ValueError, "another").result()


def test_the_error_of_the_first_task_that_fails_comes_first(tasks):
    with Workers(2, tasks.fail) as two, pytest.raises(ValueError, match=r"^0\n"):
        list(two.over((ValueError, str(number)) for number in range(10)))


def test_what_cannot_be_sent_is_told(tasks):
    with Workers(1, tasks.unsendable) as one, pytest.raises(TypeError, match="can't be sent"):
        one.submit().result()


@pytest.mark.parametrize(
    ("name", "argument", "told"),
    [("end", signal.SIGKILL, "Received: SIGKILL of"), ("leave", 3, "Received: status 3 of")],
)
def test_a_worker_that_dies_is_an_error_and_no_hang(tasks, name, argument, told):
    with Workers(2, getattr(tasks, name)) as two:
        with pytest.raises(InputError, match=rf"{told}.*Hint: if it was killed for want of memory"):
            two.submit(argument).result(20)
        with pytest.raises(InputError):
            list(two.over([(argument,)] * 10))


def test_a_sigterm_of_the_cluster_is_left_to_the_process_that_started_them(tasks):
    with Workers(1, tasks.square) as one:
        assert one.submit(2).result() == 4
        one._workers[0].process.terminate()
        assert one.submit(3).result() == 9


def test_whoever_stops_early_waits_for_nothing(tasks, tmp_path):
    began = time.monotonic()
    with Workers(2, tasks.wait) as two:
        for _ in range(10):
            two.submit(str(tmp_path))
        wait_until(lambda: len(list(tmp_path.iterdir())) == 2)
    assert time.monotonic() - began < 20


def test_one_at_a_time_is_alone(tasks, tmp_path):
    path = tmp_path / "number"
    path.write_text("0")
    with Workers(3, tasks.count) as three:
        list(three.over([(str(path),)] * 3))
    assert path.read_text() == "150"


PARENT = """
import signal
import sys
import worker_tasks
from fewshot.job import job
from fewshot.workers import Workers

# Tests may run in the background of a shell, which has its processes ignore this signal.
signal.signal(signal.SIGINT, signal.default_int_handler)

def main():
    with Workers(2, worker_tasks.wait) as two:
        for _ in range(4):
            waited = two.submit(sys.argv[2])
        if sys.argv[3] == "raise":
            raise ValueError("of the parent")
        waited.result()

if sys.argv[3] == "job":
    with job(sys.argv[1], 2):
        main()
main()
"""


@pytest.fixture
def parent(tasks, tmp_path):
    """Return a function that starts a process with two busy workers."""
    started = tmp_path / "started"
    started.mkdir()

    def start(how):
        return subprocess.Popen(
            [sys.executable, "-c", PARENT, str(tmp_path / "log"), str(started), how],
            env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    return start, lambda: [int(path.name) for path in started.iterdir()]


@pytest.mark.parametrize(
    ("how", "number", "status"),
    [
        ("", signal.SIGKILL, -signal.SIGKILL),
        ("job", signal.SIGTERM, 128 + signal.SIGTERM),
        ("job", signal.SIGKILL, -signal.SIGKILL),
        ("", signal.SIGINT, -signal.SIGINT),
    ],
)
def test_they_end_with_the_process_however_it_ends(parent, how, number, status):
    start, pids = parent
    shared = set(os.listdir("/dev/shm"))
    with start(how) as process:
        wait_until(lambda: len(pids()) == 2)
        os.killpg(process.pid, number)  # as a terminal does
        _, told = process.communicate(timeout=20)
    assert process.returncode == status
    wait_until(lambda: all(map(is_gone, pids())))
    assert set(os.listdir("/dev/shm")) <= shared
    # Of the process alone, where it is one that tells.
    assert told.count("Traceback") == (number == signal.SIGINT)


def test_they_end_with_an_exception(parent):
    start, pids = parent
    with start("raise") as process:
        _, told = process.communicate(timeout=20)
    assert process.returncode == 1
    assert told.endswith("ValueError: of the parent\n")
    wait_until(lambda: all(map(is_gone, pids())))


def test_where_no_memory_without_a_name_can_be_had_a_file_serves(tasks, monkeypatch, tmp_path):
    monkeypatch.setattr(workers.tempfile, "tempdir", str(tmp_path))
    monkeypatch.delattr(os, "memfd_create")
    with Workers(2, tasks.put, memory=5000) as two:
        list(two.over([(0, 7), (4999, 8)]))
        assert (two.memory[0], two.memory[4999], len(two.memory)) == (7, 8, 5000)
        assert list(tmp_path.iterdir()) == []


def test_that_file_is_refused_where_the_disk_is_full(monkeypatch):
    monkeypatch.delattr(os, "memfd_create")
    with open("/dev/full", "w+b", buffering=0) as full:
        monkeypatch.setattr(workers.tempfile, "TemporaryFile", lambda: full)
        with pytest.raises(OSError, match="No space left"):
            _unnamed_file(100_000)
