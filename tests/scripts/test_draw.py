"""The draws from a pool file."""

from draw import draw
from fewshot.data.draws import read_draws
from fewshot.data.pool import PoolRow
from fewshot.records import write_records


def test_draws_of_a_pool(tmp_path):
    rows = [PoolRow(n, f"{n}.jpg", "ab"[n % 2], n % 2, f"{n:064}", f"{n:064}") for n in range(10)]
    write_records(tmp_path / "pool.csv", PoolRow, rows)
    draw(
        pool_path=tmp_path / "pool.csv",
        test_per_class=2,
        repeats=3,
        seed=0,
        draws_path=tmp_path / "draws.csv",
    )
    draws = read_draws(tmp_path / "draws.csv")
    assert list(draws.labels) == [0, 1] * 5
    assert draws.repeats == 3
    for places in draws.places.T:
        assert sorted(places[0::2]) == sorted(places[1::2]) == [0, 0, 1, 2, 3]
