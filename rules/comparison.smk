# Comparison: what the study took and found, beside the original report and the literature.
# Needs results and benchmarks of all jobs and the published numbers; leaves timings.csv, costs.csv,
# comparison.csv, passes.csv and their figures.


rule timings:
    """Gather what each job took, and what each approach costs for each number of shots."""
    input:
        results="reports/{study}/accuracy.csv",
        distilled=distilled_files(),
        draws=paths("results/{dataset}/draws.csv", costed(STUDY)),
        published="scripts/fewshot/results/published.csv",
    output:
        timings=report("reports/{study}/timings.csv", category="Tables"),
        costs=report("reports/{study}/costs.csv", category="Tables"),
    log:
        "reports/{study}/logs/timings.log",
    conda:
        "../envs/cpu.yaml"
    params:
        code=digest("timings"),
        arguments={"jobs": timed_jobs(STUDY), "datasets": costed(STUDY)},
    script:
        "../scripts/timings.py"


rule plot_costs:
    """Draw the time of both approaches against shots, beside the original report's."""
    input:
        costs="reports/{study}/costs.csv",
    output:
        png=report(
            "reports/{study}/figures/{dataset}/costs.png",
            category="Cost",
            labels={"dataset": "{dataset}", "against": "shots"},
        ),
        svg="reports/{study}/figures/{dataset}/costs.svg",
        caption="reports/{study}/figures/{dataset}/costs.txt",
    log:
        "reports/{study}/logs/{dataset}/plot_costs.log",
    conda:
        "../envs/cpu.yaml"
    params:
        code=digest("plot_costs"),
        arguments=lambda wildcards: {"dataset": wildcards.dataset},
    script:
        "../scripts/plot_costs.py"


rule compare:
    """Set the study's accuracy beside the original report's and the literature's."""
    input:
        accuracy="reports/{study}/accuracy.csv",
        published="scripts/fewshot/results/published.csv",
    output:
        comparison=report("reports/{study}/comparison.csv", category="Tables"),
        passes=report("reports/{study}/passes.csv", category="Tables"),
    log:
        "reports/{study}/logs/compare.log",
    conda:
        "../envs/cpu.yaml"
    params:
        code=digest("compare"),
        arguments={
            "datasets": [
                {
                    "dataset": name,
                    "role": settings["role"],
                    "points": drawn.deepest_points(STUDY, name),
                }
                for name, settings in STUDY["datasets"].items()
                if settings["role"]
            ],
            "solvers": solvers(),
        },
    script:
        "../scripts/compare.py"


rule plot_comparison:
    """Draw accuracy against images a class, ours and published ones."""
    input:
        comparison="reports/{study}/comparison.csv",
        passes="reports/{study}/passes.csv",
        draws="results/{dataset}/draws.csv",
    output:
        png=report(
            "reports/{study}/figures/{dataset}/comparison.png",
            category="Comparison",
            labels={"dataset": "{dataset}", "against": "shots"},
        ),
        svg="reports/{study}/figures/{dataset}/comparison.svg",
        caption="reports/{study}/figures/{dataset}/comparison.txt",
    log:
        "reports/{study}/logs/{dataset}/plot_comparison.log",
    conda:
        "../envs/cpu.yaml"
    params:
        code=digest("plot_comparison"),
        arguments=lambda wildcards: {"dataset": wildcards.dataset},
    script:
        "../scripts/plot_comparison.py"
