# Report: from tables, figures and captions to one page.
# Needs all that a study leaves for reading; leaves figures/index.csv and report.html.


rule index_figures:
    """List all figures under the numbers they have in the original report."""
    input:
        figures=drawn_files(),
    output:
        index=report("reports/{study}/figures/index.csv", category="Tables"),
    log:
        "reports/{study}/logs/index_figures.log",
    conda:
        "../envs/cpu.yaml"
    params:
        code=digest("index_figures"),
        arguments={
            "points": sum((drawn.curve_points(STUDY, name) for name in STUDY["datasets"]), []),
            "heads": solvers(),
            "layers": drawn.network_order(STUDY),
            "roles": {
                name: each["role"] for name, each in STUDY["datasets"].items() if each["role"]
            },
            "figures": FIGURES,
        },
    script:
        "../scripts/index_figures.py"


rule report:
    """Write the page that tells the study from its question to its digests."""
    input:
        figures=drawn_files(),
        curves=ancient(curve_folders()),
        captions=captions(),
        index="reports/{study}/figures/index.csv",
        accuracy="reports/{study}/accuracy.csv",
        summary="reports/{study}/summary.csv",
        gradients="reports/{study}/gradients.csv",
        timings="reports/{study}/timings.csv",
        distillation=table("distillation", "distillation"),
        costs=table("costs", "costs"),
        comparison=table("comparison", "comparison"),
        passes=table("passes", "comparison"),
        manifests=expand("results/{dataset}/manifest.csv", dataset=STUDY["datasets"]),
        draws=expand("results/{dataset}/draws.csv", dataset=STUDY["datasets"]),
        pools=expand("results/{dataset}/pool.csv", dataset=STUDY["datasets"]),
        sources=expand("results/{dataset}/source.json", dataset=STUDY["datasets"]),
        backbones=expand("results/backbones/{backbone}.json", backbone=STUDY["backbones"]),
        template="scripts/fewshot/page/report.html.jinja",
    output:
        report="reports/{study}/report.html",
    log:
        "reports/{study}/logs/report.log",
    conda:
        "../envs/cpu.yaml"
    params:
        code=digest("report"),
        arguments={"study": STUDY},
    script:
        "../scripts/report.py"
