"""The table that benchmarks print: what was measured beside what, each pair in one run."""

import resource
import sys
import time
from contextlib import redirect_stdout
from typing import NamedTuple

HEADER = ("what", "fewshot", "beside", "it", "ratio", "memory")
GB = 1e9
_PER_SECOND = "/s"


class Row(NamedTuple):
    """A measurement, or a pair of them.

    Attributes
    ----------
    what : str
    own : float
    unit : str
        "s", "CPU s", "images/s" and the like.
    beside : str, default ""
        What a person would take instead, or what bounds it.
    other : float or None, default None
        The same of that.
    memory : float or None, default None
        Largest memory of fewshot's, in GB.
    """

    what: str
    own: float
    unit: str
    beside: str = ""
    other: float | None = None
    memory: float | None = None

    def ratio(self):
        """Tell how many times as fast it is as what it stands beside."""
        faster = (
            (self.own, self.other) if self.unit.endswith(_PER_SECOND) else (self.other, self.own)
        )
        return faster[0] / faster[1]

    def cells(self):
        """Write it as the texts of a row of the table."""
        other = "" if self.other is None else f"{_number(self.other)} {self.unit}"
        ratio = "" if self.other is None else f"{self.ratio():.2f}"
        memory = "" if self.memory is None else f"{self.memory:.2f} GB"
        return (self.what, f"{_number(self.own)} {self.unit}", self.beside, other, ratio, memory)


def _number(value):
    """Three digits, and of thousands no powers of ten."""
    return f"{value:.3g}" if abs(value) < 999.5 else f"{value:,.0f}"


def seconds_of(call, *arguments, **named):
    """Time a call by the clock."""
    start = time.perf_counter()
    call(*arguments, **named)
    return time.perf_counter() - start


def peak_memory():
    """Largest memory that this process has taken so far, in GB."""
    return 1024 * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / GB


def lines(rows):
    """Write rows as a Markdown table, line by line, as soon as each is measured."""
    yield f"| {' | '.join(HEADER)} |"
    yield "|---" * len(HEADER) + "|"
    for row in rows:
        yield f"| {' | '.join(row.cells())} |"


def show(rows):
    """Print a table of rows while they are measured, and what is printed meanwhile as an aside."""
    table = sys.stdout
    with redirect_stdout(sys.stderr):
        for line in lines(rows):
            print(line, file=table, flush=True)
