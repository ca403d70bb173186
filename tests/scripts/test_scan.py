"""A folder as people have them: what can be used is, the rest is named with a reason."""

import numpy as np
import pytest
from PIL import Image

from fewshot.data.manifest import ManifestRow
from fewshot.errors import InputError
from fewshot.files import write_json
from fewshot.records import read_records
from scan import scan


@pytest.fixture
def root(tmp_path):
    rng = np.random.default_rng(0)
    for name in ("cat/1.jpg", "cat/2.jpg", "dog/1.jpg", "dog/2.jpg"):
        path = tmp_path / "photos" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        pixels = rng.integers(0, 256, (10, 10, 3), dtype=np.uint8)
        Image.fromarray(pixels).resize((120, 90), Image.Resampling.BICUBIC).save(path)
    return tmp_path / "photos"


def scanned(root, max_rejected_fraction=0.5):
    source, manifest = root.parent / "source.json", root.parent / "manifest.csv"
    write_json(source, {"root": str(root), "sha256": None, "files": 0})
    scan(
        source_path=source,
        classes="folders",
        manifest_path=manifest,
        max_rejected_fraction=max_rejected_fraction,
        copy_bits=1,
        threads=2,
    )
    return {row.image: (row.status, row.reason) for row in read_records(manifest, ManifestRow)}


def test_good_bad_and_copied_images(root, capsys):
    photo = (root / "cat/1.jpg").read_bytes()
    (root / "cat/truncated.jpg").write_bytes(photo[: len(photo) // 2])
    (root / "cat/empty.jpg").write_bytes(b"")
    (root / "dog/page.jpg").write_text("<html>not found</html>")
    (root / "dog/again.jpg").write_bytes(photo)
    Image.open(root / "dog/1.jpg").save(root / "dog/smaller.jpg", quality=75)
    rows = scanned(root)
    assert list(rows) == sorted(rows)
    assert {image for image, (status, _) in rows.items() if status == "rejected"} == {
        "cat/truncated.jpg",
        "cat/empty.jpg",
        "dog/page.jpg",
    }
    assert "truncated" in rows["cat/truncated.jpg"][1]
    assert rows["cat/empty.jpg"][1] == "empty file"
    assert rows["dog/again.jpg"] == ("disputed", "same picture as cat/1.jpg of class cat")
    assert rows["cat/1.jpg"] == ("disputed", "same picture as dog/again.jpg of class dog")
    pair = [rows["dog/1.jpg"], rows["dog/smaller.jpg"]]
    assert ("ok", "") in pair
    assert {status for status, _ in pair} == {"ok", "copy"}
    printed = capsys.readouterr().out
    assert "rejected: cat/empty.jpg (empty file)" in printed
    assert "9 files: 3 rejected, 1 copies, 2 disputed" in printed


def test_too_many_bad_images_leave_no_manifest_and_are_named(root, capsys):
    for number in range(12):
        (root / f"cat/bad{number:02}.jpg").write_bytes(b"")
    assert scanned(root, 12 / 16)["cat/bad00.jpg"][0] == "rejected"
    (root.parent / "manifest.csv").unlink()
    with pytest.raises(
        InputError, match=r"12 of 16 rejected: cat/bad00.jpg .*bad09.*, ..."
    ) as error:
        scanned(root, 0.7)
    assert "bad10" not in str(error.value)
    assert "rejected: cat/bad11.jpg (empty file)" in capsys.readouterr().out
    assert not (root.parent / "manifest.csv").exists()


def test_a_dataset_without_an_image(tmp_path):
    (tmp_path / "photos").mkdir()
    with pytest.raises(InputError, match="none among 0 files below"):
        scanned(tmp_path / "photos", 1)
    (tmp_path / "photos" / "loose.jpg").write_bytes(b"")
    with pytest.raises(InputError, match=r"none among 1 files.*loose\.jpg \(no class folder\)"):
        scanned(tmp_path / "photos", 1)
