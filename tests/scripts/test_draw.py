"""The draws from a pool file."""

import pytest

from draw import draw
from fewshot.data.draws import read_draws
from fewshot.data.pool import PoolRow
from fewshot.records import write_records


@pytest.fixture
def pool(tmp_path):
    rows = [PoolRow(n, f"{n}.jpg", "ab"[n % 2], n % 2, f"{n:064}", f"{n:064}") for n in range(10)]
    write_records(tmp_path / "pool.csv", PoolRow, rows)


def test_draws_of_a_pool(pool, tmp_path):
    draw(
        pool_path=tmp_path / "pool.csv",
        test=2,
        test_at_most=None,
        shots=1,
        repeats=3,
        seed=0,
        draws_path=tmp_path / "draws.csv",
    )
    draws = read_draws(tmp_path / "draws.csv")
    assert list(draws.labels) == [0, 1] * 5
    assert draws.repeats == 3
    for places in draws.places.T:
        assert sorted(places[0::2]) == sorted(places[1::2]) == [0, 0, 1, 2, 3]


def test_draws_with_the_rest_tested(pool, tmp_path, capsys):
    draw(
        pool_path=tmp_path / "pool.csv",
        test="rest",
        test_at_most=2,
        shots=2,
        repeats=3,
        seed=0,
        draws_path=tmp_path / "draws.csv",
    )
    for places in read_draws(tmp_path / "draws.csv").places.T:
        assert sorted(places[0::2]) == sorted(places[1::2]) == [-1, 0, 0, 1, 2]
    assert capsys.readouterr().out == "test images of each repeat: 4, 4, 4\n"
