"""Processes that do a function on tasks, side by side, and share memory with whoever started them.

They import what the function's module imports and nothing else: `multiprocessing` would run the
main module once more in each, which in a job is a temporary script of Snakemake's.
"""

import fcntl
import importlib
import mmap
import os
import signal
import subprocess
import sys
import tempfile
import threading
import traceback
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from queue import SimpleQueue
from typing import NamedTuple

from fewshot.errors import input_error
from fewshot.files import remove_partial_folders
from fewshot.job import ENDINGS, THREADS

_START = "import sys; from fewshot.workers import serve; serve(*sys.argv[1:])"
_PATIENCE = 5  # seconds that a process has to remove what it has half written
# The process that started the others acts on them, on a terminal and where a cluster sends them to
# all processes of a job.
_OF_THE_FIRST = (signal.SIGINT, signal.SIGTERM)


class Shared(NamedTuple):
    """What a worker has in common with the others and with the process that started it.

    Attributes
    ----------
    memory : mmap.mmap
    alone : context manager
        Within it no other of the workers is within it.
    """

    memory: mmap.mmap
    alone: object


class _Alone:
    """A lock between processes, which the system takes from one that dies."""

    def __init__(self, file):
        self._file = file

    def __enter__(self):
        fcntl.lockf(self._file, fcntl.LOCK_EX)

    def __exit__(self, *error):
        fcntl.lockf(self._file, fcntl.LOCK_UN)


class _Worker(NamedTuple):
    process: subprocess.Popen
    connection: Connection


class Workers:
    """Processes that do one function, each a task at a time.

    They start at once, beside what the caller does next, and end with it however it ends: with the
    block, or when the process that started them is killed. Nothing half-written stays of them.

    Parameters
    ----------
    count : int
        Processes. Each keeps BLAS to one thread.
    function : callable
        At the top of a module: function(shared, *task), of `Shared`. Tasks, what it returns and
        what it raises are pickled.
    memory : int, default 1
        Bytes that all share, as `memory` here and in `Shared`; zeros at first.

    Attributes
    ----------
    count : int
    memory : mmap.mmap
    """

    def __init__(self, count, function, memory=1):
        self.count = count
        self._threads, self._free = ThreadPoolExecutor(count), SimpleQueue()
        with _unnamed_file(memory) as file:
            self.memory = mmap.mmap(file.fileno(), memory)
            self._workers = [_start(file.fileno(), function.__module__) for _ in range(count)]
        for worker in self._workers:
            self._free.put(worker)
        ENDINGS.append(self._end)
        self._function = function.__module__, function.__qualname__

    def submit(self, *task):
        """Have a task done.

        Returns
        -------
        concurrent.futures.Future
            Of what the function returns or raises for it. An `InputError` where the process died.
        """
        return self._threads.submit(self._ask, task)

    def over(self, tasks, ahead=None):
        """Do tasks side by side.

        Parameters
        ----------
        tasks : iterable of tuple
        ahead : int, optional
            Tasks that are taken before the result of the first is asked for, by default four a
            process.

        Yields
        ------
        object
            What the function returns, in the order of the tasks. What it raises is raised.
        """
        waiting, ahead = deque(), 4 * self.count if ahead is None else ahead
        for task in tasks:
            waiting.append(self.submit(*task))
            if len(waiting) > ahead:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()

    def close(self):
        """End the processes, whatever they do, and wait for their end."""
        self._threads.shutdown(wait=False, cancel_futures=True)
        self._end()
        ENDINGS.remove(self._end)
        self._threads.shutdown()  # those that waited for an answer have seen the end of it
        for worker in self._workers:
            worker.connection.close()

    def _end(self):
        for worker in self._workers:
            worker.process.stdin.close()
        for worker in self._workers:
            try:
                worker.process.wait(_PATIENCE)
            except subprocess.TimeoutExpired:
                worker.process.kill()
                worker.process.wait()

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self.close()

    def _ask(self, task):
        """Hand a task to a free worker; a thread for each worker does no more than this."""
        worker = self._free.get()
        try:
            worker.connection.send((*self._function, task))
            error, result = worker.connection.recv()
        except (EOFError, ConnectionError):
            raise _died(worker.process.wait()) from None
        finally:
            self._free.put(worker)
        if error is not None:
            raise error
        return result


def _unnamed_file(size):
    """Make a file without a name for memory that is shared, in memory where the system can.

    Neither needs room in /dev/shm, of which containers have little, and nothing stays of it.
    """
    try:
        file = os.fdopen(os.memfd_create("fewshot"), "w+b")
        file.truncate(size)
    except (AttributeError, OSError):  # not on macOS
        file = tempfile.TemporaryFile()  # noqa: SIM115 closed by the caller
        # To write is to be told of a full disk here, not to be killed for it later.
        file.write(bytes(size))
        file.flush()
    return file


def _start(memory, module):
    ours, theirs = Pipe()
    paths = os.pathsep.join(os.path.abspath(path) for path in sys.path)
    # What is blocked here is so in the new process from its first moment.
    mask = signal.pthread_sigmask(signal.SIG_BLOCK, _OF_THE_FIRST)
    try:
        process = subprocess.Popen(
            [sys.executable, "-P", "-c", _START, f"{theirs.fileno()}", f"{memory}", module],
            # Its other end is closed when this process ends, even by SIGKILL.
            stdin=subprocess.PIPE,
            pass_fds=[theirs.fileno(), memory],
            env=os.environ | dict.fromkeys(THREADS, "1") | {"PYTHONPATH": paths},
        )
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)
        theirs.close()
    return _Worker(process, ours)


def _died(status):
    how = signal.Signals(-status).name if status < 0 else f"status {status}"
    return input_error(
        "A process that works for a job must not end before it",
        f"{how} of one of its processes",
        "if it was killed for want of memory, give the job more (mem_mb) or fewer threads "
        "(--set-threads <rule>=2)",
    )


def serve(connection, memory, module):
    """Do tasks until the process that started this one ends.

    Parameters
    ----------
    connection, memory : str
        Numbers of inherited file descriptors.
    module : str
        Of the function, imported before the first task comes.
    """
    threading.Thread(target=_end_with_parent, daemon=True).start()
    connection, file = Connection(int(connection)), int(memory)
    shared = Shared(mmap.mmap(file, os.fstat(file).st_size), _Alone(file))
    importlib.import_module(module)
    while True:
        answer = _do(shared, connection)
        try:
            connection.send(answer)
        except OSError:
            os._exit(0)
        except Exception as error:  # what can't be pickled
            connection.send((TypeError(f"{answer!r} can't be sent: {error}"), None))


def _end_with_parent():
    os.read(0, 1)
    remove_partial_folders()
    os._exit(0)


def _do(shared, connection):
    """Take a task and do it.

    Returns
    -------
    error : Exception or None
    result : object
    """
    try:
        module, name, task = connection.recv()
        return None, getattr(importlib.import_module(module), name)(shared, *task)
    except Exception as error:
        # A traceback does not travel; of an error that is not foreseen the note is printed.
        error.add_note(traceback.format_exc())
        return error, None
