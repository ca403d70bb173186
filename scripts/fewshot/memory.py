"""How much memory a job may still take, and an end with a word before it takes more."""

import resource
from pathlib import Path

from fewshot.errors import input_error

_GROUPS = Path("/sys/fs/cgroup")
# Of control groups of version 2, then 1: where they lie, limit and use.
_FILES = (
    (_GROUPS, "memory.max", "memory.current"),
    (_GROUPS / "memory", "memory.limit_in_bytes", "memory.usage_in_bytes"),
)
_CACHE = ("inactive_file", "active_file")  # counted as used, but given back where it is wanted


def available_memory():
    """Tell how many bytes this process may still take.

    Returns
    -------
    int or None
        The least of what the machine has free, what the limits of its control groups leave (so a
        cluster bounds its jobs) and what the limit of its address space leaves. None where the
        system does not say.
    """
    found = [_of_machine(), _of_address_space(), *map(_of_group, _own_groups())]
    return min((each for each in found if each is not None), default=None)


def check_memory(needed, what, hint):
    """Check that memory suffices, before anything is computed.

    Parameters
    ----------
    needed : int
        Bytes.
    what : str
        That takes them.
    hint : str
        The way out.

    Raises
    ------
    InputError
        If less is available.
    """
    available = available_memory()
    if available is not None and needed > available:
        raise input_error(
            f"{what} must fit into memory",
            f"{needed / 1e9:,.1f} GB needed, {available / 1e9:,.1f} GB available",
            hint,
        )


def _numbers(path):
    """Read lines of a name and a number; of nothing where there is no such file."""
    try:
        rows = [line.replace(":", " ").split() for line in path.read_text().splitlines()]
    except OSError:
        return {}
    return {row[0]: int(row[1]) for row in rows if len(row) > 1 and row[1].isdigit()}


def _of_machine():
    kilobytes = _numbers(Path("/proc/meminfo")).get("MemAvailable")
    return None if kilobytes is None else 1024 * kilobytes


def _of_address_space():
    limit, _ = resource.getrlimit(resource.RLIMIT_AS)
    used = _numbers(Path("/proc/self/status")).get("VmSize")
    return None if limit == resource.RLIM_INFINITY or used is None else limit - 1024 * used


def _own_groups():
    """Yield folder, limit and use of every control group that this process is in, and its parents."""
    try:
        lines = Path("/proc/self/cgroup").read_text().splitlines()
    except OSError:
        return
    for line in lines:
        _, controllers, path = line.split(":", 2)
        root, *files = _FILES["memory" in controllers.split(",")]
        # In a container the path is the host's, and its own group is the root.
        own = Path(path.lstrip("/"))
        yield from ((root / each, *files) for each in (own, *own.parents))


def _of_group(group):
    folder, limit, used = group
    try:
        limit, used = ((folder / name).read_text().strip() for name in (limit, used))
    except OSError:
        return None
    if not limit.isdigit():  # "max"
        return None
    told = _numbers(folder / "memory.stat")
    # Version 1 counts the groups below apart.
    cache = sum(told.get(f"total_{name}", told.get(name, 0)) for name in _CACHE)
    return int(limit) - int(used) + cache
