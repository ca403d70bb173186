# Report: from tables, figures and captions to one page.
# Needs all that a study leaves for reading; leaves figures/index.csv and report.html.

DRAWN_CURVES = datasets_of("plot_curves")
CURVES = {*files_of(figures_of("plot_curves"))}
LISTINGS = expand(f"{REPORT}/{FOLDER}/{{dataset}}/curves.json", dataset=DRAWN_CURVES)
PICTURES = [file for file in files_of(FIGURES) if file not in CURVES]
# Pictures of the data that a run with `gallery: true` may have left, and that nobody is to see now.
HIDDEN = [each for each in planned_figures({**STUDY, "gallery": True}) if each not in FIGURES]
UNSHOWN = [
    *(path for ending in (".png", ".svg", ".txt") for path in files_of(HIDDEN, ending)),
    *expand(THUMBNAIL, dataset=[name for name in STUDY["datasets"] if name not in SHOWN]),
]
# Small files, all that a study leaves but what may be deleted to free the disk.
KEPT = [
    *TABLES,
    *THUMBNAILS,
    *expand(f"{REPORT}/{{name}}", name=["summary.md", "summary.tex", "references.bib"]),
    *PICTURES,
    *LISTINGS,
    *(point.file(".csv") for point in GRID),
    *STUDENTS,
    *expand(
        "results/{dataset}/{name}.csv",
        dataset=STUDY["datasets"],
        name=["manifest", "pool", "draws"],
    ),
    *expand("results/backbones/{backbone}.json", backbone=STUDY["backbones"]),
]


rule index_figures:
    """List all figures under the numbers they have in the original, and remove what may not be shown."""
    output:
        index=report(f"{REPORT}/{FOLDER}/index.csv", category="Tables"),
    log:
        f"{REPORT}/logs/index_figures.log",
    conda:
        "../envs/cpu.yaml"
    params:
        code=digest("index_figures"),
        arguments={"study": STUDY, "unshown_paths": UNSHOWN},
    script:
        "../scripts/enter.py"


rule paper:
    """Write what a paper needs: the table of accuracies, a sentence on protocol, references."""
    input:
        summary=f"{REPORT}/summary.csv",
        choices=ANSWERS["choices"],
        draws=DRAWS,
        bibliography=own_file("scripts/fewshot/page/references.bib"),
    output:
        markdown=f"{REPORT}/summary.md",
        latex=f"{REPORT}/summary.tex",
        references=f"{REPORT}/references.bib",
    log:
        f"{REPORT}/logs/paper.log",
    conda:
        "../envs/cpu.yaml"
    params:
        code=digest("paper"),
        arguments={"study": STUDY},
    script:
        "../scripts/enter.py"


rule report:
    """Write the page that tells the study from its question to its digests."""
    input:
        **READ_TABLES,
        thumbnails=THUMBNAILS,
        figures=PICTURES,
        charts=[path.removesuffix("png") + "svg" for path in PICTURES],
        listings=LISTINGS,
        # The lists have digests, so that touching the folders is nothing.
        curves=ancient(expand(f"{REPORT}/{FOLDER}/{{dataset}}/curves", dataset=DRAWN_CURVES)),
        index=f"{REPORT}/{FOLDER}/index.csv",
        accuracy=f"{REPORT}/accuracy.csv",
        gradients=f"{REPORT}/gradients.csv",
        timings=f"{REPORT}/timings.csv",
        manifests=expand("results/{dataset}/manifest.csv", dataset=STUDY["datasets"]),
        draws=DRAWS,
        pools=POOLS,
        sources=expand("results/{dataset}/source.json", dataset=STUDY["datasets"]),
        backbones=expand("results/backbones/{backbone}.json", backbone=STUDY["backbones"]),
        template=own_file("scripts/fewshot/page/report.html.jinja"),
        beside=[
            own_file(f"scripts/fewshot/page/{name}")
            for name in ("parts.html.jinja", "page.css", "page.js")
        ],
    output:
        report=PAGE,
        answers=f"{REPORT}/answers.txt",
    log:
        f"{REPORT}/logs/report.log",
    conda:
        "../envs/cpu.yaml"
    params:
        code=digest("report"),
        arguments={"study": STUDY},
    script:
        "../scripts/enter.py"
