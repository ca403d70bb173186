"""Train a softmax layer on a frozen network end to end, on its repeats of a grid point."""

import numpy as np

from fewshot.backbone.devices import check_gpu
from fewshot.backbone.extraction import check_layer
from fewshot.data.draws import read_draws
from fewshot.data.framing import Framing
from fewshot.data.pool import PoolRow
from fewshot.files import read_json
from fewshot.heads.fitted import write_fitted
from fewshot.heads.train import MEASURES
from fewshot.progress import Progress
from fewshot.records import read_records
from fewshot.results.curves import CURVE_COLUMNS
from fewshot.results.tables import RESULT_COLUMNS, write_table


def train_end_to_end(
    *,
    source_path,
    pool_path,
    draws_path,
    backbone_path,
    weights_path,
    layer,
    shots,
    head,
    seed,
    precision,
    results_path,
    curves_path,
    model_path,
    threads,
    gpus,
):
    """Train from image files, the whole network run for every image in every epoch, and test.

    Draws, test images and the order of images in epochs are those of `train_head`.

    Parameters
    ----------
    source_path, pool_path, draws_path, backbone_path, weights_path : str
        Where the images are, which of them in which order, and the draws; what the network is, and
        its weights.
    layer : str
        Where the softmax layer stands, or "logits".
    shots : int
        Training images of each class.
    head : dict
        epochs, batch_size, learning_rate, momentum, augment (whether training images are changed at
        random), and repeats, where it has the first draws alone.
    seed : int
        With the number of the repeat it starts the random order of images in epochs.
    precision : {"float32", "bfloat16", "float16"}
        What the frozen network computes in.
    results_path : str
        CSV written: a row a repeat, with the measures of the last epoch.
    curves_path : str
        CSV written: a row an epoch of each repeat. Training loss and accuracy are the running
        means over the epoch's batches that `fit` reports, so also those of the results.
    model_path : str
        HDF5 written: for each repeat the training rows of the pool, and weights and bias.
    threads, gpus : int
        Threads to decode with, GPUs that the job asked for.

    Raises
    ------
    InputError
        If the network has no such layer, the pool has too few images for the shots, there is no
        GPU for a job that asked for one, or an image is not the one scanned.
    """
    backbone = read_json(backbone_path)
    check_layer(layer, backbone)
    pool = read_records(pool_path, PoolRow)
    draws = read_draws(draws_path).first(head.get("repeats"))
    chosen = draws.parts(shots)
    check_gpu(gpus)
    from fewshot.heads.end_to_end import build_classifier, count_batches, reset, train

    model = build_classifier(
        backbone, weights_path, layer, classes=draws.classes, head=head, precision=precision
    )
    root = read_json(source_path)["root"]
    decoding = {"root": root, "framing": Framing.of(backbone), "threads": threads}
    batches = sum(count_batches(*map(len, rows), head) for rows in chosen)
    progress = Progress(batches, "batches")
    results, curves, fitted = [], [], []
    for repeat, rows in enumerate(chosen):
        print(f"repeat {repeat}", flush=True)
        reset(model, seed, repeat)
        rng = np.random.default_rng([seed, repeat])
        epochs, *weights, seconds = train(model, pool, *rows, head, rng, progress, **decoding)
        measures = dict(zip(MEASURES, epochs[-1].tolist(), strict=True))
        result = {"repeat": repeat, "epochs": len(epochs), "l2": None, **measures}
        results.append([{**result, "seconds": seconds}[name] for name in RESULT_COLUMNS])
        curves += [[repeat, epoch, *values] for epoch, values in enumerate(epochs.tolist(), 1)]
        fitted.append([rows[0], *weights])
    write_table(curves_path, CURVE_COLUMNS, curves)
    write_fitted(model_path, ("rows", "weights", "bias"), fitted)
    write_table(results_path, RESULT_COLUMNS, results)


if __name__ == "__main__":
    from fewshot.job import job

    with job(snakemake.log[0], snakemake.threads):
        train_end_to_end(
            **snakemake.params.arguments,
            source_path=snakemake.input.source,
            pool_path=snakemake.input.pool,
            draws_path=snakemake.input.draws,
            backbone_path=snakemake.input.backbone,
            weights_path=snakemake.input.weights,
            results_path=snakemake.output.results,
            curves_path=snakemake.output.curves,
            model_path=snakemake.output.model,
            threads=snakemake.threads,
            gpus=snakemake.resources.get("gpu", 0),
        )
