"""Heads on Slurm, 30 in a job and one a job: Slurm jobs, wall time and overhead, printed.

    python tests/benchmarks/grouping.py [heads in groups] [heads alone]

300 of both unless told otherwise, in about 25 minutes on two idle cores. Runs as root where Slurm
is installed and not configured: it is the Slurm of the tests, which runs ten jobs at once. Processor
seconds are counted beside wall time, because they don't depend on what else the machine does.
"""

import os
import resource
import sys
import tempfile
import time
from pathlib import Path

import pandas as pd

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT / "scripts"), str(ROOT / "tests/workflow"), str(ROOT / "tests/slurm")]

from cluster import Cluster, why_not  # noqa: E402
from projects import copy_project, draw_classes, run, study, write_study  # noqa: E402
from submitted import end_all, run_on_cluster, submissions  # noqa: E402

SHOTS = [1, 2, 3]
AT_ONCE = 10
V1 = Path("/sys/fs/cgroup/cpuacct")
LIMIT = 2 * 3600


def prepare(folder, heads):
    """Compute, without the cluster, all that the heads read."""
    project = copy_project(folder)
    draw_classes(project / "data/shapes", 12)
    named = {f"sgd_{n:03}": {"solver": "sgd", "epochs": 50} for n in range(heads // len(SHOTS))}
    content = study(
        draws__images_per_class=12,
        heads=named,
        experiments={"shots": {"layers": ["block5_pool"], "shots": SHOTS}},
    )
    write_study(project, content)
    run(project, "--until", "compact", "draw")
    return project


def make_group(process):
    """Make a control group of a process, to which all belongs that it starts from now on."""
    group = (V1 if V1.exists() else V1.parent) / f"fewshot-{process}"
    group.mkdir()
    (group / "cgroup.procs").write_text(str(process))
    return group


def processor_time(group):
    """Seconds that a group has used, and Snakemake with sbatch, which this process starts."""
    if V1.exists():
        used = int((group / "cpuacct.usage").read_text()) / 1e9
    else:
        used = int((group / "cpu.stat").read_text().split()[1]) / 1e6
    spent = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used + spent.ru_utime + spent.ru_stime


def measure(folder, heads, together, group):
    """Run the heads and return a row of the table."""
    project = prepare(folder, heads)
    load, began = os.getloadavg()[0], processor_time(group)
    start = time.perf_counter()
    done = run_on_cluster(
        project,
        *("--until", "train_head", "--group-components", f"heads={together}"),
        *("--set-threads", "train_head=1"),
        quick=False,
        limit=LIMIT,
    )
    wall, processor = time.perf_counter() - start, processor_time(group) - began
    if done.returncode:
        raise RuntimeError(done.stdout)
    paths = project.glob("results/shapes/small/block5_pool/T1/*/sgd_*.benchmark.tsv")
    own = pd.concat([pd.read_csv(path, sep="\t") for path in paths])
    if len(own) != heads:
        raise RuntimeError(f"{heads} heads are to be trained. Received: {len(own)}")
    return {
        "heads in a job": together,
        "heads": heads,
        "Slurm jobs": len(submissions(done.stdout)),
        "wall time, s": round(wall),
        "wall time a head, s": round(wall / heads, 2),
        "processor time a head, s": round(processor / heads, 2),
        "of that the head itself, s": round(own["cpu_time"].mean(), 2),
        "overhead a head, s": round(processor / heads - own["cpu_time"].mean(), 2),
        "wall time of a head itself, s": round(own["s"].mean(), 2),
        "load before and after": f"{load:.1f}, {os.getloadavg()[0]:.1f}",
    }


if __name__ == "__main__":
    if reason := why_not():
        raise SystemExit(reason)
    wanted = [int(text) // len(SHOTS) * len(SHOTS) for text in (*sys.argv[1:], 300, 300)]
    cluster, jobs = Cluster(cores=AT_ONCE), None
    with tempfile.TemporaryDirectory() as place:
        try:
            cluster.start()
            jobs = make_group(cluster.daemons["slurmd"].pid)
            for together, heads in ((30, wanted[0]), (1, wanted[1])):
                row = measure(Path(place, f"heads {together}"), heads, together, jobs)
                print(*(f"{k}: {v}" for k, v in row.items()), "", sep="\n", flush=True)
        finally:
            end_all()
            cluster.stop()
            if jobs:
                jobs.rmdir()
