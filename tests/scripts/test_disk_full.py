"""A small disk, filled by a download and by unpacking: clear words, and on with it when there is room."""

import hashlib
import io
import json
import os
import shutil
import subprocess
import sys
import tarfile

import pytest
from served import serving

# A file system of one's own, on which the stage runs, and runs again when it has grown.
OWN = ("unshare", "--map-root-user", "--mount")
SCRIPT = """
set -e
mount -t tmpfs -o size={size} tmpfs "$PLACE"
cd "$PLACE"
"$PYTHON" -c "$RUN" "$LOGS/first" && exit 9
find . -type f -printf '%P %s\\n' > "$LOGS/left"
mount -o remount,size=64m "$PLACE"
"$PYTHON" -c "$RUN" "$LOGS/second"
find . -type f -printf '%P %s\\n' > "$LOGS/done"
"""
RUN = """
import json, os, sys
from fewshot.job import job
from fetch import fetch
with job(sys.argv[1], 1):
    fetch(**json.loads(os.environ["ARGUMENTS"]))
"""


@pytest.fixture
def on_a_small_disk(tmp_path):
    """Return a function that fetches an archive on a disk of some size, then on a larger one."""
    if not shutil.which("unshare") or subprocess.run([*OWN, "true"], check=False).returncode:
        pytest.skip("this machine allows no mounts of one's own")
    place, logs = tmp_path / "place", tmp_path / "logs"
    place.mkdir()
    logs.mkdir()

    def run(size, body, server):
        arguments = {
            "source": "https://nowhere.invalid/photos.tar",
            "sha256": hashlib.sha256(body).hexdigest(),
            "images_path": "results/pets/images",
            "source_path": "results/pets/source.json",
        }
        variables = {
            "PLACE": str(place),
            "LOGS": str(logs),
            "PYTHON": sys.executable,
            "RUN": RUN,
            "ARGUMENTS": json.dumps(arguments),
            "FEWSHOT_MIRROR": server.url,
            "PYTHONPATH": os.pathsep.join(sys.path),
        }
        script = SCRIPT.format(size=size)
        subprocess.run([*OWN, "sh", "-c", script], env={**os.environ, **variables}, check=True)
        left, done = (dict(_sizes(logs / name)) for name in ("left", "done"))
        return (logs / "first").read_text(), left, done

    return run


def _sizes(path):
    for line in path.read_text().splitlines():
        name, size = line.rsplit(" ", 1)
        yield name, int(size)


def packed(content):
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        member = tarfile.TarInfo("cat/1.jpg")
        member.size = len(content)
        archive.addfile(member, io.BytesIO(content))
    return buffer.getvalue()


PARTIAL = "results/pets/.photos.tar.part"
DONE = {
    "results/pets/images/cat/1.jpg",
    "results/pets/source.json",
    "results/pets/.source.json.sha256",
}


@pytest.mark.parametrize("lengths", [True, False], ids=["size known", "size unknown"])
def test_a_download_that_does_not_fit(on_a_small_disk, lengths):
    content = os.urandom(5_000_000)
    with serving(photos__tar=packed(content)) as server:
        server.lengths = lengths
        told, left, done = on_a_small_disk("2m", server.files["/photos.tar"], server)
        asked = [request.get("Range") for request in server.asked]
    assert "Error: A download must fit on the disk" in told
    assert "Traceback" not in told
    assert {*left} <= {PARTIAL, f"{PARTIAL}.json"}
    assert asked == [None, f"bytes={left[PARTIAL]}-" if left.get(PARTIAL) else None]
    assert lengths or left[PARTIAL] > 1_500_000
    assert {*done} == DONE
    assert done["results/pets/images/cat/1.jpg"] == len(content)


def test_an_archive_that_does_not_fit_is_not_downloaded_again(on_a_small_disk):
    content = os.urandom(5_000_000)
    with serving(photos__tar=packed(content)) as server:
        told, left, done = on_a_small_disk("8m", server.files["/photos.tar"], server)
        asked = len(server.asked)
    assert "Error: A disk must have room for what the workflow writes" in told
    assert "Traceback" not in told
    assert {*left} == {PARTIAL, f"{PARTIAL}.json"}
    assert asked == 1
    assert {*done} == DONE
