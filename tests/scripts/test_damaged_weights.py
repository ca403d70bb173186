"""Every stage that loads a network's weights notices that they are no longer those described."""

import pytest
from settings_of import settings_of

from extract import extract
from fewshot.data.draws import draw_repeats, write_draws
from fewshot.data.pool import PoolRow
from fewshot.errors import InputError
from fewshot.records import read_records
from plot_network import plot_network
from train_end_to_end import train_end_to_end
from weights import weights

IMAGES = 30


@pytest.fixture
def world(tmp_path, write_images):
    """Images, draws, and a network whose weights differ by one bit from those described."""
    write_images(tmp_path, IMAGES)
    pool = read_records(tmp_path / "pool.csv", PoolRow)
    draws = draw_repeats(pool, test=2, repeats=1, seed=0)
    write_draws(draws, tmp_path / "draws.csv")
    network = {"weights_path": tmp_path / "net.weights.h5", "backbone_path": tmp_path / "net.json"}
    weights(settings=settings_of("SmallVGG"), seed=0, **network)
    data = bytearray(network["weights_path"].read_bytes())
    data[len(data) // 2] ^= 1
    network["weights_path"].write_bytes(data)
    return network


def run_extract(folder, network):
    settings = {"precision": "float32", "storage": "float16", "parts": 1}
    extract(
        **network,
        source_path=folder / "source.json",
        pool_path=folder / "pool.csv",
        layers=["fc2"],
        extraction={**settings, "batch_size": 8, "piece_images": 8},
        part=1,
        folder=folder / "out",
        index_path=folder / "out/index.json",
        threads=1,
        gpus=0,
    )


def run_train_end_to_end(folder, network):
    names = ("epochs", "batch_size", "learning_rate", "momentum", "augment")
    train_end_to_end(
        backbone_path=network["backbone_path"],
        backbone_weights_path=network["weights_path"],
        source_path=folder / "source.json",
        pool_path=folder / "pool.csv",
        draws_path=folder / "draws.csv",
        layer="fc2",
        shots=1,
        head=dict(zip(names, (1, 8, 0.01, 0.9, False), strict=True)),
        seed=0,
        precision="bfloat16",
        results_path=folder / "out/results.csv",
        curves_path=folder / "out/curves.csv",
        weights_path=folder / "out/model.h5",
        predictions_path=folder / "out/predictions.h5",
        predictions="all",
        threads=1,
        gpus=0,
    )


def run_plot_network(folder, network):
    plot_network(
        **network,
        datasets=["letters"],
        backbone="net",
        layers=None,
        source_paths=[folder / "source.json"],
        pool_paths=[folder / "pool.csv"],
        maps_paths=[folder / "out/maps.png"],
        filters_path=folder / "out/filters.png",
    )


@pytest.mark.parametrize("run", [run_extract, run_train_end_to_end, run_plot_network])
def test_one_bit_of_the_weights(world, tmp_path, run):
    path = world["weights_path"]
    with pytest.raises(InputError, match=rf"{path}, changed or damaged since.*rm -f {path}"):
        run(tmp_path, world)
    assert [each for each in (tmp_path / "out").rglob("*") if each.is_file()] == []
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)
    run(tmp_path, world)
    assert [each for each in (tmp_path / "out").rglob("*") if each.is_file()]
