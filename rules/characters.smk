# Characters: the demo's datasets and the weights of its network, all drawn from matplotlib's fonts.


rule draw_characters:
    """Draw an alphabet as an archive of images, with folders or prefixes as its dataset says."""
    output:
        archive="results/characters/{alphabet}.zip",
    log:
        "results/characters/{alphabet}.log",
    conda:
        "../envs/cpu.yaml"
    params:
        code=digest("draw_characters"),
        arguments=lambda wildcards: {
            "alphabet": wildcards.alphabet,
            "layout": next(
                each["classes"]
                for each in STUDY["datasets"].values()
                if each["source"] == f"results/characters/{wildcards.alphabet}.zip"
            ),
            "images_per_class": 40,
            "seed": 0,
        },
    script:
        "../scripts/enter.py"


rule pretrain_small_vgg:
    """Train SmallVGG on characters of other scripts: what the project ships, made anew."""
    output:
        weights="results/characters/small_vgg.weights.h5",
        history="results/characters/small_vgg.json",
    log:
        "results/characters/small_vgg.log",
    conda:
        "../envs/cpu.yaml"
    threads: 16
    params:
        code=digest("pretrain_small_vgg"),
        arguments={
            "rounds": 55,
            "images_per_class": 60,
            "batch_size": 128,
            "learning_rate": 0.002,
            "seed": 0,
        },
    script:
        "../scripts/enter.py"
