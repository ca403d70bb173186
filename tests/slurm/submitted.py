"""Snakemake with the profile of a cluster, and what it submits."""

import os
import re
import signal
import subprocess
import sys
from pathlib import Path

from cluster import slurm, wait
from projects import EVERY_RULE

# Every rule, two datasets and two backbones, and heads for three groups.
ON_CLUSTER = {
    **EVERY_RULE,
    "study": "cluster",
    "datasets": {
        **EVERY_RULE["datasets"],
        "flat": {"source": "results/characters/georgian.zip", "classes": "prefix"},
    },
    "backbones": {
        **EVERY_RULE["backbones"],
        "untrained": {
            **{"network": "SmallVGG", "weights": "none", "layers": ["fc2"], "feature_maps": []}
        },
    },
    "heads": {
        **EVERY_RULE["heads"],
        "baseline": {"solver": "end_to_end", "epochs": 1, "repeats": 1},
    },
    "experiments": {
        "shots": {"backbones": ["small"], "layers": ["fc2"], "shots": [1, 2]},
        "control": {
            **{"backbones": ["untrained"], "layers": ["fc2"], "shots": [2], "heads": ["tuned"]}
        },
        **{
            name: {"datasets": ["letters"], "backbones": ["small"], **experiment}
            for name, experiment in EVERY_RULE["experiments"].items()
            if name in ("layers", "temperature")
        },
        "baseline": {
            **{"datasets": ["letters"], "backbones": ["small"], "layers": ["fc2"]},
            **{"shots": [1, 2], "heads": ["baseline"]},
        },
    },
    "distillation": {"taught": {**EVERY_RULE["distillation"]["taught"], "backbones": ["small"]}},
}
# A group's place is for 30 heads; here there are fewer in all.
GROUPED = ("--group-components", "heads=8", "students=10")
POOL = "results/shapes/pool.csv"
# Asks more often than people should, so that tests don't wait.
SNAKEMAKE = Path(__file__).with_name("quick_snakemake.py")
QUICK = ("--slurm-init-seconds-before-status-checks", "2", "--latency-wait", "5")
# Seconds; beside other tests jobs take their time.
LIMIT = 480
# On the command line --set-resources replaces what the profile says of all rules.
ON_GPU = ("--set-resources", "extract:slurm_partition=gpu-shared")


STARTED = []


def start(project, *arguments, quick=True, **environment):
    """Start a study of a project on the cluster."""
    snakemake = (str(SNAKEMAKE), *QUICK) if quick else ("-m", "snakemake")
    process = subprocess.Popen(
        [
            *(sys.executable, *snakemake, "--configfile", "study.yaml"),
            *("--profile", "comet", *arguments),
        ],
        cwd=project,
        # Stand-ins are no GPUs.
        env=os.environ | {"FEWSHOT_ALLOW_CPU": "1"} | environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    STARTED.append(process)
    return process


def end_all():
    """Kill what a test has started and not finished."""
    while STARTED:
        process = STARTED.pop()
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.communicate()


def finish(process, limit=LIMIT):
    """Wait for Snakemake, which must end by itself, and return what it leaves."""
    try:
        printed, _ = process.communicate(timeout=limit)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        raise AssertionError(f"hangs:\n{process.communicate()[0]}") from None
    return subprocess.CompletedProcess(process.args, process.returncode, printed)


def run_on_cluster(project, *arguments, limit=LIMIT, **named):
    return finish(start(project, *arguments, **named), limit)


def submit(*options):
    """Submit a job that is none of Snakemake's and return its number."""
    return int(slurm("sbatch", "--parsable", "--output=/dev/null", *options))


def submissions(printed):
    """Read the jobs that were submitted: Slurm's number and the rule or group of each."""
    found = re.findall(r"SLURM jobid (\d+) \(log: .*/slurm_logs/(?:rule|group)_(\w+)/", printed)
    return {int(number): name for number, name in found}


def describe(number):
    """Return what Slurm knows about a job."""
    words = slurm("scontrol", "--details", "show", "job", str(number)).split()
    return dict(word.split("=", 1) for word in words if "=" in word)


def begin_now(number):
    """Spare a job that goes back to the queue the minutes that Slurm lets it wait there."""
    slurm("scontrol", "update", f"JobId={number}", "StartTime=now")


def gpu_jobs():
    """Numbers of the jobs that run on gpu-shared."""
    listed = slurm("squeue", "--noheader", "--states=R", "--partition=gpu-shared", "--format=%i")
    return [int(number) for number in listed.split()]


def freeze_half_way(project):
    """Stop the extraction of a project once it has written some pieces, not all.

    A frozen process stays half-way however long the cluster takes to end it.
    """
    wait(lambda: len(pieces(project)) >= 4 and freeze(project), 240, "pieces of the extraction")
    assert 4 <= len(pieces(project)) < 3 * 25


def freeze(project):
    """Send SIGSTOP to the script that extracts in the project."""
    stopped = 0
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            words = (folder / "cmdline").read_bytes().split(b"\0")
            is_here = Path(os.readlink(folder / "cwd")) == project
            is_script = len(words) > 1 and words[1].endswith(b".enter.py")
            # Snakemake writes the rule into the script.
            extracts = is_script and b"extract" in Path(os.fsdecode(words[1])).read_bytes()
        except OSError:
            continue
        if is_here and extracts:
            os.kill(int(folder.name), signal.SIGSTOP)
            stopped += 1
    return stopped


def pieces(project):
    """Pieces of all layers, with the times at which they were written."""
    found = project.glob("results/shapes/small/*/pieces/*.h5")
    return {path.name: path.stat().st_mtime_ns for path in found}
