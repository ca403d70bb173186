"""Run what is measured beside something else, and print one table: `python tests/benchmarks`.

Each module with a function `rows` runs as a process of its own, one after another, because memory
is measured as the most that a process took. Names choose some: `python tests/benchmarks heads jobs`.
The table goes to standard output, what modules print beside it to standard error.
"""

import os
import platform
import subprocess
import sys
import time
from datetime import date
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from table import GB, lines

HERE = Path(__file__).parent
ONLY_NAMED = ("gpu", "sweep")  # one needs a GPU, the other answers a question of its own
LIBRARIES = ("numpy", "scipy", "scikit-learn", "keras", "tensorflow", "jax", "torch", "pillow")
INSTRUCTIONS = ("avx2", "avx512f", "avx512_bf16", "amx_bf16")


def modules():
    """Name the modules that measure something, but those that must be named."""
    found = [path.stem for path in HERE.glob("*.py") if "\ndef rows(" in path.read_text("utf-8")]
    return sorted({*found} - {*ONLY_NAMED})


def machine():
    """Describe the machine in a line: processor, cores, memory and, where there are any, GPUs."""
    told = _facts("/proc/cpuinfo")
    flags = [each for each in INSTRUCTIONS if each in told.get("flags", "").split()]
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / GB
    cards = Path("/proc/driver/nvidia/gpus").glob("*/information")
    parts = [
        told.get("model name") or platform.machine(),
        f"{len(os.sched_getaffinity(0))} cores",
        *flags,
        f"{memory:.0f} GB",
        *(_facts(card).get("Model", "") for card in cards),
    ]
    return ", ".join(parts)


def _facts(path):
    """Read lines of the form `name: value`, of each name the first."""
    try:
        pairs = [line.partition(":") for line in Path(path).read_text("utf-8").splitlines()]
    except OSError:
        return {}
    return {name.strip(): value.strip() for name, _, value in reversed(pairs)}


def versions():
    """Name Python and the libraries that are installed, in a line."""
    found = [f"Python {platform.python_version()}"]
    for library in LIBRARIES:
        try:
            found.append(f"{library} {version(library)}")
        except PackageNotFoundError:
            continue
    return ", ".join(found)


def commit():
    """Name the commit of the project, and whether something was changed since."""
    git = ["git", "-C", HERE, "describe", "--always", "--dirty", "--exclude=*"]
    try:
        return subprocess.run(git, capture_output=True, text=True, check=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return "unknown"


def run(module, header):
    """Run a module and print its rows as they come.

    Returns
    -------
    status : int
        Of the process; 1 where it has measured nothing.
    seconds : float
    """
    start, printed = time.monotonic(), 0
    command = [sys.executable, HERE / f"{module}.py"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, encoding="utf-8") as process:
        for line in map(str.rstrip, process.stdout):
            is_row = line.startswith("| ") and line not in header
            if line not in header:
                print(line, file=sys.stdout if is_row else sys.stderr, flush=True)
            printed += is_row
    return process.returncode or int(not printed), time.monotonic() - start


def main(chosen):
    """Print machine, table and how long it took; return the status to exit with."""
    header = [*lines(())]
    print(f"{machine()}\n\n{versions()}\n\n{date.today()}, commit {commit()}\n")
    print(*header, sep="\n", flush=True)
    done = {module: run(module, header) for module in chosen or modules()}
    took = ", ".join(f"{module} {seconds:.0f} s" for module, (_, seconds) in done.items())
    print(f"\n{took}: {sum(seconds for _, seconds in done.values()) / 60:.1f} minutes")
    failed = [f"{module} (status {status})" for module, (status, _) in done.items() if status]
    if failed:
        print(f"\nFailed: {', '.join(failed)}")
    return int(bool(failed))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
