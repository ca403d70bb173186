# Backbone: from images to coordinates.
# Needs the pool and the backbones of the study; leaves coordinates for each layer and temperature.
# The only rules that run a network. Its activations are kept in pieces that any later run adopts.


rule weights:
    """Download or check a backbone's weights and describe its layers."""
    input:
        files=weights_input,
    output:
        weights="results/backbones/{backbone}.weights.h5",
        backbone="results/backbones/{backbone}.json",
    log:
        "results/backbones/{backbone}.log",
    priority: 1  # a wrong network or file shows before the images are looked at
    retries: 0  # the download tries again itself, and a wrong file stays so
    conda:
        "../envs/cpu.yaml"
    params:
        code=digest("weights"),
        arguments=lambda wildcards: {
            "settings": network_settings(STUDY, wildcards.backbone),
            "seed": weights_seed(wildcards),
        },
        # Snakemake doesn't compare what a function of output says: a new layer makes no new weights.
        layers=lambda wildcards, output: needed_layers(wildcards.backbone),
    script:
        "../scripts/enter.py"


rule extract:
    """Run the images that are missing through the network once and keep what its layers say."""
    input:
        source="results/{dataset}/source.json",
        pool="results/{dataset}/pool.csv",
        backbone="results/backbones/{backbone}.json",
        # The description has the digest of the weights, so that touching the large file is nothing.
        weights=ancient("results/backbones/{backbone}.weights.h5"),
    output:
        index="results/{dataset}/{backbone}/passes/{forward_pass}/part-{part}-of-{parts}.json",
    log:
        "results/{dataset}/{backbone}/passes/{forward_pass}/part-{part}-of-{parts}.log",
    benchmark:
        "results/{dataset}/{backbone}/passes/{forward_pass}/part-{part}-of-{parts}.benchmark.tsv"
    conda:
        GPU_ENVIRONMENT
    threads: 16
    params:
        code=digest("extract"),
        arguments=lambda wildcards: {
            "layers": passes(STUDY, wildcards.backbone)[wildcards.forward_pass],
            "extraction": STUDY["extraction"],
            "part": int(wildcards.part),
            "folder": f"results/{wildcards.dataset}/{wildcards.backbone}",
        },
    script:
        "../scripts/enter.py"


rule compact:
    """Replace activations by as few numbers an image as there are images, inner products kept."""
    input:
        index=index_parts,
    output:
        index=f"{COORDINATES}.json",
        coordinates=f"{COORDINATES}.h5",
    log:
        "results/{dataset}/{backbone}/{layer}/T{temperature}/compact.log",
    benchmark:
        "results/{dataset}/{backbone}/{layer}/T{temperature}/compact.benchmark.tsv"
    conda:
        "../envs/cpu.yaml"
    threads: 4
    params:
        code=digest("compact"),
        basis=basis_of_heads,
        arguments=lambda wildcards: {
            **made_of(wildcards.layer, wildcards.temperature),
            "folder": f"results/{wildcards.dataset}/{wildcards.backbone}",
        },
    script:
        "../scripts/enter.py"
