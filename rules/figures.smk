# Figures: from tables to pictures, each with its caption.
# Needs the study's tables, curves and draws; leaves reports/<study>/figures/.


rule plot_tables:
    """Draw every figure that follows from the study's tables."""
    input:
        **READ_TABLES,
        thumbnails=THUMBNAILS,
        draws=DRAWS,
    output:
        png=report(files_of(figures_of("plot_tables")), category="Figures"),
        svg=files_of(figures_of("plot_tables"), ".svg"),
        caption=files_of(figures_of("plot_tables"), ".txt"),
    log:
        f"{REPORT}/logs/plot_tables.log",
    conda:
        "../envs/cpu.yaml"
    params:
        code=digest("plot_tables"),
        arguments={
            "figures": to_plain(figures_of("plot_tables")),
            "solvers": solvers(),
            "roles": roles(),
            "layers": network_order(STUDY),
        },
    script:
        "../scripts/enter.py"


rule plot_curves:
    """Draw loss and accuracy against epoch, for every grid point that was trained in epochs."""
    input:
        curves=lambda wildcards: [
            point.file(".curves.csv")
            for figure in figures_of("plot_curves", dataset=wildcards.dataset)
            if figure.kind == "curves"
            for point in figure.points
        ],
        contrasts=f"{REPORT}/contrasts.csv",
        summary=f"{REPORT}/summary.csv",
        draws="results/{dataset}/draws.csv",
    output:
        folder=report(
            directory(f"{REPORT}/{FOLDER}/{{dataset}}/curves"),
            patterns=["{name}.png"],
            category="Learning curves",
            subcategory="{dataset}",
            labels={"grid point": "{name}"},
        ),
        listing=f"{REPORT}/{FOLDER}/{{dataset}}/curves.json",
    log:
        f"{REPORT}/logs/{{dataset}}/plot_curves.log",
    conda:
        "../envs/cpu.yaml"
    params:
        code=digest("plot_curves"),
        arguments=lambda wildcards: {
            "figures": to_plain(figures_of("plot_curves", dataset=wildcards.dataset)),
            "solvers": solvers(),
        },
    script:
        "../scripts/enter.py"
