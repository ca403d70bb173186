"""The draws from a pool file."""

from draw import draw
from fewshot.data.draws import read_draws
from fewshot.data.pool import write_pool

def test_draws_of_a_pool(tmp_path):
    rows = [
        {"row": n, "image": f"{n}.jpg", "class": "ab"[n % 2], "label": n % 2}
        | {"sha256": f"{n:064}", "group": f"{n:064}"}
        for n in range(10)
    ]
    write_pool(rows, tmp_path / "pool.csv")
    draw(
        pool_path=tmp_path / "pool.csv",
        test_per_class=2,
        repeats=3,
        seed=0,
        draws_path=tmp_path / "draws.csv",
    )
    labels, draws = read_draws(tmp_path / "draws.csv")
    assert list(labels) == [0, 1] * 5
    for draw in draws.T:
        assert sorted(draw[0::2]) == sorted(draw[1::2]) == [0, 0, 1, 2, 3]
