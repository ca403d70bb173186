"""Two runs in one folder at the same time."""

import subprocess
import sys
import time

import pandas as pd
import pytest
from projects import STUDY, accuracies, draw_classes, half_written, jobs, run, write_study

pytestmark = pytest.mark.slow

REFUSED = "Directory cannot be locked"


def start(project):
    return subprocess.Popen(
        [
            *(sys.executable, "-m", "snakemake", "--configfile", "study.yaml", "--cores", "1"),
            *("--set-threads", "extract=1", "compact=1", "scan=1"),
        ],
        cwd=project,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def test_the_second_is_refused_and_the_first_ends_right(finished, fresh):
    draw_classes(fresh / "data/shapes", 6)
    write_study(fresh, STUDY)
    first = start(fresh)
    while not (fresh / "results/shapes/manifest.csv").exists():
        assert first.poll() is None
        time.sleep(0.05)
    second = start(fresh)
    refused, _ = second.communicate()
    assert second.returncode != 0
    assert REFUSED in refused
    assert "Traceback" not in refused
    printed, _ = first.communicate()
    assert first.returncode == 0, printed
    assert jobs(run(fresh)) == {}
    assert half_written(fresh) == []
    pd.testing.assert_frame_equal(accuracies(fresh, "tiny"), accuracies(finished, "tiny"))
