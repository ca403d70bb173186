"""Bad and odd images, each with what becomes of it: all of them named .jpg, scanned as a dataset.

What is good is held against known colours: the files are written byte by byte, or with little loss
from known pixels. `tests/peers/test_image_decoders.py` holds many against another decoder.
"""

import json
import subprocess
import sys

import numpy as np
import pytest
from odd_corpus import CORPUS, Bad, Good

from fewshot.data.images import read_image
from fewshot.data.manifest import ManifestRow
from fewshot.files import write_json
from fewshot.records import read_records

# Scans in a process of its own and tells its peak memory in MB. Two images are open at once.
SCAN = r"""
import json, re, sys
from pathlib import Path
from scan import scan
scan(**json.loads(sys.argv[1]))
# Not ru_maxrss, which begins with that of the process that started this one.
print(int(re.search(r"VmHWM:\s*(\d+)", Path("/proc/self/status").read_text())[1]) // 1024)
"""
HANG = 300  # seconds: a scan of the corpus takes some


@pytest.fixture(scope="module")
def scanned(tmp_path_factory):
    """Rows of the manifest by name, and the peak memory of the scan in MB."""
    root = tmp_path_factory.mktemp("corpus")
    (root / "photos/odd").mkdir(parents=True)
    for name, (make, _) in CORPUS.items():
        (root / f"photos/odd/{name}.jpg").write_bytes(make())
    write_json(root / "source.json", {"root": str(root / "photos")})
    arguments = {
        **{"source_path": str(root / "source.json"), "classes": "folders", "threads": 2},
        **{"manifest_path": str(root / "manifest.csv"), "max_rejected_fraction": 1},
        "copy_bits": None,
    }
    done = subprocess.run(
        [sys.executable, "-c", SCAN, json.dumps(arguments)],
        env={"PYTHONPATH": ":".join(sys.path)},
        capture_output=True,
        text=True,
        check=False,
        timeout=HANG,
    )
    assert done.returncode == 0, done.stderr
    rows = {row.image[4:-4]: row for row in read_records(root / "manifest.csv", ManifestRow)}
    return rows, int(done.stdout.splitlines()[-1])


def test_the_corpus_is_large_and_every_file_has_its_row(scanned):
    assert len(CORPUS) >= 60
    assert {*scanned[0]} == {*CORPUS}
    expected = [each for _, each in CORPUS.values()]
    assert {type(each) for each in expected} == {Bad, Good}


def test_no_file_takes_much_memory(scanned):
    """The largest allowed, 50 megapixels with transparency, takes 0.65 GB; two run at once."""
    assert scanned[1] < 1500


@pytest.mark.filterwarnings("ignore")  # as in a job: what Pillow only warns of is no error
@pytest.mark.parametrize("name", CORPUS)
def test_each_image_has_its_outcome(scanned, name):
    row, (make, expected) = scanned[0][name], CORPUS[name]
    if isinstance(expected, Bad):
        assert row.status == "rejected"
        assert expected.reason in row.reason
        return
    assert (row.status, row.reason, row.mode) == ("ok", "", expected.mode)
    assert len(row.sha256) == 64
    if expected.pixels is not None:
        found = np.asarray(read_image(make())).astype(int)
        assert found.shape == expected.pixels.shape
        difference = np.abs(found - expected.pixels)
        assert (difference.mean() if expected.lossy else difference.max()) <= expected.within
