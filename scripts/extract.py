"""Run the images of a pool through a frozen network once and keep what some layers say."""

import time

from fewshot.backbone.activations import computing_seconds, find_pieces, list_runs
from fewshot.backbone.batches import choose_batch
from fewshot.backbone.devices import check_gpu, use_precision
from fewshot.backbone.extraction import check_space, compute_pieces, make_store
from fewshot.data.framing import Framing
from fewshot.data.pool import PoolRow
from fewshot.files import read_json, write_json
from fewshot.records import read_records


def extract(
    *,
    source_path,
    pool_path,
    backbone_path,
    weights_path,
    layers,
    extraction,
    part,
    folder,
    index_path,
    threads,
    gpus,
):
    """Compute the activations that are missing, and list where all of them are.

    Parameters
    ----------
    source_path, pool_path, backbone_path, weights_path : str
        Where the images are, which of them in which order, what the network is, its weights.
    layers : list of str
        Read in one forward pass.
    extraction : dict
        batch_size, precision, storage, parts and piece_images of the study.
    part : int
        From 1: which of the `parts` equal shares of the pool this job sees to.
    folder : str
        `<folder>/<layer>/pieces/` holds the activations of a layer.
    index_path : str
        JSON written: for each layer its width, the runs of rows in pieces, and the seconds these
        took to compute: whole passes, also over other layers, and loading of the network.
    threads, gpus : int
        Threads to decode with, GPUs that the job asked for.

    Raises
    ------
    InputError
        If the network has no such layer, its weights are damaged, the disk is too full, a GPU
        that was asked for is not there, an image is not the one scanned, or an activation is not
        finite as it is stored.
    """
    backbone = read_json(backbone_path)
    pool, parts = read_records(pool_path, PoolRow), extraction["parts"]
    rows = pool[(part - 1) * len(pool) // parts : part * len(pool) // parts]
    stores = [make_store(layer, backbone, extraction, folder) for layer in layers]
    found = [find_pieces(store.folder, store.recipe) for store in stores]
    missing = [row for row in rows if any(row.sha256 not in there for there in found)]
    print(f"{len(rows)} images: {len(rows) - len(missing)} adopted, {len(missing)} to compute")
    if missing:
        stores_lacking = [
            store
            for store, there in zip(stores, found, strict=True)
            if any(row.sha256 not in there for row in missing)
        ]
        root = read_json(source_path)["root"]
        _compute(missing, stores_lacking, backbone, weights_path, extraction, root, threads, gpus)
        found = [find_pieces(store.folder, store.recipe) for store in stores]
    index = {}
    for store, there in zip(stores, found, strict=True):
        runs = list_runs([there[row.sha256] for row in rows])
        seconds = computing_seconds(runs, store.folder)
        index[store.layer] = {"width": store.width, "seconds": seconds, "runs": runs}
    write_json(index_path, index)


def _compute(rows, stores, backbone, weights_path, extraction, root, threads, gpus):
    began = time.monotonic()
    check_space(stores, len(rows))
    on_gpu = check_gpu(gpus)
    precision = use_precision(extraction["precision"])

    def build():
        from fewshot.backbone.networks import build_reader

        layers = [store.layer for store in stores]
        storage = extraction["storage"]
        return build_reader(backbone, layers, weights_path, precision=precision, storage=storage)

    batch_size = extraction["batch_size"] or choose_batch(backbone, stores, on_gpu)
    compute_pieces(
        build,
        rows,
        stores,
        root=root,
        framing=Framing.of(backbone),
        batch_size=batch_size,
        piece_images=extraction["piece_images"],
        threads=threads,
        on_gpu=on_gpu,
        began=began,
    )


def main(snakemake):
    """Do what the rule says."""
    extract(
        **snakemake.params.arguments,
        source_path=snakemake.input.source,
        pool_path=snakemake.input.pool,
        backbone_path=snakemake.input.backbone,
        weights_path=snakemake.input.weights,
        index_path=snakemake.output.index,
        threads=snakemake.threads,
        gpus=snakemake.resources.get("gpu", 0),
    )
