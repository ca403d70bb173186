"""Where a script's words go, and how many cores it may take."""

import os
import signal
import sys
import traceback
from contextlib import contextmanager

from threadpoolctl import threadpool_limits

from fewshot.errors import InputError
from fewshot.files import remove_partial_folders

# Read by the backends of Keras when they are imported, which `job` comes before.
_BACKEND_THREADS = ("TF_NUM_INTRAOP_THREADS", "OMP_NUM_THREADS")


def _stop(number, frame):
    """End the process from within a signal handler.

    An exception raised here would be lost where a callback of C is running, and an orderly end
    would wait for threads that decode images or run a network.
    """
    remove_partial_folders()
    os.write(2, b"Error: stopped by SIGTERM. What is whole stays for the next run.\n")
    os._exit(128 + number)


@contextmanager
def job(log_path, threads):
    """Send everything printed to a log file and keep BLAS and Keras within `threads`.

    On SIGTERM, by which clusters end jobs, the process ends at once with status 143, and nothing
    half-written stays.

    Parameters
    ----------
    log_path : str
        Receives file descriptors 1 and 2, so what libraries written in C print as well.
    threads : int

    Raises
    ------
    SystemExit
        With status 1 after any exception: its traceback is in the log, for an `InputError`
        its message alone.
    """
    descriptor = os.open(log_path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o666)
    os.dup2(descriptor, 1)
    os.dup2(descriptor, 2)
    os.close(descriptor)
    sys.stdout.reconfigure(line_buffering=True)  # for those who watch the log
    os.environ |= dict.fromkeys(_BACKEND_THREADS, str(threads))
    signal.signal(signal.SIGTERM, _stop)
    try:
        with threadpool_limits(threads):
            yield
    except InputError as error:
        print(f"Error: {error}", file=sys.stderr, flush=True)
        raise SystemExit(1) from None
    except Exception:
        traceback.print_exc()
        raise SystemExit(1) from None
