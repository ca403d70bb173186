# Heads: from coordinates to tables.
# Needs coordinates and draws, the baseline images and weights; leaves results and curves of each grid
# point, students of better heads, and the study's tables.


rule train_head:
    """Train a head on its repeats of a grid point."""
    input:
        index=f"{COORDINATES}.json",
        # The index has the digest of the coordinates, so that touching the large file is nothing.
        coordinates=ancient(f"{COORDINATES}.h5"),
        draws="results/{dataset}/draws.csv",
    output:
        results=f"{POINT}.csv",
        curves=f"{POINT}.curves.csv",
        weights=f"{POINT}.h5",
    log:
        f"{POINT}.log",
    benchmark:
        f"{POINT}.benchmark.tsv"
    wildcard_constraints:
        head=heads_pattern(lambda head: not is_end_to_end(head)),
    conda:
        "../envs/cpu.yaml"
    params:
        code=digest("train_head"),
        arguments=head_arguments,
    script:
        "../scripts/train_head.py"


rule train_end_to_end:
    """Train the baseline: the frozen network runs on every image in every epoch."""
    input:
        source="results/{dataset}/source.json",
        pool="results/{dataset}/pool.csv",
        draws="results/{dataset}/draws.csv",
        backbone="results/backbones/{backbone}.json",
        weights=ancient("results/backbones/{backbone}.weights.h5"),
    output:
        results=f"{POINT}.csv",
        curves=f"{POINT}.curves.csv",
        model=f"{POINT}.h5",
    log:
        f"{POINT}.log",
    benchmark:
        f"{POINT}.benchmark.tsv"
    wildcard_constraints:
        head=heads_pattern(is_end_to_end),
    priority: 1  # the longest jobs go first
    conda:
        GPU_ENVIRONMENT
    threads: 16
    params:
        code=digest("train_end_to_end"),
        arguments=lambda wildcards: {
            **head_arguments(wildcards),
            "layer": wildcards.layer,
            "precision": STUDY["extraction"]["precision"],
        },
    script:
        "../scripts/train_end_to_end.py"


rule distil:
    """Train students on a teacher's soft targets and on their own labels."""
    input:
        index=f"{COORDINATES}.json",
        coordinates=ancient(f"{COORDINATES}.h5"),
        teacher_index=taught(f"{COORDINATES}.json"),
        teacher_coordinates=ancient(taught(f"{COORDINATES}.h5")),
        teacher_weights=taught(f"{POINT}.h5"),
        teacher=taught(f"{POINT}.csv"),
        alone=taught(f"{POINT}.csv", "alone"),
        labelled=taught(f"{POINT}.csv", "labelled"),
        draws="results/{dataset}/draws.csv",
    output:
        results=f"{STUDENT}.csv",
    log:
        f"{STUDENT}.log",
    benchmark:
        f"{STUDENT}.benchmark.tsv"
    conda:
        "../envs/cpu.yaml"
    threads: 4
    params:
        code=digest("distil"),
        arguments=lambda wildcards: {
            "shots": int(wildcards.shots),
            **{
                key: STUDY["distillation"][wildcards.student][key]
                for key in ("temperatures", "hard_weight", "transfer")
            },
        },
    script:
        "../scripts/distil.py"


rule collect:
    """Gather the results of the study, and their means and intervals over repeats."""
    input:
        results=paths(f"{POINT}.csv", points(STUDY)),
    output:
        accuracy=report("reports/{study}/accuracy.csv", category="Tables"),
        summary=report("reports/{study}/summary.csv", category="Tables"),
    log:
        "reports/{study}/logs/collect.log",
    conda:
        "../envs/cpu.yaml"
    params:
        code=digest("collect"),
        arguments={"points": points(STUDY)},
    script:
        "../scripts/collect.py"


rule collect_distillation:
    """Gather the students of the study, each beside itself alone and its teacher."""
    input:
        results=distilled_files(),
    output:
        table=report("reports/{study}/distillation.csv", category="Tables"),
    log:
        "reports/{study}/logs/collect_distillation.log",
    conda:
        "../envs/cpu.yaml"
    params:
        code=digest("collect_distillation"),
        arguments={"students": students(STUDY)},
    script:
        "../scripts/collect_distillation.py"
