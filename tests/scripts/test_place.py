import numpy as np
import pytest
from made_answers import choice

from fewshot.backbone.coordinates import write_coordinates
from fewshot.data.draws import TEST, TRAINED, Draws, write_draws
from fewshot.errors import InputError
from fewshot.heads.predictions import write_predictions
from fewshot.point import Point
from fewshot.records import read_records, write_records
from fewshot.results.choices import Choice
from fewshot.results.images import JudgedImage
from fewshot.results.neighbours import Neighbour, Placed
from place import place

NAME = "=1+1\n<b>"
DEEP = Point("birds", "vgg16", "fc2", "1", 2, "tuned")
SHALLOW = DEEP._replace(layer="fc1")
OTHER = DEEP._replace(dataset="fish")
LABELS = np.arange(20) % 4
WRONG = 4  # tested in the second repeat alone


@pytest.fixture
def world(tmp_path):
    """Arguments of `place`: images of four classes, of which the deep layer sees the class."""
    places = np.tile(np.repeat([0, 0, 1, 2, 3], 4)[:, None], 2)
    places[4:8, 0], places[8:12, 0] = 1, 0
    draws = Draws(LABELS, np.arange(20), places)
    points = [DEEP, SHALLOW, OTHER]
    role = np.where(places.T == 0, TEST, TRAINED).astype(np.int8)
    rank = np.zeros(role.shape, np.uint8)
    rank[1, WRONG] = 1
    columns = (role, rank, rank, np.ones(role.shape, np.float32), np.ones(role.shape, np.float32))
    files = {
        "predictions_paths": [tmp_path / f"{n}.predictions.h5" for n in range(3)],
        "coordinates_paths": [tmp_path / f"{n}.h5" for n in range(3)],
        "index_paths": [tmp_path / f"{n}.json" for n in range(3)],
        "draws_paths": [tmp_path / f"{n}.draws.csv" for n in range(2)],
    }
    rng = np.random.default_rng(0)
    spots = {DEEP: 100 * np.eye(4)[LABELS], SHALLOW: np.zeros((20, 4)), OTHER: np.eye(4)[LABELS]}
    for point, *paths in zip(points, *[*files.values()][:3], strict=True):
        write_predictions(paths[0], [*zip(*columns, strict=True)])
        values = spots[point] + rng.standard_normal((20, 4))
        write_coordinates(values.astype(np.float32), *paths[1:])
    for path in files["draws_paths"]:
        write_draws(draws, path)
    write_records(
        tmp_path / "choices.csv",
        Choice,
        [choice(SHALLOW, 2, 0), choice(DEEP), choice(OTHER)],
    )
    images = [
        JudgedImage(
            *("birds", row, f"{NAME}{row}", NAME, 1, float(row != WRONG), 0.9, 1.0, 1, 0.5, "", 1)
        )
        for row in range(20)
    ]
    write_records(tmp_path / "images.csv", JudgedImage, images)
    return {
        "points": [*map(tuple, points)],
        "datasets": ["birds", "fish"],
        "folders": [point.folder for point in points],
        "choices_path": tmp_path / "choices.csv",
        "images_path": tmp_path / "images.csv",
        "map_path": tmp_path / "map.csv",
        "neighbours_path": tmp_path / "neighbours.csv",
        **files,
    }


def test_test_images_are_placed_by_the_recommended_layer(world):
    place(**world)
    placed = read_records(world["map_path"], Placed)
    assert [each.row for each in placed if each.dataset == "birds"] == [*range(4), *range(8, 12)]
    assert {each.dataset for each in placed} == {"birds", "fish"}
    assert all(each.right for each in placed)  # the wrong one is tested in the second repeat
    own = [each for each in placed if each.dataset == "birds"]
    for each in own:
        apart = {(one.x - each.x) ** 2 + (one.y - each.y) ** 2: one.row for one in own}
        nearest = apart[sorted(apart)[1]]
        assert LABELS[nearest] == LABELS[each.row]


def test_neighbours_are_training_images_of_the_repeat_in_which_the_image_was_wrong(world):
    place(**world)
    neighbours = read_records(world["neighbours_path"], Neighbour)
    assert [(each.dataset, each.row, each.repeat) for each in neighbours] == [
        ("birds", WRONG, 1)
    ] * 3
    # Two training images of its class at 2 shots; the third is of another.
    assert {neighbours[0].neighbour, neighbours[1].neighbour} == {8, 12}
    assert neighbours[2].neighbour in {9, 10, 11, 13, 14, 15}
    assert neighbours[1].distance < 0.2 < neighbours[2].distance


def test_the_same_again_gives_the_same_files(world):
    place(**world)
    first = [world[f"{name}_path"].read_bytes() for name in ("map", "neighbours")]
    place(**world)
    assert [world[f"{name}_path"].read_bytes() for name in ("map", "neighbours")] == first


def test_a_dataset_without_coordinates_has_no_rows(world):
    for name in ("folders", "coordinates_paths", "index_paths"):
        world[name] = world[name][:2]
    place(**world)
    assert {each.dataset for each in read_records(world["map_path"], Placed)} == {"birds"}


def test_damaged_coordinates_are_named_and_nothing_is_left(world):
    world["coordinates_paths"][0].write_bytes(b"no HDF5")
    with pytest.raises(InputError, match=r"0\.h5"):
        place(**world)
    assert not world["map_path"].exists()
