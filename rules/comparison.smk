# Comparison: what the study took and found, beside the original and the literature.
# Needs results and benchmarks of all jobs and the published numbers; leaves timings.csv, costs.csv,
# comparison.csv and surpassed.csv.


rule timings:
    """Gather what each job took, and what each approach costs for each number of shots."""
    input:
        results=f"{REPORT}/accuracy.csv",
        distilled=[*STUDENTS],
        draws=[f"results/{each['dataset']}/draws.csv" for each in costed(STUDY)],
        published="scripts/fewshot/results/published.csv",
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
        "../scripts/timings.py"


rule compare:
    """Set the study's accuracy beside the original's and the literature's."""
    input:
        summary=f"{REPORT}/summary.csv",
        published="scripts/fewshot/results/published.csv",
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
        "../scripts/compare.py"
