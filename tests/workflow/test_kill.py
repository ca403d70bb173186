"""A study, killed in every stage and started again, ends as if nothing had been."""

import contextlib
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pandas as pd
import pytest
from projects import EVERY_RULE, command, copy_project, half_written, jobs, write_study

pytestmark = pytest.mark.slow

SNAKEMAKE = (
    *("--configfile", "study.yaml", "--cores", "2"),
    *("--set-threads", "extract=1", "compact=1", "scan=1"),
)
# Seconds after the start of a job at which it is killed, at most: some load TensorFlow for longer.
LONGEST = {"extract": 6, "train_end_to_end": 8, "weights": 6, "plot_network": 6, "export": 10}
OTHERS = 1.5
KILLS = 20


# How Snakemake writes the name of the rule into the script of a job: pickled, with its length.
RULE = re.compile(rb"rule\\x94\\x8c(?:\\x..|\\.|.)(\w+?)\\x94")


def run_until(project, stages, rng, *arguments):
    """Run the study and kill it at a random moment of the first stage that is one of `stages`.

    Returns
    -------
    set of str
        The stages whose jobs were killed, none where the study came to its end.
    """
    process = subprocess.Popen(
        [sys.executable, "-m", "snakemake", *SNAKEMAKE, *arguments],
        cwd=project,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    killed, lines, killer = set(), [], None
    for line in process.stdout:
        lines.append(line)
        started = re.match(r"\[\d+ of \d+\] \S+ (\w+)", line)
        if killer is None and started and started[1] in stages:
            delay = rng.uniform(0, LONGEST.get(started[1], OTHERS))
            killer = threading.Timer(delay, kill, [process, project, killed])
            killer.start()
    process.wait()
    if killer:
        killer.cancel()
        killer.join()
    if process.returncode == -signal.SIGKILL:
        return killed
    printed = "".join(lines)
    assert process.returncode == 0, printed
    assert "Traceback" not in printed, printed
    return set()


def kill(process, project, killed):
    """Kill Snakemake and all its jobs, unless it has just come to its end; add whose jobs they were."""
    killed |= stages_in(project)
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)


def stages_in(project):
    """Tell which stages have a job that runs in a project."""
    found = set()
    for number in processes_in(project):
        with contextlib.suppress(OSError):
            _, script, *_ = [*Path("/proc", number, "cmdline").read_bytes().split(b"\0"), b""]
            if script.endswith(b".enter.py"):
                found |= {
                    name.decode() for name in RULE.findall(Path(os.fsdecode(script)).read_bytes())
                }
    return found


def unlock(project, asked):
    """Take away the locks of a killed run: by --unlock, or, which is quicker, as that does it."""
    locks = project / ".snakemake/locks"
    if asked:
        command(project, *SNAKEMAKE, "--unlock")
        assert not locks.exists()
    shutil.rmtree(locks, ignore_errors=True)


def processes_in(project):
    """List the processes that work in a folder."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            found += [folder.name] * (os.readlink(folder / "cwd") == str(project))
        except OSError:
            continue
    return found


def test_twenty_kills_over_all_stages_change_no_table(every, tmp_path):
    project = copy_project(tmp_path / "few shots")
    write_study(project, EVERY_RULE)
    plan = command(project, *SNAKEMAKE, "--dry-run").stdout
    stages, rng, killed, forced, again, kills = {*jobs(plan)}, random.Random(0), set(), set(), (), 0
    while kills < KILLS or killed != stages:
        # When each has been killed once, any of them will do.
        found = run_until(project, sorted(stages - killed) or sorted(stages), rng, *again)
        assert found <= stages
        assert processes_in(project) == []
        unlock(project, asked=not killed)
        kills += bool(found)
        killed |= found
        forced |= found if again else set()
        # A stage that ended before its kill came is run once more.
        if again or not found:
            again = ("--forcerun", *(sorted(stages - killed) or sorted(stages)))
    # Of a forced run that is killed Snakemake does not miss files whose readers are there and newer,
    # unless the study asks for them.
    again = ("--forcerun", *sorted(forced)) if forced else ()
    assert run_until(project, (), rng, *again) == set()
    print(f"killed {kills} times, in {', '.join(sorted(killed))}")
    done = command(project, *SNAKEMAKE)
    assert jobs(done.stdout) == {}, done.stdout
    compare(project / "reports/every", every / "reports/every")
    assert half_written(project) == []


def compare(found, expected):
    for name in ("accuracy", "summary", "distillation", "gradients", "comparison", "surpassed"):
        tables = [pd.read_csv(folder / f"{name}.csv") for folder in (found, expected)]
        timed = ["seconds", "scoring_seconds"]
        tables = [table.drop(columns=timed, errors="ignore") for table in tables]
        pd.testing.assert_frame_equal(*tables)
