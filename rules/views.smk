# Views: what the network sees in the images, and how its gradients are computed.
# Needs images, weights and stored activations; leaves pictures and reports/<study>/gradients.csv.

MAPS = f"{REPORT}/{FOLDER}/{{dataset}}/{{{{backbone}}}}_feature_maps"
FILTERS = f"{REPORT}/{FOLDER}/{{backbone}}_filters"
EXCITATIONS = f"{REPORT}/{FOLDER}/{{dataset}}/{{backbone}}_excitations"


rule plot_network:
    """Draw the first outputs of a network's convolutions for an image of each dataset."""
    input:
        sources=expand("results/{dataset}/source.json", dataset=SHOWN),
        pools=expand("results/{dataset}/pool.csv", dataset=SHOWN),
        backbone="results/backbones/{backbone}.json",
        weights=ancient("results/backbones/{backbone}.weights.h5"),
    output:
        maps=report(expand(f"{MAPS}.png", dataset=SHOWN), category="Figures"),
        filters=report(f"{FILTERS}.png", category="Figures"),
        beside=[
            *expand(f"{MAPS}{{ending}}", dataset=SHOWN, ending=[".svg", ".txt"]),
            *(f"{FILTERS}{ending}" for ending in (".svg", ".txt")),
        ],
    log:
        f"{REPORT}/logs/{{backbone}}_plot_network.log",
    conda:
        "../envs/cpu.yaml"
    params:
        code=digest("plot_network"),
        arguments=lambda wildcards: {
            "datasets": SHOWN,
            "backbone": wildcards.backbone,
            "layers": STUDY["backbones"][wildcards.backbone]["feature_maps"],
        },
    script:
        "../scripts/enter.py"


rule plot_excitations:
    """Draw the images of the pool that excite some channels of a layer most."""
    input:
        index=lambda wildcards: piece_lists(
            STUDY,
            wildcards.dataset,
            wildcards.backbone,
            STUDY["backbones"][wildcards.backbone]["excitations"],
        ),
        source="results/{dataset}/source.json",
        pool="results/{dataset}/pool.csv",
        backbone="results/backbones/{backbone}.json",
    output:
        png=report(f"{EXCITATIONS}.png", category="Figures"),
        svg=f"{EXCITATIONS}.svg",
        caption=f"{EXCITATIONS}.txt",
    log:
        f"{REPORT}/logs/{{dataset}}/{{backbone}}_excitations.log",
    conda:
        "../envs/cpu.yaml"
    params:
        code=digest("plot_excitations"),
        basis=basis_of_heads,
        arguments=lambda wildcards: {
            "dataset": wildcards.dataset,
            "backbone": wildcards.backbone,
            "layer": STUDY["backbones"][wildcards.backbone]["excitations"],
            "folder": f"results/{wildcards.dataset}/{wildcards.backbone}",
        },
    script:
        "../scripts/enter.py"


rule check_gradients:
    """Hold the gradients of heads and students against central differences."""
    input:
        pieces=piece_lists(STUDY, CHECKED.dataset, CHECKED.backbone, CHECKED.layer),
        index=f"{CHECKED.folder}/coordinates.json",
        coordinates=ancient(f"{CHECKED.folder}/coordinates.h5"),
        draws=f"results/{CHECKED.dataset}/draws.csv",
    output:
        gradients=report(f"{REPORT}/gradients.csv", category="Tables"),
    log:
        f"{REPORT}/logs/check_gradients.log",
    conda:
        "../envs/cpu.yaml"
    params:
        code=digest("check_gradients"),
        basis=basis_of_heads(CHECKED),
        arguments={
            "dataset": CHECKED.dataset,
            "backbone": CHECKED.backbone,
            "layer": CHECKED.layer,
            "seed": STUDY["draws"]["seed"],
            "folder": CHECKED.activations,
        },
    script:
        "../scripts/enter.py"
