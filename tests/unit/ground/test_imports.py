"""What is imported without the garbage collector, which goes on afterwards."""

import gc
import subprocess
import sys

import pytest

from fewshot.imports import uncollected

PROGRAM = """
import gc, sys
from fewshot.imports import uncollected
runs = []
gc.callbacks.append(lambda phase, info: runs.append(phase))
with uncollected():
    import pandas
print(len(runs), gc.isenabled(), gc.get_freeze_count() > 10_000)
del runs[:]
made = [[number] for number in range(10_000)]
print(len(runs) > 0)
"""


def test_nothing_is_collected_within_and_all_that_is_made_afterwards_is():
    done = subprocess.run(
        [sys.executable, "-c", f"import sys; sys.path[:] = {sys.path}\n{PROGRAM}"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.splitlines() == ["0 True True", "True"]


def test_an_import_that_fails_leaves_the_collector_on():
    with pytest.raises(ImportError, match="nowhere"), uncollected():
        import nowhere  # noqa: F401
    assert gc.isenabled()
    gc.unfreeze()  # of this process all is as it was
