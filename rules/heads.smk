# Heads: from coordinates to tables.
# Needs coordinates and draws, the baseline images and weights; leaves results and curves of each grid
# point, students of better heads, and the study's tables.

IN_EPOCHS = [point for name in STUDY["datasets"] for point in curve_points(STUDY, name)]


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
    log:
        ANY.file(".log"),
    benchmark:
        ANY.file(".benchmark.tsv")
    wildcard_constraints:
        head=heads_pattern(lambda solver: not solver.runs_network),
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
        results=ANY.file(".csv"),
        curves=ANY.file(".curves.csv"),
        model=ANY.file(".h5"),
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
        "../scripts/train_end_to_end.py"


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
    log:
        STUDENT.replace(".csv", ".log"),
    benchmark:
        STUDENT.replace(".csv", ".benchmark.tsv")
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
        results=[point.file(".csv") for point in points(STUDY)],
    output:
        accuracy=report(f"{REPORT}/accuracy.csv", category="Tables"),
        summary=report(f"{REPORT}/summary.csv", category="Tables"),
    log:
        f"{REPORT}/logs/collect.log",
    conda:
        "../envs/cpu.yaml"
    params:
        code=digest("collect"),
        arguments={"points": [tuple(point) for point in points(STUDY)]},
    script:
        "../scripts/collect.py"


rule collect_distillation:
    """Gather the students of the study, each beside itself alone and its teacher."""
    input:
        results=[*STUDENTS],
    output:
        table=report(f"{REPORT}/distillation.csv", category="Tables"),
    log:
        f"{REPORT}/logs/collect_distillation.log",
    conda:
        "../envs/cpu.yaml"
    params:
        code=digest("collect_distillation"),
        arguments={"students": [student.plain() for student in STUDENTS.values()]},
    script:
        "../scripts/collect_distillation.py"


rule contrasts:
    """Take every difference that figures and page speak of, with its interval."""
    input:
        accuracy=f"{REPORT}/accuracy.csv",
        curves=[point.file(".curves.csv") for point in IN_EPOCHS],
        distillation=FURTHER_TABLES["distillation"],
        comparison=FURTHER_TABLES["comparison"],
        draws=expand("results/{dataset}/draws.csv", dataset=STUDY["datasets"]),
    output:
        contrasts=report(f"{REPORT}/contrasts.csv", category="Tables"),
    log:
        f"{REPORT}/logs/contrasts.log",
    conda:
        "../envs/cpu.yaml"
    params:
        code=digest("contrasts"),
        arguments={
            "figures": to_plain(
                [figure for figure in figures_of("plot_tables") if figure.kind in AXES]
            ),
            "in_epochs": [tuple(point) for point in IN_EPOCHS],
            "solvers": solvers(),
            "layers": network_order(STUDY),
            "controls": controls(STUDY),
            "datasets": [*STUDY["datasets"]],
        },
    script:
        "../scripts/contrasts.py"
