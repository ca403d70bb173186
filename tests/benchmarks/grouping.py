"""Heads on Slurm, 30 in a job and one a job: Slurm jobs, wall time and overhead, printed.

    python tests/benchmarks/grouping.py [heads in groups] [heads alone]

300 of both unless told otherwise, in about half an hour on two idle cores. Runs as root where Slurm
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
from submitted import end_all, run_on_cluster, submissions  # noqa: E402

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
    """Run the heads and return a row of the table."""
    project = prepare(folder, heads)
    load = os.getloadavg()[0]
    start = time.perf_counter()
    done = run_on_cluster(
        project,
        *("--until", "train_head", "--group-components", f"heads={together}"),
        # As many jobs run at once as there are cores.
        *("--set-threads", "train_head=1"),
        polls=(),
        limit=LIMIT,
    )
    wall = time.perf_counter() - start
    if done.returncode:
        raise RuntimeError(done.stdout)
    benchmarks = [*project.glob("results/shapes/small/block5_pool/T1/*/sgd_*.benchmark.tsv")]
    own = sum(pd.read_csv(path, sep="\t")["s"][0] for path in benchmarks)
    if len(benchmarks) != heads:
        raise RuntimeError(f"{heads} heads are to be trained. Received: {len(benchmarks)}")
    return {
        "heads in a job": together,
        "heads": heads,
        "Slurm jobs": len(submissions(done.stdout)),
        "wall time, s": round(wall),
        "wall time a head, s": round(wall / heads, 1),
        "a head itself, s": round(own / heads, 1),
        # Each core works on a head of its own.
        "overhead a head, core seconds": round((wall * CORES - own) / heads, 1),
        "load before and after": f"{load:.1f}, {os.getloadavg()[0]:.1f}",
    }


if __name__ == "__main__":
    if reason := why_not():
        raise SystemExit(reason)
    wanted = [int(text) // len(SHOTS) * len(SHOTS) for text in (*sys.argv[1:], 300, 300)]
    cluster = Cluster(cores=CORES)
    with tempfile.TemporaryDirectory() as place:
        try:
            cluster.start()
            for together, heads in ((30, wanted[0]), (1, wanted[1])):
                row = measure(Path(place, f"heads {together}"), heads, together)
                print(f"{CORES} cores", *(f"{k}: {v}" for k, v in row.items()), sep="\n  ")
        finally:
            end_all()
            cluster.stop()
