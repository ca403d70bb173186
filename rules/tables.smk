# Tables: from the results of heads to everything that is told of them.
# Needs results, curves and benchmarks of all jobs, and the published numbers; leaves the tables in
# reports/<study>/.


# Tables of studies that draw figures of a kind.
FURTHER_TABLES = {
    name: f"{REPORT}/{name}.csv" if any(figure.kind == kind for figure in FIGURES) else []
    for kind in KINDS
    for name in KINDS[kind].tables
}
TABLES = [
    *(f"{REPORT}/{name}.csv" for name in ("accuracy", "summary", "calibration", "contrasts")),
    *(f"{REPORT}/{name}.csv" for name in ("gradients", "timings")),
    *filter(None, FURTHER_TABLES.values()),
    *ANSWERS.values(),
]
# What figures and page are made of.
READ_TABLES = {
    **{name: f"{REPORT}/{name}.csv" for name in ("summary", "contrasts", "calibration")},
    **ANSWERS,
    **FURTHER_TABLES,
}
IN_EPOCHS = [point for name in STUDY["datasets"] for point in curve_points(STUDY, name)]


rule collect:
    """Gather the results of the study, and their means and intervals over repeats."""
    input:
        results=[point.file(".csv") for point in GRID],
        predictions=PREDICTIONS,
        draws=DRAWS,
    output:
        accuracy=report(f"{REPORT}/accuracy.csv", category="Tables"),
        summary=report(f"{REPORT}/summary.csv", category="Tables"),
        calibration=report(f"{REPORT}/calibration.csv", category="Tables"),
    log:
        f"{REPORT}/logs/collect.log",
    conda:
        "../envs/cpu.yaml"
    params:
        code=digest("collect"),
        arguments=GRID_ARGUMENTS,
    script:
        "../scripts/enter.py"


rule collect_distillation:
    """Gather the students of the study, each beside itself alone and its teacher."""
    input:
        results=[*STUDENTS],
        predictions=[student.file(".predictions.h5") for student in STUDENTS.values()],
        alone=[student.alone.file(".predictions.h5") for student in STUDENTS.values()],
        labelled=[student.labelled.file(".predictions.h5") for student in STUDENTS.values()],
        teacher=[student.teacher.file(".predictions.h5") for student in STUDENTS.values()],
        draws=[f"results/{student.alone.dataset}/draws.csv" for student in STUDENTS.values()],
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
        "../scripts/enter.py"


rule contrasts:
    """Take every difference that figures and page speak of, with its interval."""
    input:
        predictions=PREDICTIONS,
        curves=[point.file(".curves.csv") for point in IN_EPOCHS],
        distillation=FURTHER_TABLES["distillation"],
        comparison=FURTHER_TABLES["comparison"],
        draws=DRAWS,
    output:
        contrasts=report(f"{REPORT}/contrasts.csv", category="Tables"),
    log:
        f"{REPORT}/logs/contrasts.log",
    conda:
        "../envs/cpu.yaml"
    params:
        code=digest("contrasts"),
        arguments={
            **GRID_ARGUMENTS,
            "figures": to_plain(
                [figure for figure in figures_of("plot_tables") if figure.kind in COMPARED]
            ),
            "in_epochs": [tuple(point) for point in IN_EPOCHS],
            "solvers": solvers(),
            "layers": network_order(STUDY),
            "controls": controls(STUDY),
        },
    script:
        "../scripts/enter.py"


rule timings:
    """Gather what each job took, and what each approach costs for each number of shots."""
    input:
        results=f"{REPORT}/accuracy.csv",
        distilled=[*STUDENTS],
        draws=[f"results/{each['dataset']}/draws.csv" for each in costed(STUDY)],
        published=own_file("scripts/fewshot/results/published.csv"),
    output:
        timings=report(f"{REPORT}/timings.csv", category="Tables"),
        costs=report(f"{REPORT}/costs.csv", category="Tables"),
    log:
        f"{REPORT}/logs/timings.log",
    conda:
        "../envs/cpu.yaml"
    params:
        code=digest("timings"),
        arguments={"jobs": [tuple(job) for job in timed_jobs(STUDY)], "datasets": costed(STUDY)},
    script:
        "../scripts/enter.py"


rule compare:
    """Set the study's accuracy beside the original's and the literature's."""
    input:
        summary=f"{REPORT}/summary.csv",
        published=own_file("scripts/fewshot/results/published.csv"),
    output:
        comparison=report(f"{REPORT}/comparison.csv", category="Tables"),
        surpassed=report(f"{REPORT}/surpassed.csv", category="Tables"),
    log:
        f"{REPORT}/logs/compare.log",
    conda:
        "../envs/cpu.yaml"
    params:
        code=digest("compare"),
        arguments={
            "datasets": [
                (name, role, [tuple(point) for point in deepest_points(STUDY, name)])
                for name, role in roles().items()
                if role
            ],
            "approaches": {name: solver_of(STUDY, name).approach for name in STUDY["heads"]},
        },
    script:
        "../scripts/enter.py"
