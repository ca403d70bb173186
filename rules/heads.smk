# Heads: from coordinates to results.
# Needs coordinates and draws, the baseline images and weights; leaves results, curves and weights of
# each grid point, and students of better heads.


rule train_head:
    """Train a head on its repeats of a grid point."""
    input:
        index=f"{COORDINATES}.json",
        # The index has the digest of the coordinates, so that touching the large file is nothing.
        coordinates=ancient(f"{COORDINATES}.h5"),
        draws="results/{dataset}/draws.csv",
    output:
        results=ANY.file(".csv"),
        curves=ANY.file(".curves.csv"),
        weights=ANY.file(".h5"),
        predictions=ANY.file(".predictions.h5"),
    log:
        ANY.file(".log"),
    benchmark:
        ANY.file(".benchmark.tsv")
    wildcard_constraints:
        head=heads_pattern(lambda solver: not solver.runs_network),
    conda:
        "../envs/cpu.yaml"
    resources:
        mem_mb=memory_of_head,
    params:
        code=digest("train_head"),
        basis=basis_of_heads,
        arguments=head_arguments,
    script:
        "../scripts/enter.py"


rule train_end_to_end:
    """Train the baseline: the frozen network runs on every image in every epoch."""
    input:
        source="results/{dataset}/source.json",
        pool="results/{dataset}/pool.csv",
        draws="results/{dataset}/draws.csv",
        backbone="results/backbones/{backbone}.json",
        weights=ancient("results/backbones/{backbone}.weights.h5"),
    output:
        results=ANY.file(".csv"),
        curves=ANY.file(".curves.csv"),
        weights=ANY.file(".h5"),
        predictions=ANY.file(".predictions.h5"),
    log:
        ANY.file(".log"),
    benchmark:
        ANY.file(".benchmark.tsv")
    wildcard_constraints:
        head=heads_pattern(lambda solver: solver.runs_network),
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
        "../scripts/enter.py"


rule distil:
    """Train students on a teacher's soft targets and on their own labels."""
    input:
        index=f"{COORDINATES}.json",
        coordinates=ancient(f"{COORDINATES}.h5"),
        teacher_index=of_student(lambda student: f"{student.teacher.folder}/coordinates.json"),
        teacher_coordinates=ancient(
            of_student(lambda student: f"{student.teacher.folder}/coordinates.h5")
        ),
        teacher_weights=of_student(lambda student: student.teacher.file(".h5")),
        teacher=of_student(lambda student: student.teacher.file(".csv")),
        alone=of_student(lambda student: student.alone.file(".csv")),
        labelled=of_student(lambda student: student.labelled.file(".csv")),
        draws="results/{dataset}/draws.csv",
    output:
        results=STUDENT,
        predictions=STUDENT.replace(".csv", ".predictions.h5"),
    log:
        STUDENT.replace(".csv", ".log"),
    benchmark:
        STUDENT.replace(".csv", ".benchmark.tsv")
    conda:
        "../envs/cpu.yaml"
    threads: 4
    resources:
        mem_mb=memory_of_student,
    params:
        code=digest("distil"),
        basis=basis_of_heads,
        arguments=lambda wildcards: {
            "shots": int(wildcards.shots),
            "predictions": STUDY["predictions"],
            **{
                key: STUDY["distillation"][wildcards.student][key]
                for key in ("temperatures", "hard_weight", "transfer")
            },
        },
    script:
        "../scripts/enter.py"
