# Heads: from coordinates to tables.
# Needs coordinates and draws; leaves results and curves of each grid point, and the study's tables.


rule train_head:
    """Train a head on every repeat of a grid point."""
    input:
        index="results/{dataset}/{backbone}/{layer}/T{temperature}/coordinates.json",
        # The index has the digest of the coordinates, so that touching the large file is nothing.
        coordinates=ancient("results/{dataset}/{backbone}/{layer}/T{temperature}/coordinates.h5"),
        draws="results/{dataset}/draws.csv",
    output:
        results=f"{POINT}.csv",
        curves=f"{POINT}.curves.csv",
        weights=f"{POINT}.h5",
    log:
        f"{POINT}.log",
    benchmark:
        f"{POINT}.benchmark.tsv"
    conda:
        "../envs/cpu.yaml"
    params:
        code=digest("train_head"),
        arguments=head_arguments,
    script:
        "../scripts/train_head.py"


rule collect:
    """Gather the results of the study, and their means and intervals over repeats."""
    input:
        results=paths(f"{POINT}.csv", points(STUDY)),
    output:
        accuracy=report(
            "reports/{study}/accuracy.csv", caption="captions/accuracy.rst", category="Tables"
        ),
        summary=report(
            "reports/{study}/summary.csv", caption="captions/summary.rst", category="Tables"
        ),
    log:
        "reports/{study}/logs/collect.log",
    conda:
        "../envs/cpu.yaml"
    params:
        code=digest("collect"),
        arguments={"points": points(STUDY)},
    script:
        "../scripts/collect.py"
