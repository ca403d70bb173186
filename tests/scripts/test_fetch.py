"""Fetching: from an address, an archive and a folder, and clear words where that fails."""

import functools
import hashlib
import http.server
import json
import tarfile
import threading

import pytest

from fetch import fetch
from fewshot.errors import InputError


@pytest.fixture
def place(tmp_path, monkeypatch):
    """A working folder with served/photos.tar, and its digest and address."""
    monkeypatch.chdir(tmp_path)
    for name in ("cat/1.jpg", "dog/1.jpg", "dog/2.jpg"):
        path = tmp_path / "photos" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(name.encode())
    (tmp_path / "served").mkdir()
    with tarfile.open("served/photos.tar", "w") as tar:
        tar.add("photos")
    return tmp_path


@pytest.fixture
def url(place):
    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *_):
            pass

    handler = functools.partial(Quiet, directory=place / "served")
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as running:
        thread = threading.Thread(target=running.serve_forever, args=(0.01,))
        thread.start()
        yield f"http://127.0.0.1:{running.server_port}/photos.tar"
        running.shutdown()
        thread.join()


def fetched(place, source, sha256=None):
    fetch(
        source=source,
        sha256=sha256,
        images_path="results/pets/images",
        source_path="results/pets/source.json",
    )
    return json.loads((place / "results/pets/source.json").read_text())


def left(place):
    folder = place / "results" / "pets"
    return sorted(path.name for path in folder.glob("[!.]*")) if folder.exists() else []


def digest(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


def test_an_address(place, url):
    found = digest(place / "served/photos.tar")
    root = "results/pets/images/photos"
    assert fetched(place, url, found) == {"root": root, "sha256": found, "files": 3}
    assert (place / root / "dog/2.jpg").read_bytes() == b"dog/2.jpg"
    assert left(place) == ["images", "source.json"]


def test_an_address_needs_the_right_digest(place, url):
    found = digest(place / "served/photos.tar")
    with pytest.raises(InputError, match=f"needs the sha256.*set .*sha256 to {found}"):
        fetched(place, url)
    with pytest.raises(InputError, match=f"must have the sha256 {'0' * 64}. Received: {found}"):
        fetched(place, url, "0" * 64)
    assert left(place) == []


def test_an_archive_put_into_data_is_taken_instead_of_a_download(place):
    source = "https://nowhere.invalid/photos.tar"
    (place / "data").mkdir()
    (place / "served/photos.tar").rename(place / "data/photos.tar")
    found = digest(place / "data/photos.tar")
    assert fetched(place, source, found)["files"] == 3
    with pytest.raises(InputError, match=r"data/photos\.tar must have the sha256"):
        fetched(place, source, "0" * 64)
    assert (place / "data/photos.tar").exists()


def test_an_address_that_does_not_answer(place, url):
    with pytest.raises(InputError, match=r"other\.tar must.*404.*data/other\.tar.*source"):
        fetched(place, url.replace("photos", "other"), "0" * 64)
    assert left(place) == []


def test_a_local_archive_is_checked_where_a_digest_is_given(place):
    source = "served/photos.tar"
    found = digest(place / source)
    assert fetched(place, source)["sha256"] == found
    assert fetched(place, source, found.upper())["sha256"] == found
    with pytest.raises(InputError, match=r"served/photos\.tar must have the sha256"):
        fetched(place, source, "0" * 64)
    assert left(place) == ["images", "source.json"]


def test_a_folder_is_used_where_it_is(place):
    assert fetched(place, "photos") == {"root": "photos", "sha256": None, "files": 3}
    assert left(place) == ["source.json"]
    with pytest.raises(InputError, match="Only an archive has a sha256"):
        fetched(place, "photos", "0" * 64)


def test_a_source_that_is_not_there(place):
    with pytest.raises(InputError, match=r"'data/tribes', which is not there.*put them there"):
        fetched(place, "data/tribes")
