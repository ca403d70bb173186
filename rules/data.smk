# Data: from an archive or a folder of images to the pool and its draws.
# Needs datasets and draws of the study; leaves pool.csv and draws.csv for each dataset.
# The pool is apart from the draws so that more repeats leave activations and coordinates alone.


rule fetch:
    """Unpack a dataset's archive, downloading it first, or find its folder."""
    input:
        archive=source_archive,
    output:
        source="results/{dataset}/source.json",
    log:
        "results/{dataset}/fetch.log",
    benchmark:
        "results/{dataset}/fetch.benchmark.tsv"
    retries: 0  # the download tries again itself, and a wrong archive stays so
    conda:
        "../envs/cpu.yaml"
    params:
        code=digest("fetch"),
        arguments=lambda wildcards: {
            "source": dataset(wildcards)["source"],
            "sha256": dataset(wildcards)["sha256"],
            "folder": dataset(wildcards)["folder"],
            "name_encoding": dataset(wildcards)["name_encoding"],
            "listing": source_listing(wildcards),
            "images_path": f"results/{wildcards.dataset}/images",
        },
    script:
        "../scripts/enter.py"


rule scan:
    """Decode every image once: what it is, whether it can be used, which ones are copies."""
    input:
        source="results/{dataset}/source.json",
    output:
        manifest="results/{dataset}/manifest.csv",
    log:
        "results/{dataset}/scan.log",
    benchmark:
        "results/{dataset}/scan.benchmark.tsv"
    retries: 0  # images that can't be used stay so
    conda:
        "../envs/cpu.yaml"
    threads: 8
    params:
        code=digest("scan"),
        basis=basis_of_scan,
        listing=source_listing,
        arguments=lambda wildcards: {
            key: dataset(wildcards)[key]
            for key in (
                *("classes", "parts", "group", "exclude"),
                *("max_megapixels", "max_rejected_fraction", "copy_bits"),
            )
        },
    script:
        "../scripts/enter.py"


rule pool:
    """Draw the images that are read at all, in an order to which a larger pool only appends."""
    input:
        manifest="results/{dataset}/manifest.csv",
    output:
        pool="results/{dataset}/pool.csv",
    log:
        "results/{dataset}/pool.log",
    conda:
        "../envs/cpu.yaml"
    params:
        code=digest("pool"),
        arguments=lambda wildcards: pool_arguments(STUDY, wildcards.dataset),
    script:
        "../scripts/enter.py"


rule draw:
    """Draw for each repeat the test images and the order of the training images."""
    input:
        pool="results/{dataset}/pool.csv",
    output:
        draws="results/{dataset}/draws.csv",
    log:
        "results/{dataset}/draw.log",
    conda:
        "../envs/cpu.yaml"
    params:
        code=digest("draw"),
        arguments=lambda wildcards: draw_arguments(STUDY, wildcards.dataset),
    script:
        "../scripts/enter.py"
