# Depth: from choices to accuracy against the block that a head reads.
# Needs choices, the lists of activations and the benchmarks of jobs; leaves a table in
# reports/<study>/. A study has it that sweeps over the blocks of a network.

from fewshot.study.sweeps import swept_places
from fewshot.study.timed_jobs import layers_read

SWEPT = [place for name in STUDY["datasets"] for place in swept_places(STUDY, name)]
SWEPT_FOLDERS = {place.point.folder for place in SWEPT}


rule depth:
    """Set what heads reach on each block of a network beside what it takes to have them."""
    input:
        choices=ANSWERS["choices"],
    output:
        depth=report(f"{REPORT}/depth.csv", category="Tables"),
    log:
        f"{REPORT}/logs/depth.log",
    conda:
        "../envs/cpu.yaml"
    params:
        code=digest("depth"),
        arguments={
            "places": [(tuple(place.point), *place[1:]) for place in SWEPT],
            "jobs": [
                tuple(job)
                for job in timed_jobs(STUDY)
                if job.stage in ("compact", "train_head")
                and Point(*job.point).folder in SWEPT_FOLDERS
            ],
            "layers_read": layers_read(STUDY),
        },
    script:
        "../scripts/enter.py"
