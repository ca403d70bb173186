"""Fetching: from an address, an archive and a folder, and clear words where that fails."""

import hashlib
import json
import tarfile

import pytest
from served import serving

from fetch import fetch
from fewshot.data.listing import list_images
from fewshot.errors import InputError

URL = "https://nowhere.invalid/data/photos.tar"


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
def server(place, monkeypatch):
    body = (place / "served/photos.tar").read_bytes()
    with serving(photos__tar=body, page__tar=b"<html>sign in</html>" * 100) as running:
        monkeypatch.setenv("FEWSHOT_MIRROR", running.url)
        yield running


def fetched(place, source, sha256=None, **others):
    fetch(
        source=source,
        sha256=sha256,
        **others,
        images_path="results/pets/images",
        source_path="results/pets/source.json",
    )
    return json.loads((place / "results/pets/source.json").read_text())


def left(place):
    folder = place / "results" / "pets"
    names = {path.name for path in folder.iterdir()} if folder.exists() else set()
    return sorted(names - {".source.json.sha256"})


def digest(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


def test_an_address(place, server):
    found = digest(place / "served/photos.tar")
    root = "results/pets/images/photos"
    expected = {"root": root, "top": root, "sha256": found, "files": 3, "listing": None}
    assert fetched(place, URL, found) == expected
    assert (place / root / "dog/2.jpg").read_bytes() == b"dog/2.jpg"
    assert left(place) == ["images", "source.json"]


def test_an_address_needs_a_digest_which_is_told_and_then_nothing_is_downloaded_again(
    place, server
):
    found = digest(place / "served/photos.tar")
    for _ in range(2):
        with pytest.raises(InputError, match=f"needs the sha256.*set .*sha256 to {found}"):
            fetched(place, URL)
        assert left(place) == [".photos.tar.part", ".photos.tar.part.json"]
    assert fetched(place, URL, found)["files"] == 3
    assert len(server.asked) == 1
    assert left(place) == ["images", "source.json"]


def test_a_wrong_digest_is_refused_and_the_next_try_with_it_asks_again(place, server):
    found = digest(place / "served/photos.tar")
    for _ in range(2):
        with pytest.raises(InputError, match=f"must have the sha256 {'0' * 64}. Received: {found}"):
            fetched(place, URL, "0" * 64)
    assert len(server.asked) == 2
    assert fetched(place, URL, found)["files"] == 3
    assert len(server.asked) == 2


def test_images_of_an_earlier_run_stay_where_a_new_archive_is_refused(place, server):
    found = digest(place / "served/photos.tar")
    before = fetched(place, URL, found)
    server.files["/photos.tar"] += b"x"
    with pytest.raises(InputError, match="must have the sha256"):
        fetched(place, URL, found)
    with pytest.raises(InputError, match=r"whole tar or zip.*more follows"):
        fetched(place, URL, hashlib.sha256(server.files["/photos.tar"]).hexdigest())
    assert json.loads((place / "results/pets/source.json").read_text()) == before
    assert (place / before["root"] / "dog/2.jpg").read_bytes() == b"dog/2.jpg"


def test_a_page_instead_of_an_archive_is_called_so_and_its_digest_is_not_offered(place, server):
    with pytest.raises(InputError, match=r"must give a tar or zip.*a page of a web site") as caught:
        fetched(place, URL.replace("photos", "page"))
    assert hashlib.sha256(server.files["/page.tar"]).hexdigest() not in str(caught.value)
    assert left(place) == []


def test_a_page_put_into_data_is_called_so_and_its_digest_is_not_offered(place):
    (place / "data").mkdir()
    (place / "data/photos.tar").write_bytes(b"<html>sign in</html>")
    with pytest.raises(InputError, match=r"a page of a web site.*open the address in a browser"):
        fetched(place, URL)
    assert left(place) == []


def test_names_in_an_archive_are_read_as_the_study_says(place):
    with tarfile.open("names.tar", "w", encoding="cp1252", format=tarfile.GNU_FORMAT) as tar:
        for name in ("Bär/1.jpg", "cat/1.jpg"):
            tar.add("photos/cat/1.jpg", name)
    fetched(place, "names.tar", name_encoding="cp1252")
    assert (place / "results/pets/images/Bär/1.jpg").is_file()


@pytest.mark.parametrize("url", ["http://a.org/x.tar", "file:///etc/passwd", "ftp://a.org/x.tar"])
def test_addresses_that_are_not_https(place, url):
    with pytest.raises(InputError, match="must come by https"):
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


def test_an_address_that_does_not_answer(place, server):
    with pytest.raises(InputError, match=r"other\.tar must.*404.*data/other\.tar.*source"):
        fetched(place, URL.replace("photos", "other"), "0" * 64)
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
    expected = {"root": "photos", "top": "photos", "sha256": None, "files": 3, "listing": None}
    assert fetched(place, "photos") == expected
    assert left(place) == ["source.json"]
    with pytest.raises(InputError, match="Only an archive has a sha256"):
        fetched(place, "photos", "0" * 64)


def test_one_folder_around_all_is_entered_in_folders_as_in_archives(place):
    (place / "outer").mkdir()
    (place / "photos").rename(place / "outer/photos")
    assert fetched(place, "outer")["root"] == "outer/photos"


def test_a_named_folder_is_where_images_begin(place):
    assert fetched(place, "photos", folder="dog") == {
        **{"root": "photos/dog", "top": "photos", "sha256": None, "files": 2, "listing": None}
    }
    for folder in ("dog", "photos/dog"):
        root = fetched(place, "served/photos.tar", folder=folder)["root"]
        assert root == "results/pets/images/photos/dog"
    with pytest.raises(InputError, match=r"Received: folder 'dogs'\. Hint: did you mean dog\?"):
        fetched(place, "photos", folder="dogs")


def test_files_are_counted_as_the_scan_lists_them(place):
    (place / "elsewhere").mkdir()
    (place / "elsewhere/1.jpg").touch()
    (place / "photos/ibis").symlink_to(place / "elsewhere")
    (place / "photos/.DS_Store").touch()
    assert fetched(place, "photos")["files"] == 4
    assert len(list_images("photos", "folders").rows) == 4


def test_a_source_that_is_not_there(place):
    with pytest.raises(InputError, match=r"'data/tribes', which is not there.*put them there"):
        fetched(place, "data/tribes")
