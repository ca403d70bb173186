"""The demo: all of it, in an environment that is already built, and once more with nothing to do."""

import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "tests/workflow"))

from projects import command, copy_project  # noqa: E402
from table import Row, seconds_of, show  # noqa: E402


def run(project):
    done = command(project, "--profile", "profiles/demo", "--cores", "2")
    assert done.returncode == 0, done.stdout


def rows():
    """Yield a `Row` for each run."""
    with tempfile.TemporaryDirectory() as temporary:
        project = copy_project(Path(temporary, "project"))
        yield Row("the demo, on two cores", seconds_of(run, project), "s")
        yield Row("the demo once more", seconds_of(run, project), "s")


if __name__ == "__main__":
    show(rows())
