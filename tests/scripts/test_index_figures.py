import csv

from fewshot.files import digest_path, write_text
from fewshot.study.read import read_study
from index_figures import index_figures

STUDY = {
    "study": "tiny",
    "datasets": {"objects": {"source": "a.zip", "classes": "folders", "role": "caltech256"}},
    "backbones": {"vgg16": {"network": "VGG16", "layers": ["fc2"], "feature_maps": []}},
    "draws": {"images_per_class": 24},
    "heads": {"sgd": {"solver": "sgd"}},
    "experiments": {"one": {"layers": ["fc2"], "shots": [4]}},
}


def test_files_are_seen_from_the_folder_of_the_study(tmp_path):
    path = tmp_path / "odd, name/figures/index.csv"
    index_figures(study=read_study(STUDY), unshown_paths=[], index_path=path)
    with open(path, encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert list(rows[0]) == ["figure", "category", "dataset", "approach", "shows", "file"]
    answered = {row["figure"]: row["file"] for row in rows if row["file"]}
    file = "figures/objects/curves/vgg16__fc2__T1__4-shot__sgd.png"
    assert answered == {"10": file, "14": file, "": "figures/objects/reliability.png"}
    others = [row["file"].removeprefix("figures/objects/") for row in rows if not row["figure"]]
    kinds = ("forecast", "classes", "confusion", "map", "map_pictures", "reliability")
    assert others == [f"{kind}.png" for kind in kinds]
    assert len(rows) == 47


def test_pictures_that_are_not_to_be_shown_are_removed(tmp_path):
    left, never, kept = (tmp_path / name for name in ("map_pictures.png", "never.png", "map.png"))
    for path in (left, kept):
        write_text(path, "picture")
    index_figures(
        study=read_study(STUDY), unshown_paths=[left, never], index_path=tmp_path / "index.csv"
    )
    assert not left.exists()
    assert not digest_path(left).exists()
    assert kept.exists()
    assert digest_path(kept).exists()
