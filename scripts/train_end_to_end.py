"""Train a softmax layer on a frozen network end to end, on its repeats of a grid point."""

import numpy as np

from fewshot.backbone.devices import check_gpu
from fewshot.backbone.extraction import check_layer
from fewshot.data.draws import TRAINED, read_draws
from fewshot.data.framing import Framing
from fewshot.data.pool import PoolRow
from fewshot.files import read_json
from fewshot.heads.head_files import HeadFiles
from fewshot.metrics import MEASURES
from fewshot.progress import Progress
from fewshot.records import read_records


def train_end_to_end(
    *,
    source_path,
    pool_path,
    draws_path,
    backbone_path,
    backbone_weights_path,
    layer,
    shots,
    head,
    seed,
    precision,
    predictions,
    threads,
    gpus,
    **paths,
):
    """Train from image files, the whole network run for every image in every epoch, and test.

    Draws, test images and the order of images in epochs are those of `train_head`.

    Parameters
    ----------
    source_path, pool_path, draws_path, backbone_path, backbone_weights_path : str
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
    precision : {"float32", "float32_full", "bfloat16", "float16"}
        What the frozen network computes in.
    predictions : {"all", "tests"}
        Images whose predictions are kept.
    threads, gpus : int
        Threads to decode with, GPUs that the job asked for.
    **paths : str
        Files written: see `fewshot.heads.head_files.HeadFiles.write`. Training loss and accuracy
        are the running means over the last epoch's batches that `fit` reports.

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
    from fewshot.heads.end_to_end import build_classifier, count_batches, reset, score, train

    model = build_classifier(
        backbone,
        backbone_weights_path,
        layer,
        classes=draws.classes,
        head=head,
        precision=precision,
    )
    root = read_json(source_path)["root"]
    decoding = {"root": root, "framing": Framing.of(backbone), "threads": threads}
    batches = sum(count_batches(*map(len, rows), head) for rows in chosen)
    progress = Progress(batches, "batches")
    files = HeadFiles(draws, predictions)
    for repeat, rows in enumerate(chosen):
        reset(model, seed, repeat)
        rng = np.random.default_rng([seed, repeat])
        epochs, weights, bias, seconds = train(model, pool, *rows, head, rng, progress, **decoding)
        judged = np.flatnonzero(draws.roles(repeat, rows[0]) != TRAINED)
        scores, scoring_seconds = score(model, pool, judged, **decoding)
        measures = dict(zip(MEASURES, epochs[-1].tolist(), strict=True))
        result = {"epochs": len(epochs), "l2": None, "seconds": seconds, **measures}
        result["scoring_seconds"] = scoring_seconds
        fitted = {"rows": rows[0], "weights": weights, "bias": bias}
        files.add(result, epochs, fitted, scores)
    files.write(**paths)


def main(snakemake):
    """Do what the rule says."""
    train_end_to_end(
        **snakemake.params.arguments,
        source_path=snakemake.input.source,
        pool_path=snakemake.input.pool,
        draws_path=snakemake.input.draws,
        backbone_path=snakemake.input.backbone,
        backbone_weights_path=snakemake.input.weights,
        results_path=snakemake.output.results,
        curves_path=snakemake.output.curves,
        weights_path=snakemake.output.weights,
        predictions_path=snakemake.output.predictions,
        threads=snakemake.threads,
        gpus=snakemake.resources.get("gpu", 0),
    )
