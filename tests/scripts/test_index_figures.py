import csv

from index_figures import index_figures

POINT = {
    **{"dataset": "objects", "backbone": "vgg16", "layer": "fc2"},
    **{"temperature": "1", "shots": 4, "head": "sgd"},
}


def test_files_are_seen_from_the_folder_of_the_study(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    folder = "reports/odd, name/figures"
    index_figures(
        points=[POINT],
        heads={"sgd": "sgd"},
        layers=["fc2"],
        roles={"objects": "caltech256"},
        figures=[
            {
                **{"kind": "curves", "category": "Learning curves", "dataset": "objects"},
                **{"backbone": "", "file": f"{folder}/objects/curves"},
            }
        ],
        index_path=f"{folder}/index.csv",
    )
    with open(f"{folder}/index.csv", encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert list(rows[0]) == ["figure", "category", "dataset", "approach", "shows", "file"]
    answered = {row["figure"]: row["file"] for row in rows if row["file"]}
    file = "figures/objects/curves/vgg16__fc2__T1__4-shot__sgd.png"
    assert answered == {"10": file, "14": file}
    assert len(rows) == 41
