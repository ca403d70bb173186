"""The published ways to test, on 800 photographs and real weights, beside scikit-learn."""

import csv
import json
import shutil
import tarfile

import numpy as np
import pytest
from PIL import Image, ImageOps
from projects import ROOT, command, copy_project
from test_photographs import DATA, FILES, pytestmark  # noqa: F401

PHOTOGRAPHS, WEIGHTS = FILES
LAYER = "conv_pw_11_relu"
SMALL, SMALLEST = "accordion", "airplanes"  # of the classes that differ in size
STUDIES = ("rest", "official", "unequal", "table")
MEASURES = ("test_accuracy", "test_class_accuracy")


def read(path):
    with open(path, newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def prepare(project):
    """Link the photographs, split them in three parts, and make classes that differ in size."""
    data = project / "data"
    data.mkdir()
    for name in FILES:
        (data / name).symlink_to((DATA / name).resolve())
    with tarfile.open(data / PHOTOGRAPHS) as archive:
        archive.extractall(data, filter="data")
    folders = sorted(path for path in (data / "101_ObjectCategories").iterdir())
    split = {"train": [], "val": [], "test": []}
    for label, folder in enumerate(folders):
        for number, path in enumerate(sorted(folder.iterdir())):
            # 24 to train on, 4 to 8 to validate, the others to test.
            part = "train" if number < 24 else "val" if number < 28 + label % 5 else "test"
            split[part].append([path.relative_to(folders[0].parent).as_posix(), label, folder.name])
            if number < {SMALL: 9, SMALLEST: 8}.get(folder.name, 12 + 2 * label):
                chosen = data / "unequal" / folder.name / path.name
                chosen.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(path, chosen)
    (data / "split.json").write_text(json.dumps(split))
    _tabulate(data, folders)


def _tabulate(data, folders):
    """Put 36 images a class in one folder, and their classes and groups of three in a table."""
    (data / "flat").mkdir()
    lines = ["file,species,walk"]
    for label, folder in enumerate(folders):
        for number, path in enumerate(sorted(folder.iterdir())[:36]):
            name = f"{label * 36 + number:04}.jpg"
            shutil.copy(path, data / "flat" / name)
            lines.append(f"{name},kind {folder.name},{label} {number // 3}")
    (data / "labels.csv").write_text("\n".join(lines))


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    """Run the studies in a copy of the project."""
    project = copy_project(tmp_path_factory.mktemp("protocols") / "project")
    shutil.copytree(ROOT / "tests/protocols", project / "tests/protocols")
    prepare(project)
    for study in STUDIES:
        path = f"tests/protocols/{study}.yaml"
        done = command(project, "--cores", "2", "--configfile", path)
        assert done.returncode == 0, done.stdout
    return project


class Results:
    """What a study left of its dataset."""

    def __init__(self, project, study):
        self.folder = project / f"results/caltech101_{study}"
        self.report = (project / f"reports/{study}/report.html").read_text(encoding="utf-8")
        self.accuracy = read(project / f"reports/{study}/accuracy.csv")
        self.root = project / json.loads((self.folder / "source.json").read_text())["root"]
        self.manifest = {row["image"]: row for row in read(self.folder / "manifest.csv")}
        self.pool = read(self.folder / "pool.csv")
        self.labels = np.array([int(row["label"]) for row in self.pool])
        self.groups = np.array([row["group"] for row in self.pool])
        rows = np.loadtxt(self.folder / "draws.csv", int, delimiter=",", skiprows=1)
        self.places = rows[:, 3:].T

    def head(self, shots):
        """Rows of accuracy.csv, with the penalties: one a repeat."""
        return [
            row for row in self.accuracy if (row["shots"], row["head"]) == (str(shots), "ridge")
        ]


def framed(path, study):
    """Bring a photograph to 224 x 224 pixels with Pillow alone, as the study's protocol wants it."""
    image = Image.open(path).convert("RGB")
    if study == "table":
        return image.resize((224, 224), Image.Resampling.BILINEAR)
    if study == "unequal":
        return ImageOps.pad(image, (224, 224), Image.Resampling.BILINEAR)
    shorter = {"rest": 256, "official": 224}[study]
    method = {"rest": Image.Resampling.BILINEAR, "official": Image.Resampling.BICUBIC}[study]
    edges = [int(shorter * edge / min(image.size)) for edge in image.size]
    left, top = (round((edge - 224) / 2) for edge in edges)
    return image.resize(edges, method).crop((left, top, left + 224, top + 224))


def activations(results, study):
    """What Keras says of each photograph of the pool, (images, width)."""
    import keras

    model = keras.applications.MobileNet(include_top=False, weights=None, input_shape=(224, 224, 3))
    model.load_weights(DATA / WEIGHTS)
    model = keras.Model(model.input, model.get_layer(LAYER).output)
    batches = np.array_split(np.arange(len(results.pool)), len(results.pool) // 32)
    found = []
    for batch in batches:
        paths = [results.root / results.pool[row]["image"] for row in batch]
        images = np.stack([framed(path, study) for path in paths]).astype(np.float32)
        said = model.predict_on_batch(keras.applications.mobilenet.preprocess_input(images))
        found.append(np.asarray(said).reshape(len(batch), -1))
    return np.concatenate(found)


@pytest.mark.parametrize("study", STUDIES)
def test_ridge_is_as_accurate_as_scikit_learn_on_the_same_photographs(project, study, capsys):
    from sklearn.linear_model import Ridge
    from sklearn.metrics import accuracy_score, balanced_accuracy_score

    results = Results(project, study)
    features = activations(results, study)
    folder = results.folder / f"mobilenet/{LAYER}/T1"
    for shots in sorted(int(path.name.partition("-")[0]) for path in folder.glob("*-shot")):
        for repeat, row in enumerate(results.head(shots)):
            place = results.places[repeat]
            train, test = np.flatnonzero((place > 0) & (place <= shots)), np.flatnonzero(place == 0)
            rows = features - features[train].mean(axis=0)
            rows /= np.sqrt(np.mean(np.sum(rows[train] ** 2, axis=1)))
            model = Ridge(alpha=len(train) * float(row["l2"]))
            model.fit(rows[train], np.eye(results.labels.max() + 1)[results.labels[train]])
            said, true = model.predict(rows[test]).argmax(axis=1), results.labels[test]
            expected = {
                "test_accuracy": accuracy_score(true, said),
                "test_class_accuracy": balanced_accuracy_score(true, said),
            }
            with capsys.disabled():
                shown = ", ".join(f"{name} {value:.4f}" for name, value in expected.items())
                print(f"\n{study} {shots:2} shots, repeat {repeat}: {shown}", end="")
            for measure in MEASURES:
                assert float(row[measure]) == pytest.approx(expected[measure], abs=0.01)


def test_the_rest_is_all_but_the_training_images_and_their_groups(project):
    results = Results(project, "rest")
    assert len(results.pool) + sum(
        row["status"] in ("rejected", "disputed") for row in results.manifest.values()
    ) == len(results.manifest)
    for place in results.places:
        trained = {*results.groups[place > 0]}
        for label in range(20):
            own = results.labels == label
            assert sorted(place[own & (place > 0)]) == [*range(1, 31)]
        expected = [group not in trained for group in results.groups]
        np.testing.assert_array_equal(place == 0, expected)


def test_the_official_test_part_is_tested_whole_and_nothing_of_the_part_val(project):
    results = Results(project, "official")
    split = json.loads((project / "data/split.json").read_text())
    usable = {
        image
        for image, row in results.manifest.items()
        if row["status"] not in ("rejected", "disputed")
    }
    named = {part: {image for image, *_ in rows} & usable for part, rows in split.items()}
    images = np.array([row["image"] for row in results.pool])
    assert len(named["test"]) > 150
    for place in results.places:
        assert {*images[place == 0]} == named["test"]
        assert {*images[place > 0]} <= named["train"]
        assert not {*results.groups[place > 0]} & {*results.groups[place == 0]}
    assert not {*images} & named["val"]
    assert (results.places[0] != results.places[1]).any()


def test_classes_differ_in_size_and_those_too_small_are_named(project):
    results = Results(project, "unequal")
    counts = np.bincount(results.labels)
    assert len(counts) == 19
    assert counts.min() == 9
    assert counts.max() >= 38
    tested = [np.bincount(results.labels[place == 0], minlength=19) for place in results.places]
    assert np.ptp(tested[0]) > 20
    said = "class has too few images and is left out: <bdi>airplanes</bdi>"
    assert said in results.report
    log = (results.folder / "pool.log").read_text()
    assert f"too small, left out: {SMALLEST}" in log


def test_labels_are_those_of_the_table_and_no_draw_parts_its_groups(project):
    results = Results(project, "table")
    table = {row["file"]: row for row in read(project / "data/labels.csv")}
    walks = np.array([table[row["image"]]["walk"] for row in results.pool])
    assert all(row["class"] == table[row["image"]]["species"] for row in results.pool)
    assert len({*results.labels}) == 20
    for place in results.places:
        assert (place == 0).sum() == 20 * 9
        assert not {*walks[place == 0]} & {*walks[place > 0]}
    for shots in (1, 8):
        (first, *_) = results.head(shots)
        assert float(first["test_accuracy"]) > 0.2
