"""Every kind of source, good images and bad ones, up to the pool."""

import csv
import hashlib
import shutil
import tarfile
from itertools import product

import pytest
from PIL import Image
from projects import CLASSES, draw_classes, draw_image, fail, half_written, run, study, write_study
from served import serving

PLAIN = {name: name for name in CLASSES}
# As prefixes, classes have no underscore.
PREFIXED = {name: name.replace("_", "-") for name in CLASSES}
# Colour modes in which the decoder finds the odd images.
ODD = {"cmyk.jpg": "CMYK", "gray.png": "L", "deep.png": "I;16", "turned.jpg": "RGB"}


def rows(path):
    with open(path, newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def datasets(**sources):
    """Make a study of datasets given as (source, classes) alone."""
    named = {name: {"source": s, "classes": classes} for name, (s, classes) in sources.items()}
    return study(datasets=named)


def test_folders_and_archives_with_folders_or_prefixes(fresh):
    draw_classes(fresh / "data/images", 5)
    draw_classes(fresh / "data/flat", 5, between="_")
    shutil.make_archive(fresh / "data/zipped", "zip", fresh / "data/images")
    with tarfile.open(fresh / "data/packed.tar.gz", "w:gz") as archive:
        archive.add(fresh / "data/flat", "flat")
    content = datasets(
        flat=("data/flat", "prefix"),
        zipped=("data/zipped.zip", "folders"),
        packed=("data/packed.tar.gz", "prefix"),
        drawn=("results/characters/armenian.zip", "prefix"),
    )
    write_study(fresh, content)
    run(fresh, *(f"results/{name}/pool.csv" for name in content["datasets"]))
    pools = {name: rows(fresh / f"results/{name}/pool.csv") for name in content["datasets"]}
    for name, classes in {
        "zipped": PLAIN,
        "flat": PREFIXED,
        "packed": PREFIXED,
    }.items():
        assert sorted(row["class"] for row in pools[name]) == sorted([*classes.values()] * 5)
    assert len({row["class"] for row in pools["drawn"]}) == 38
    assert not list(fresh.rglob("X"))


def write_table(path, kind_of):
    """Write a table with a kind for each image of `draw_classes`."""
    with open(path, "w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["file", "kind"])
        writer.writerows(
            [f"{name}/{n}.png", kind_of(label)] for label, name in enumerate(CLASSES) for n in "01"
        )


def test_an_official_split_with_groups_and_a_table_that_is_watched(fresh):
    draw_classes(fresh / "data/split/train", 2)
    for name in CLASSES:
        draw_image(fresh / f"data/split/valid/{name}/2.png", 7000 + len(name))
    shutil.make_archive(fresh / "data/archive", "zip", fresh / "data", "split")
    write_table(fresh / "labels.csv", lambda label: label % 2)
    content = datasets(
        split=("data/archive.zip", "folders"),
        table=("data/split/train", {"table": "labels.csv", "image": "file", "class": "kind"}),
    )
    content["datasets"]["split"] |= {"parts": "folders", "group": r"/(?P<group>0)\.png$"}
    write_study(fresh, content)
    wanted = [f"results/{name}/manifest.csv" for name in content["datasets"]]
    run(fresh, *wanted)
    found = rows(fresh / wanted[0])
    expected = {*product(["train", "val"], CLASSES)}
    assert {(row["part"], row["class"]) for row in found} == expected
    assert len({row["group"] for row in found if row["image"].endswith("/0.png")}) == 1
    assert {row["status"] for row in found} == {"ok"}
    assert {row["class"] for row in rows(fresh / wanted[1])} == {"0", "1"}
    write_table(fresh / "labels.csv", lambda label: label % 2 + 1)
    run(fresh, *wanted)
    assert {row["class"] for row in rows(fresh / wanted[1])} == {"1", "2"}


@pytest.fixture
def bad(fresh):
    """Draw two classes with every kind of image that gives trouble."""
    folder = fresh / "data/mixed"
    odd = folder / "odd"
    for number in range(5):
        draw_image(folder / f"good/{number}.png", number)
    for number, name in enumerate(["plain.png", *ODD, "truncated.jpg"]):
        draw_image(odd / name, 10 + number)
    (odd / "truncated.jpg").write_bytes((odd / "truncated.jpg").read_bytes()[:-400])
    (odd / "empty.jpg").write_bytes(b"")
    (odd / "page.jpg").write_text("<html>not found</html>")
    for name, mode in ODD.items():
        if mode != "RGB":
            Image.open(odd / name).convert(mode).save(odd / name)
    exif = Image.Exif()
    exif[0x0112] = 6  # orientation: a quarter turn
    Image.open(odd / "turned.jpg").save(odd / "turned.jpg", exif=exif)
    return fresh


def test_bad_images_are_listed_with_their_reason_and_odd_ones_are_used(bad):
    content = datasets(mixed=("data/mixed", "folders"))
    content["datasets"]["mixed"]["max_rejected_fraction"] = 0.3
    write_study(bad, content)
    run(bad, "results/mixed/draws.csv")
    manifest = {row["image"]: row for row in rows(bad / "results/mixed/manifest.csv")}
    assert len(manifest) == 5 + 5 + 3
    rejected = {image: row["reason"] for image, row in manifest.items() if row["status"] != "ok"}
    assert {*rejected} == {"odd/truncated.jpg", "odd/empty.jpg", "odd/page.jpg"}
    assert "truncated" in rejected["odd/truncated.jpg"].lower()
    assert rejected["odd/empty.jpg"] == "empty file"
    assert "not an image" in rejected["odd/page.jpg"]
    assert {name: manifest[f"odd/{name}"]["mode"] for name in ODD} == ODD
    pool = {row["image"] for row in rows(bad / "results/mixed/pool.csv")}
    assert pool == {*manifest} - {*rejected}


def test_names_in_an_archive_and_the_limit_of_pixels_are_as_the_study_says(fresh):
    draw_classes(fresh / "data/images", 5)
    Image.new("L", (2000, 1000)).save(fresh / "data/large.png")
    packed = {"encoding": "gb18030", "format": tarfile.GNU_FORMAT}
    with tarfile.open(fresh / "data/packed.tar", "w", **packed) as archive:
        archive.add(fresh / "data/images", "画像")
        archive.add(fresh / "data/large.png", "画像/ソ連/large.png")
    content = datasets(packed=("data/packed.tar", "folders"))
    content["datasets"]["packed"] |= {
        **{"name_encoding": "gb18030", "max_megapixels": 1.5, "max_rejected_fraction": 0.1},
    }
    write_study(fresh, content)
    run(fresh, "results/packed/manifest.csv")
    found = {row["image"]: row for row in rows(fresh / "results/packed/manifest.csv")}
    assert "limit of 1500000: see datasets.<name>.max_meg" in found["ソ連/large.png"]["reason"]
    assert {row["class"] for row in found.values()} == {*CLASSES, "ソ連"}


def test_more_bad_images_than_the_study_allows_fail_by_name(bad):
    write_study(bad, datasets(mixed=("data/mixed", "folders")))
    printed = fail(bad, "results/mixed/draws.csv")
    error = next(line for line in printed.splitlines() if line.lstrip().startswith("Error:"))
    assert "a fraction of 0.01" in error
    assert "3 of 13 rejected" in error
    for name in ("odd/truncated.jpg", "odd/empty.jpg", "odd/page.jpg"):
        assert name in error
    assert not (bad / "results/mixed/manifest.csv").exists()
    assert half_written(bad) == []


def test_an_address_without_digest_ends_in_an_error_that_has_it_and_one_download(
    fresh, monkeypatch
):
    draw_classes(fresh / "data/images", 5)
    archive = shutil.make_archive(fresh / "data/packed", "zip", fresh / "data/images")
    with open(archive, "rb") as file:
        body = file.read()
    content = datasets(far=("https://nowhere.invalid/1/far.zip", "folders"))
    write_study(fresh, content)
    with serving(far__zip=body) as server:
        monkeypatch.setenv("FEWSHOT_MIRROR", server.url)
        printed = fail(fresh, "results/far/pool.csv")
        digest = hashlib.sha256(body).hexdigest()
        assert f"set datasets.<name>.sha256 to {digest}; the archive is kept" in printed
        assert "Traceback" not in printed
        content["datasets"]["far"]["sha256"] = digest
        write_study(fresh, content)
        run(fresh, "results/far/pool.csv")
        assert len(server.asked) == 1
    assert len(rows(fresh / "results/far/pool.csv")) == 5 * len(CLASSES)
    assert not list(fresh.rglob("*.part*"))


def test_looking_first_tells_what_was_found_and_what_the_study_takes(fresh):
    draw_classes(fresh / "data/shapes", 6)
    write_study(fresh, study())
    printed = run(fresh, "--until", "scan")
    assert not (fresh / "results/backbones").exists()
    found = printed[printed.index("shapes: 4 classes, of each 6 images that can be used") :]
    assert "shapes, small: 1 forward pass of 20 images" in found
    assert found.rstrip().endswith("of up to 2 repeats")
    assert "Open reports" not in printed
    # Also where there was nothing to be done.
    assert found.splitlines()[0] in run(fresh, "--until", "scan")
