"""Heads on Slurm, 30 in a job and one a job: Slurm jobs, wall time and overhead, printed.

    python tests/benchmarks/grouping.py [heads]

300 heads unless told otherwise, in about half an hour on two idle cores. Runs as root where Slurm
is installed and not configured: it is the Slurm of the tests, with the cores that the machine has.
"""

import os
import sys
import tempfile
import time
from pathlib import Path

import pandas as pd

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT / "scripts"), str(ROOT / "tests/workflow"), str(ROOT / "tests/slurm")]

from cluster import Cluster, why_not  # noqa: E402
from projects import copy_project, draw_classes, run, study, write_study  # noqa: E402
from submitted import run_on_cluster, submissions  # noqa: E402

SHOTS = [1, 2, 3]
CORES = os.cpu_count()
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
    run(project, "--until", "compact", "split")
    return project


def measure(folder, heads, together):
    """Run the heads in groups and return a row of the table."""
    project = prepare(folder, heads)
    # The cores are really there, so that as many jobs run at once as they can.
    arguments = ("--until", "train_head", "--set-threads", "train_head=1")
    start = time.perf_counter()
    done = run_on_cluster(
        project, *arguments, "--group-components", f"heads={together}", polls=(), limit=LIMIT
    )
    wall = time.perf_counter() - start
    if done.returncode:
        raise RuntimeError(done.stdout)
    benchmarks = [*project.glob("results/shapes/small/block5_pool/T1/*/sgd_*.benchmark.tsv")]
    own = [pd.read_csv(path, sep="\t")["s"][0] for path in benchmarks]
    if len(own) != heads:
        raise RuntimeError(f"{heads} heads are to be trained. Received: {len(own)}")
    return {
        "heads in a job": together,
        "heads": heads,
        "Slurm jobs": len(submissions(done.stdout)),
        "wall time, s": round(wall),
        "wall time a head, s": round(wall / heads, 2),
        "of a core: a head, s": round(wall * CORES / heads, 2),
        "its own time, s": round(sum(own) / heads, 2),
        "overhead a head, s": round((wall * CORES - sum(own)) / heads, 2),
        "load before": round(load, 1),
    }


if __name__ == "__main__":
    if reason := why_not():
        raise SystemExit(reason)
    wanted = int(sys.argv[1]) if len(sys.argv) > 1 else 300
    cluster = Cluster(cores=CORES)
    with tempfile.TemporaryDirectory() as place:
        try:
            cluster.start()
            for together in (30, 1):
                load = os.getloadavg()[0]
                row = measure(Path(place, f"heads {together}"), wanted, together)
                print(f"{CORES} cores", *(f"{k}: {v}" for k, v in row.items()), sep="\n  ")
        finally:
            cluster.stop()
