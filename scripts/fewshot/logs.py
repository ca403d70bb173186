"""Where a script's words go, and how many cores it may take."""

import os
import signal
import sys
import traceback
from contextlib import contextmanager

from threadpoolctl import threadpool_limits

from fewshot.errors import InputError

# Read by the backends of Keras when they are imported, which `job` comes before.
_BACKEND_THREADS = ("TF_NUM_INTRAOP_THREADS", "OMP_NUM_THREADS")
_STATUS_STOPPED = 128 + signal.SIGTERM


class _Stopped(BaseException):
    """SIGTERM came. No `except Exception` on its way catches it."""


def _stop(number, frame):
    # Once: another would break off the cleaning.
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    raise _Stopped


@contextmanager
def job(log_path, threads):
    """Send everything printed to a log file and keep BLAS and Keras within `threads`.

    Parameters
    ----------
    log_path : str
        Receives file descriptors 1 and 2, so what libraries written in C print as well.
    threads : int

    Raises
    ------
    SystemExit
        With status 1 after any exception: its traceback is in the log, for an `InputError`
        its message alone. On SIGTERM, by which a cluster ends jobs, the block is left as by an
        exception, so that nothing half-written stays, and the process ends with status 143.
    """
    descriptor = os.open(log_path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o666)
    os.dup2(descriptor, 1)
    os.dup2(descriptor, 2)
    os.close(descriptor)
    os.environ |= dict.fromkeys(_BACKEND_THREADS, str(threads))
    signal.signal(signal.SIGTERM, _stop)
    try:
        with threadpool_limits(threads):
            yield
    except _Stopped:
        print("Error: stopped by SIGTERM. What is whole stays for the next run.", file=sys.stderr)
        sys.stdout.flush()
        sys.stderr.flush()
        # At once: an orderly end would wait for threads that decode images or run a network.
        os._exit(_STATUS_STOPPED)
    except InputError as error:
        print(f"Error: {error}", file=sys.stderr, flush=True)
        raise SystemExit(1) from None
    except Exception:
        traceback.print_exc()
        raise SystemExit(1) from None
