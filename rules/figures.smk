# Figures: from results to pictures, as PNG and SVG.
# Needs the study's tables, curves and draws; leaves reports/<study>/figures/<dataset>/.


rule plot_curves:
    """Draw loss and accuracy against epoch, for every grid point that was trained in epochs."""
    input:
        curves=lambda wildcards: paths(
            f"{POINT}.curves.csv", dataset_points(wildcards.dataset, has_curves)
        ),
        draws="results/{dataset}/draws.csv",
    output:
        folder=report(
            directory("reports/{study}/figures/{dataset}/curves"),
            patterns=["{name}.png"],
            caption="captions/curves.rst",
            category="Learning curves",
            subcategory="{dataset}",
            labels={"grid point": "{name}"},
        ),
    log:
        "reports/{study}/logs/{dataset}/plot_curves.log",
    conda:
        "../envs/cpu.yaml"
    params:
        code=digest("plot_curves"),
        arguments=lambda wildcards: {"points": dataset_points(wildcards.dataset, has_curves)},
    script:
        "../scripts/plot_curves.py"


rule plot_shots:
    """Draw test accuracy against shots."""
    input:
        summary="reports/{study}/summary.csv",
        draws="results/{dataset}/draws.csv",
    output:
        png=report(
            "reports/{study}/figures/{dataset}/accuracy_against_shots.png",
            caption="captions/shots.rst",
            category="Accuracy",
            labels={"dataset": "{dataset}", "against": "shots"},
        ),
        svg="reports/{study}/figures/{dataset}/accuracy_against_shots.svg",
    log:
        "reports/{study}/logs/{dataset}/plot_shots.log",
    conda:
        "../envs/cpu.yaml"
    params:
        code=digest("plot_shots"),
        arguments=lambda wildcards: {
            "points": against(wildcards.dataset, "shots"),
        },
    script:
        "../scripts/plot_shots.py"


rule plot_layers:
    """Draw test accuracy against layer."""
    input:
        summary="reports/{study}/summary.csv",
        draws="results/{dataset}/draws.csv",
    output:
        png=report(
            "reports/{study}/figures/{dataset}/accuracy_against_layer.png",
            caption="captions/layers.rst",
            category="Accuracy",
            labels={"dataset": "{dataset}", "against": "layer"},
        ),
        svg="reports/{study}/figures/{dataset}/accuracy_against_layer.svg",
    log:
        "reports/{study}/logs/{dataset}/plot_layers.log",
    conda:
        "../envs/cpu.yaml"
    params:
        code=digest("plot_layers"),
        arguments=lambda wildcards: {
            "points": against(wildcards.dataset, "layer"),
            "layers": network_order(),
        },
    script:
        "../scripts/plot_layers.py"


rule plot_temperatures:
    """Draw test accuracy against the temperature of the class probabilities."""
    input:
        summary="reports/{study}/summary.csv",
        draws="results/{dataset}/draws.csv",
    output:
        png=report(
            "reports/{study}/figures/{dataset}/accuracy_against_temperature.png",
            caption="captions/temperatures.rst",
            category="Accuracy",
            labels={"dataset": "{dataset}", "against": "temperature"},
        ),
        svg="reports/{study}/figures/{dataset}/accuracy_against_temperature.svg",
    log:
        "reports/{study}/logs/{dataset}/plot_temperatures.log",
    conda:
        "../envs/cpu.yaml"
    params:
        code=digest("plot_temperatures"),
        arguments=lambda wildcards: {
            "points": against(wildcards.dataset, "temperature"),
        },
    script:
        "../scripts/plot_temperatures.py"
