"""All rules of the demo on classes, files and folders whose names are traps, in a path with a space.

Nothing in a name runs, nothing is drawn or shown as mark-up, and every name arrives as it is.
"""

import base64
import csv
import io
import os
import re
import shutil
import xml.etree.ElementTree as ElementTree
import zipfile

import numpy as np
import pytest
import yaml
from browser import look
from PIL import Image
from projects import command, copy_project, half_written, jobs

from draw_characters import draw_characters
from fewshot.data.manifest import ManifestRow
from fewshot.data.pool import PoolRow
from fewshot.data.thumbnails import EDGE
from fewshot.files import digest_path, read_json
from fewshot.records import read_records
from fewshot.results.study_tables import RECORDS

pytestmark = pytest.mark.slow

IMAGES = 12  # of each class
# The demo's study with fewer images and a smaller grid, for names don't become worse by repetition.
SMALLER = {
    "draws": {"test": 4, "images_per_class": IMAGES, "repeats": 2},
    "heads": {"sgd": {"epochs": 20}, "end_to_end": {"epochs": 2}},
    "experiments": {
        "shots": {"shots": [2, 4]},
        "control": {"shots": [4]},
        # Three blocks, as the demo has a sweep.
        "layers": {"layers": ["block3_pool", "block4_pool", "block5_pool", "fc2"], "shots": [4]},
        "temperature": {"shots": [4], "temperatures": [1, 16]},
        "logits": {"shots": [4]},
        "end_to_end": {"shots": [2, 4]},
    },
    "distillation": {
        name: {"teacher": {"layer": "fc2", "shots": 4}, "shots": [1], "temperatures": [1, 4]}
        for name in ("unlabelled", "labelled")
    },
}
# A name, and how it is shown on a line of a caption where that is not the name itself.
CLASSES = {
    "$(touch X)": None,
    "a; touch X": None,
    "-rf": None,
    "<img src=x onerror=owned=1>": None,
    "$\\frac{": None,
    'it\'s "odd", `touch X` & </td> <script>owned=1'.replace("/", "\u2215"): None,
    "two\n\nlines": "two\\n\\nlines",
    "re\rturn\ttab \x1b[31m\x07": "re\\rturn\\ttab \\x1b[31m\\x07",
    "x" * 200: None,
    "文字" * 42: None,  # 84 characters in 252 bytes
    "שלום عليكم": None,
    "\u202egnp.exe": "\\u202egnp.exe",
    "👩‍👩‍👧 ok": None,
    "{wildcards.x} {{7*7}} %s": None,
    "=HYPERLINK(A1)": None,
}
# As prefixes: no underscore, and room for a number in 255 bytes.
PREFIXES = {name.replace("_", "-")[:80]: how for name, how in CLASSES.items()}
EXCLUDED = "'; DROP TABLE x; --"
NO_TEXT = b"caf\xe9"  # Latin-1, no UTF-8
FOLDER = 'data/it\'s $(touch X); {wildcards.y} "q" <b>\n文'
ARCHIVE = "data/$(touch X) {z}; 'q'.zip"
LOOK = """async (frame, page, pictures) => ({
  owned: frame.contentWindow.owned ?? null,
  title: page.title,
  figures: page.querySelectorAll("figure svg, figure img").length,
  pictures: pictures.map((picture) => picture.naturalWidth),
  scripts: page.querySelectorAll("script").length,
  loading: [...page.querySelectorAll("img, iframe, object, embed, link")]
    .filter((each) => !(each.src ?? "").startsWith("data:")).length,
  handlers: [...page.querySelectorAll("*")]
    .filter((each) => [...each.attributes].some((one) => one.name.startsWith("on"))).length,
  cells: [...page.querySelectorAll("td, th")].map((cell) => cell.textContent),
  captions: [...page.querySelectorAll("figcaption")].map((each) => each.textContent),
})"""


def draw_letters(project, alphabet, count):
    """Draw the demo's characters: for each of the first classes the bytes of its images."""
    path = project.parent / f"{alphabet}.zip"
    draw_characters(
        alphabet=alphabet, layout="folders", images_per_class=IMAGES, seed=0, archive_path=path
    )
    letters = {}
    with zipfile.ZipFile(path) as archive:
        for name in archive.namelist():
            letters.setdefault(name.split("/")[1], []).append(archive.read(name))
    path.unlink()
    digest_path(path).unlink()
    return [*letters.values()][:count]


def place_images(project):
    """Save a folder of class folders and an archive of prefixed files, all with hostile names."""
    folder = project / FOLDER
    letters = draw_letters(project, "armenian", len(CLASSES))
    for name, images in zip(CLASSES, letters, strict=True):
        (folder / name).mkdir(parents=True)
        for number, data in enumerate(images):
            (folder / name / f"$(touch X) {number};\n<b>.png").write_bytes(data)
    (folder / EXCLUDED).mkdir()
    (folder / EXCLUDED / "1.png").write_bytes(letters[0][0][:100])  # damaged
    (folder / ".hidden class").mkdir()
    os.mkdir(os.path.join(os.fsencode(folder), NO_TEXT))
    letters = draw_letters(project, "georgian", len(PREFIXES))
    with zipfile.ZipFile(project / ARCHIVE, "w") as archive:
        for name, images in zip(PREFIXES, letters, strict=True):
            for number, data in enumerate(images):
                archive.writestr(f"{name}_{number:04}.png", data)


def updated(study, changes):
    """Change values of nested mappings."""
    for key, value in changes.items():
        old = study.get(key)
        study[key] = updated(old, value) if isinstance(old, dict) else value
    return study


def tree(folder):
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*"))


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    """Run the demo's study, made smaller, on the hostile datasets; return the project."""
    parent = tmp_path_factory.mktemp("hostile names")
    project = copy_project(parent / "few shots")
    place_images(project)
    path = project / "profiles/demo/study.yaml"
    demo = command(project, "--profile", "profiles/demo", "-n")
    study = updated(yaml.safe_load(path.read_text(encoding="utf-8")), SMALLER)
    study["datasets"]["armenian"] |= {
        "source": FOLDER,
        "exclude": [EXCLUDED, NO_TEXT.decode(errors="backslashreplace")],
        "max_rejected_fraction": 0.02,
    }
    study["datasets"]["georgian"]["source"] = ARCHIVE
    path.write_text(yaml.safe_dump(study, allow_unicode=True), encoding="utf-8")
    data = tree(project / "data")
    done = command(project, "--profile", "profiles/demo", "--cores", "2")
    assert done.returncode == 0, done.stdout
    rules = {*jobs(demo.stdout)} - {"draw_characters"}
    assert {*jobs(done.stdout)} == rules
    assert len(rules) > 20
    assert tree(project / "data") == data
    return project


def figures(project):
    """All figures of the index, which are many."""
    with open(project / "reports/demo/figures/index.csv", newline="", encoding="utf-8") as file:
        names = {row["file"] for row in csv.DictReader(file) if row["file"]}
    assert len(names) > 30
    return [project / "reports/demo" / name for name in names]


def shown_figures(project):
    """All that the page holds, without learning curves of no number of the original."""
    with open(project / "reports/demo/figures/index.csv", newline="", encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if row["file"]]
    return {row["file"] for row in rows if row["figure"] or row["category"] != "Learning curves"}


def test_no_stray_file_anywhere(world):
    assert [path.name for path in world.parent.iterdir()] == [world.name]
    expected = {"Snakefile", "config.yaml", "comet", "envs", "profiles", "rules", "scripts"}
    expected |= {"data", "results", "reports", "predictors", ".snakemake"}
    assert {path.name for path in world.iterdir()} == expected
    assert not [*world.parent.rglob("X"), *world.parent.rglob("x")]
    assert {path.name for path in (world / "results").iterdir()} == {
        *("armenian", "georgian", "backbones"),
    }
    assert half_written(world) == []


def test_every_name_arrives_as_it_is(world):
    folder, prefix = (world / f"results/{name}" for name in ("armenian", "georgian"))
    rows = read_records(folder / "manifest.csv", ManifestRow)
    found = {row.image: row.class_name for row in rows if row.status == "ok"}
    assert {*found.values()} == {*CLASSES}
    assert all((world / FOLDER / image).is_file() for image in found)
    assert all(image.split("/")[0] == name for image, name in found.items())
    pools = [read_records(each / "pool.csv", PoolRow) for each in (folder, prefix)]
    assert [{row.class_name for row in pool} for pool in pools] == [{*CLASSES}, {*PREFIXES}]
    assert len(pools[1]) == len(PREFIXES) * IMAGES


def test_every_name_arrives_in_the_tables_of_classes_and_images(world):
    report, names = world / "reports/demo", {"armenian": {*CLASSES}, "georgian": {*PREFIXES}}
    for dataset, own in names.items():
        classes, confusion, images = (
            [row for row in read_records(report / f"{name}.csv", kind) if row.dataset == dataset]
            for name, kind in RECORDS.items()
            if name in ("classes", "confusion", "images")
        )
        assert {row.class_name for row in classes} == own
        assert {row.named for row in confusion} | {row.class_name for row in confusion} == own
        assert {row.taken_for for row in [*classes, *images]} <= own | {""}
        pool = read_records(world / f"results/{dataset}/pool.csv", PoolRow)
        assert [(row.image, row.class_name) for row in images] == [
            (row.image, row.class_name) for row in pool
        ]
        thumbnails = read_json(report / f"thumbnails/{dataset}.json")
        assert {*thumbnails} <= {row.image for row in images}
        assert len(thumbnails) > 20
        for text in thumbnails.values():
            picture = Image.open(io.BytesIO(base64.b64decode(text, validate=True)))
            assert (picture.format, picture.size) == ("JPEG", (EDGE, EDGE))


def test_what_cannot_be_a_class_is_refused_by_name(world):
    rows = read_records(world / "results/armenian/manifest.csv", ManifestRow)
    refused = {row.image: row.reason for row in rows if row.status == "rejected"}
    assert {*refused} == {f"{EXCLUDED}/1.png", "caf\\xe9"}
    assert refused["caf\\xe9"] == "name is not UTF-8"
    log = (world / "results/armenian/scan.log").read_text(encoding="utf-8")
    assert "left out, hidden or no class: .hidden class\n" in log
    assert "rejected: caf\\xe9 (name is not UTF-8)\n" in log


def test_logs_hold_no_control_characters(world):
    logs = [*(world / "results").rglob("*.log")]
    assert len(logs) > 50
    for path in logs:
        assert not re.search(r"[\x00-\x08\x0b-\x0c\x0e-\x1f]", path.read_text(encoding="utf-8")), (
            path
        )


def test_captions_name_the_classes_on_their_line(world):
    # As the bytes say: no line end is changed.
    texts = [path.with_suffix(".txt").read_bytes().decode() for path in figures(world)]
    assert not re.search("[\x00-\x09\x0b-\x1f\u202e]", "".join(texts))
    for dataset, names in (("armenian", CLASSES), ("georgian", PREFIXES)):
        path = world / f"reports/demo/figures/{dataset}/small_vgg_feature_maps.txt"
        caption = path.read_text(encoding="utf-8")
        name = read_records(world / f"results/{dataset}/pool.csv", PoolRow)[0].class_name
        assert f" of class {names[name] or name}: the image" in caption
        assert caption.count("\n\n") == 1
        path = path.with_name("small_vgg_excitations.txt")
        told = path.read_text(encoding="utf-8").partition("Most of one class: ")[2]
        for name in sorted((how or name for name, how in names.items()), key=len, reverse=True):
            told = told.replace(f"'{name}'", "NAME")
        assert re.fullmatch(r"\d of 5 are NAME(?: and \d NAME)? for filter \d+\.\s*", told), told


def test_figures_are_drawn_and_hold_no_mark_up(world):
    for path in figures(world):
        with Image.open(path) as picture:
            assert len(np.unique(np.asarray(picture.convert("L")))) > 20, path
        tags = {
            each.tag.rpartition("}")[2]
            for each in ElementTree.parse(path.with_suffix(".svg")).iter()
        }
        assert not tags & {"script", "img", "a", "foreignObject", "b", "td"}, path
    svg = (world / "reports/demo/figures/armenian/small_vgg_excitations.svg").read_text("utf-8")
    assert "x" * 19 not in svg  # long names are shortened


@pytest.mark.parametrize("policy", [True, False], ids=["as it is", "without its policy"])
def test_the_report_is_inert_in_a_browser(world, tmp_path, policy):
    page = world / "reports/demo/report.html"
    if not policy:
        # Escaping alone must hold what the policy would stop.
        html = page.read_text(encoding="utf-8")
        page = tmp_path / "report.html"
        page.write_text(re.sub("<meta http-equiv[^>]*>", "", html), encoding="utf-8")
    seen, console = look(page, tmp_path, 1280, LOOK)
    assert console == []
    assert seen["owned"] is None
    assert seen["title"] == "Few-shot transfer: demo"
    assert seen["figures"] == len(shown_figures(world))
    assert min(seen["pictures"]) > 10
    assert (seen["scripts"], seen["loading"], seen["handlers"]) == (1, 0, 0)
    assert FOLDER in seen["cells"]
    assert f"{EXCLUDED}/1.png" in seen["cells"]
    with open(world / "results/armenian/pool.csv", newline="", encoding="utf-8") as file:
        first = next(csv.DictReader(file))["class"]
    shown = CLASSES[first] or first
    assert any(f" of class {shown}: the image" in caption for caption in seen["captions"])


def test_a_class_of_no_text_stops_the_run_by_name_until_it_is_excluded(fresh):
    folder = fresh / "data/letters"
    for name, images in zip("ab", draw_letters(fresh, "armenian", 2), strict=True):
        (folder / name).mkdir(parents=True)
        for number, data in enumerate(images):
            (folder / name / f"{number}.png").write_bytes(data)
    shutil.copytree(os.fsencode(folder / "a"), os.path.join(os.fsencode(folder), NO_TEXT))
    study = yaml.safe_load((fresh / "profiles/demo/study.yaml").read_text(encoding="utf-8"))
    study = updated(study, SMALLER)
    letters = {"source": "data/letters", "classes": "folders", "max_rejected_fraction": 1}
    (fresh / "study.yaml").write_text(
        yaml.safe_dump({**study, "datasets": {"armenian": letters, "georgian": letters}})
    )
    target = ("--configfile", "study.yaml", "--cores", "2", "results/armenian/pool.csv")
    done = command(fresh, *target)
    assert done.returncode != 0
    assert r"Class 'caf\\xe9' has 0 usable images" in done.stdout
    letters["exclude"] = [r"caf\xe9"]
    (fresh / "study.yaml").write_text(
        yaml.safe_dump({**study, "datasets": {"armenian": letters, "georgian": letters}})
    )
    assert command(fresh, *target).returncode == 0
