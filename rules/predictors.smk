# Predictors: from coordinates, activations and weights to classifiers that are taken away.
# Needs what a study recommends, and networks, activations and heads behind it; leaves
# predictors/<name>/.


rule export:
    """Put network, preprocessing and head into a folder that names classes by itself."""
    input:
        choices=ANSWERS["choices"],
        summary=f"{REPORT}/summary.csv",
        predictions=of_candidates(lambda point: point.file(".predictions.h5")),
        results=of_drawn_heads(".csv"),
        heads=of_drawn_heads(".h5"),
        indexes=of_candidates(lambda point: f"{point.folder}/coordinates.json"),
        coordinates=ancient(of_candidates(lambda point: f"{point.folder}/coordinates.h5")),
        pieces=of_predictor(
            lambda predictor: chain.from_iterable(
                paths for *_, paths in predictor_layers(STUDY, predictor)
            )
        ),
        source=of_dataset("source.json"),
        pool=of_dataset("pool.csv"),
        draws=of_dataset("draws.csv"),
        backbones=of_candidates(lambda point: f"results/backbones/{point.backbone}.json"),
        weights=ancient(
            of_candidates(lambda point: f"results/backbones/{point.backbone}.weights.h5")
        ),
    output:
        **{name: f"{TAKEN_AWAY}/{{predictor}}/{file}" for name, file in PREDICTOR_FILES.items()},
    log:
        f"{REPORT}/logs/{{predictor}}/export.log",
    conda:
        "../envs/cpu.yaml"
    threads: 4
    params:
        code=digest("export"),
        # What travels with it is copied, and not imported.
        program=digest(PROGRAM),
        basis=of_predictor(
            lambda predictor: [
                basis_of_heads(point)
                for point in {each.backbone: each for each in predictor.candidates}.values()
            ]
        ),
        arguments=of_predictor(
            lambda predictor: {
                "predictor": predictor.plain(),
                "layers": predictor_layers(STUDY, predictor),
                "settings": predictor_settings(STUDY, predictor),
            }
        ),
    script:
        "../scripts/enter.py"
