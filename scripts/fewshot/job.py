"""Where a script's words go, and how many cores it may take."""

import os
import signal
import sys
import traceback
from contextlib import contextmanager, suppress

from fewshot.errors import InputError, disk_full, is_disk_full, is_unwritable, unwritable
from fewshot.files import remove_partial_folders
from fewshot.names import shown

# How lines of a log begin that are for its person: why a job failed, what is to be known of its data.
ERROR, NOTE = "Error: ", "Note: "
# Read by BLAS and the backends of Keras when they are imported, which `job` comes before.
THREADS = (
    *("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"),
    "TF_NUM_INTRAOP_THREADS",
)
ENDINGS = []  # functions that end what else works for the job, when it is to end at once


def note(text):
    """Print a line that a person is to see, also where nobody opens the log.

    Parameters
    ----------
    text : str
        It may hold names of files and classes.
    """
    print(f"{NOTE}{shown(text)}", flush=True)


def _stop(number, frame):
    """End the process from within a signal handler.

    An exception raised here would be lost where a callback of C is running, and an orderly end
    would wait for threads that decode images or run a network.
    """
    remove_partial_folders()
    for end in ENDINGS:
        end()
    with suppress(OSError):  # the log's disk is full
        os.write(2, f"{ERROR}stopped by SIGTERM. What is whole stays for the next run.\n".encode())
    os._exit(128 + number)


def _fail(text, terminal):
    """Print why a job failed and end the process, without the clean-up of libraries.

    HDF5 crashes in its own after it could not write.
    """
    try:
        print(text, file=sys.stderr, flush=True)
    except OSError:  # the log's disk is full
        os.write(terminal, f"{text}\n".encode(errors="backslashreplace"))
    os._exit(1)


@contextmanager
def job(log_path, threads):
    """Send everything printed to a log file and keep BLAS and Keras within `threads`.

    Both only if they are imported within: what fails to be imported has its traceback in the log.

    On SIGTERM, by which clusters end jobs, the process ends at once with status 143, and nothing
    half-written stays. After any exception it ends with status 1: its traceback is in the log, for
    an `InputError` or a full disk a message alone. Where not even the log can be written, that goes
    to the standard error stream.

    Parameters
    ----------
    log_path : str
        Receives file descriptors 1 and 2, so what libraries written in C print as well.
    threads : int
    """
    terminal = os.dup(2)
    try:
        descriptor = os.open(log_path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o666)
        os.dup2(descriptor, 1)
        os.dup2(descriptor, 2)
        os.close(descriptor)
        sys.stdout.reconfigure(line_buffering=True)  # for those who watch the log
        os.environ |= dict.fromkeys(THREADS, str(threads))
        signal.signal(signal.SIGTERM, _stop)
        yield
    except InputError as error:
        _fail(f"{ERROR}{error}", terminal)
    except Exception as error:
        if is_disk_full(error):
            error = disk_full(log_path)
        elif is_unwritable(error) and error.filename == log_path:
            error = unwritable(os.path.dirname(log_path))
        else:
            _fail(traceback.format_exc().rstrip(), terminal)
        _fail(f"{ERROR}{error}", terminal)
