# Figures: from results to pictures, as PNG and SVG, each with its caption in words.
# Needs the study's tables, curves and draws; leaves reports/<study>/figures/<dataset>/.


rule plot_curves:
    """Draw loss and accuracy against epoch, for every grid point that was trained in epochs."""
    input:
        curves=lambda wildcards: paths(
            f"{POINT}.curves.csv", drawn.curve_points(STUDY, wildcards.dataset)
        ),
        draws="results/{dataset}/draws.csv",
    output:
        folder=report(
            directory("reports/{study}/figures/{dataset}/curves"),
            patterns=["{name}.png"],
            category="Learning curves",
            subcategory="{dataset}",
            labels={"grid point": "{name}"},
        ),
        listing="reports/{study}/figures/{dataset}/curves.json",
    log:
        "reports/{study}/logs/{dataset}/plot_curves.log",
    conda:
        "../envs/cpu.yaml"
    params:
        code=digest("plot_curves"),
        arguments=lambda wildcards: {
            "points": drawn.curve_points(STUDY, wildcards.dataset),
            "running": [name for name, head in STUDY["heads"].items() if is_end_to_end(head)],
        },
    script:
        "../scripts/plot_curves.py"


rule plot_curves_together:
    """Draw the learning curves of several layers, or of several temperatures, in one figure."""
    input:
        curves=lambda wildcards: paths(
            f"{POINT}.curves.csv",
            drawn.curves_by(STUDY, wildcards.dataset, wildcards.axis)[wildcards.name],
        ),
        draws="results/{dataset}/draws.csv",
    output:
        png=report(
            "reports/{study}/figures/{dataset}/curves_by_{axis}/{name}.png",
            category="Learning curves",
            subcategory="{dataset}",
            labels={"one line a": "{axis}", "grid point": "{name}"},
        ),
        svg="reports/{study}/figures/{dataset}/curves_by_{axis}/{name}.svg",
        caption="reports/{study}/figures/{dataset}/curves_by_{axis}/{name}.txt",
    log:
        "reports/{study}/logs/{dataset}/curves_by_{axis}/{name}.log",
    wildcard_constraints:
        axis="layer|temperature",
        name="[^/]+",
    conda:
        "../envs/cpu.yaml"
    params:
        code=digest("plot_curves_together"),
        arguments=lambda wildcards: {
            "points": drawn.curves_by(STUDY, wildcards.dataset, wildcards.axis)[wildcards.name],
            "axis": wildcards.axis,
        },
    script:
        "../scripts/plot_curves_together.py"


rule plot_accuracy:
    """Draw test accuracy against shots, layer or temperature."""
    input:
        accuracy="reports/{study}/accuracy.csv",
        draws="results/{dataset}/draws.csv",
    output:
        png=report(
            "reports/{study}/figures/{dataset}/accuracy_against_{axis}.png",
            category="Accuracy",
            labels={"dataset": "{dataset}", "against": "{axis}"},
        ),
        svg="reports/{study}/figures/{dataset}/accuracy_against_{axis}.svg",
        caption="reports/{study}/figures/{dataset}/accuracy_against_{axis}.txt",
    log:
        "reports/{study}/logs/{dataset}/accuracy_against_{axis}.log",
    wildcard_constraints:
        axis="shots|layer|temperature",
    conda:
        "../envs/cpu.yaml"
    params:
        code=digest("plot_accuracy"),
        arguments=lambda wildcards: {
            "points": drawn.against(STUDY, wildcards.dataset, wildcards.axis),
            "axis": wildcards.axis,
            "solvers": solvers(),
            "layers": drawn.network_order(STUDY),
            "in_report": STUDY["datasets"][wildcards.dataset]["role"] is not None,
        },
    script:
        "../scripts/plot_accuracy.py"


rule plot_distillation:
    """Draw students against the temperature of their soft targets, beside their teachers."""
    input:
        table="reports/{study}/distillation.csv",
        draws="results/{dataset}/draws.csv",
    output:
        png=report(
            "reports/{study}/figures/{dataset}/distillation.png",
            category="Distillation",
            labels={"dataset": "{dataset}", "against": "temperature"},
        ),
        svg="reports/{study}/figures/{dataset}/distillation.svg",
        caption="reports/{study}/figures/{dataset}/distillation.txt",
    log:
        "reports/{study}/logs/{dataset}/plot_distillation.log",
    conda:
        "../envs/cpu.yaml"
    params:
        code=digest("plot_distillation"),
        arguments=lambda wildcards: {"dataset": wildcards.dataset},
    script:
        "../scripts/plot_distillation.py"
