import math

import pytest
from made_tables import grid

from depth import depth
from fewshot.files import write_json
from fewshot.records import read_records, write_records
from fewshot.results.choices import Choice
from fewshot.results.depth import Depth


@pytest.fixture
def rows(tmp_path):
    """A sweep of three blocks: the benchmark of the last head's job is missing."""
    points = grid(layers=("block1_pool", "block2_pool", "block3_pool"))
    widths = 4096, 1024, 256
    chosen = [
        Choice(*point, 1, 3, 0.5, 0.4, 0.6, *[math.nan] * 5, width, 0.1, 1, 0)
        for point, width in zip(points, widths, strict=True)
    ]
    write_records(tmp_path / "choices.csv", Choice, chosen)
    jobs = []
    for place, point in enumerate(points):
        jobs.append(("compact", (*point[:4], "", ""), str(tmp_path / f"compact{place}.tsv")))
        jobs.append(("train_head", tuple(point), str(tmp_path / f"head{place}.tsv")))
    for number, (*_, path) in enumerate(jobs[:-1], start=1):
        with open(path, "w") as file:
            file.write(f"s\th:m:s\tmax_rss\n{number}.0\t0:00:00\t8.0\n")
    index = {point.layer: {"seconds": 6.0, "runs": [["a.h5", 0, 12]]} for point in points}
    parts = [tmp_path / f"part-{number}.json" for number in range(2)]
    for part in parts:
        write_json(part, index)
    depth(
        places=[(tuple(point), "", number, 5) for number, point in enumerate(points, start=1)],
        jobs=jobs,
        layers_read=[("birds", "vgg16", point.layer, point.layer, parts) for point in points],
        choices_path=tmp_path / "choices.csv",
        depth_path=tmp_path / "depth.csv",
    )
    return read_records(tmp_path / "depth.csv", Depth)


def test_a_row_a_block_from_its_jobs_and_its_pass(rows):
    assert [(row.block, row.of_blocks, row.numbers) for row in rows] == [
        (1, 5, 4096),
        (2, 5, 1024),
        (3, 5, 256),
    ]
    assert [row.extraction_seconds for row in rows] == [12.0] * 3  # of both parts
    assert [row.compaction_seconds for row in rows] == [1.0, 3.0, 5.0]
    assert [row.training_seconds for row in rows[:2]] == [2.0, 4.0]
    assert math.isnan(rows[2].training_seconds)
    assert {row[9:12] for row in rows} == {(0.5, 0.4, 0.6)}
