# Views: what the network sees in the images, and how its gradients are computed.
# Needs images, weights and stored activations; leaves pictures and reports/<study>/gradients.csv.


rule plot_network:
    """Draw the first outputs of a network's convolutions for an image of each dataset."""
    input:
        sources=expand("results/{dataset}/source.json", dataset=STUDY["datasets"]),
        pools=expand("results/{dataset}/pool.csv", dataset=STUDY["datasets"]),
        backbone="results/backbones/{backbone}.json",
        weights=ancient("results/backbones/{backbone}.weights.h5"),
    output:
        maps_png=report(
            expand(f"{MAPS}.png", dataset=STUDY["datasets"]),
            category="What the network sees",
            labels={"backbone": "{backbone}", "shown": "feature maps"},
        ),
        maps_svg=expand(f"{MAPS}.svg", dataset=STUDY["datasets"]),
        maps_caption=expand(f"{MAPS}.txt", dataset=STUDY["datasets"]),
        filters_png=report(
            "reports/{study}/figures/{backbone}_filters.png",
            category="What the network sees",
            labels={"backbone": "{backbone}", "shown": "filters"},
        ),
        filters_svg="reports/{study}/figures/{backbone}_filters.svg",
        filters_caption="reports/{study}/figures/{backbone}_filters.txt",
    log:
        "reports/{study}/logs/{backbone}_plot_network.log",
    conda:
        "../envs/cpu.yaml"
    params:
        code=digest("plot_network"),
        arguments=lambda wildcards: {
            "datasets": [*STUDY["datasets"]],
            "backbone": wildcards.backbone,
            "layers": STUDY["backbones"][wildcards.backbone]["feature_maps"],
        },
    script:
        "../scripts/plot_network.py"


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
        png=report(
            "reports/{study}/figures/{dataset}/{backbone}_excitations.png",
            category="What the network sees",
            labels={"backbone": "{backbone}", "shown": "exciting images"},
        ),
        svg="reports/{study}/figures/{dataset}/{backbone}_excitations.svg",
        caption="reports/{study}/figures/{dataset}/{backbone}_excitations.txt",
    log:
        "reports/{study}/logs/{dataset}/{backbone}_excitations.log",
    conda:
        "../envs/cpu.yaml"
    params:
        code=digest("plot_excitations"),
        arguments=lambda wildcards: {
            "dataset": wildcards.dataset,
            "backbone": wildcards.backbone,
            "layer": STUDY["backbones"][wildcards.backbone]["excitations"],
            "folder": f"results/{wildcards.dataset}/{wildcards.backbone}",
        },
    script:
        "../scripts/plot_excitations.py"


rule check_gradients:
    """Hold the gradients of heads and students against central differences."""
    input:
        pieces=piece_lists(STUDY, *(CHECKED[key] for key in PLACE)),
        index=f"{COORDINATES}.json".format(**CHECKED),
        coordinates=ancient(f"{COORDINATES}.h5".format(**CHECKED)),
        draws="results/{dataset}/draws.csv".format(**CHECKED),
    output:
        gradients=report("reports/{study}/gradients.csv", category="Tables"),
    log:
        "reports/{study}/logs/check_gradients.log",
    conda:
        "../envs/cpu.yaml"
    params:
        code=digest("check_gradients"),
        arguments={
            **{key: CHECKED[key] for key in PLACE},
            "seed": STUDY["draws"]["seed"],
            "folder": "results/{dataset}/{backbone}".format(**CHECKED),
        },
    script:
        "../scripts/check_gradients.py"
