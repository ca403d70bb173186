import pytest
from report_world import HOSTILE, TRAPS, write_world

from fewshot.page.content import study_content
from fewshot.results.study_tables import read_study_tables


@pytest.fixture
def content(tmp_path):
    world = write_world(tmp_path)
    names = ("thumbnails_paths", "draws_paths")
    tables = read_study_tables(
        world["table_paths"],
        **{name: world[name] for name in names},
        solvers={"tuned": "logistic", "sgd": "sgd"},
        roles={"plain": "caltech256", HOSTILE: None},
        layers=["fc2"],
    )
    names = ("index_path", "manifest_paths", "pool_paths")
    return study_content(world["study"], tables, **{name: world[name] for name in names})


def test_every_dataset_has_verdict_table_and_galleries(content):
    assert [verdict.dataset for verdict in content["verdicts"]] == ["plain", HOSTILE]
    assert [len(content["grids"][name].rows) for name in ("plain", HOSTILE)] == [2, 2]
    (images,) = (section for section in content["sections"] if section.title == "Images")
    assert [name for name, _ in images.galleries] == ["plain", HOSTILE]
    # Two datasets of three heads at two numbers of shots.
    assert content["points"] == 12


def test_galleries_are_of_manifest_pool_and_neighbours(content):
    (images,) = (section for section in content["sections"] if section.title == "Images")
    galleries = {gallery.key: gallery.shown for gallery in images.galleries[0][1]}
    assert [*galleries] == ["wrong", "labels", "never", "copies"]
    first = next(each for each in galleries["wrong"] if each.image == f"{TRAPS[0]}/0.png")
    assert [each.image for each in first.beside] == [f"{TRAPS[1]}/3.png"]
    assert [each.named for each in galleries["copies"]] == ["same picture"]
