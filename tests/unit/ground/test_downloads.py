"""Downloads: resumed, tried again, never mixed from two files, and by https or the mirror alone."""

import hashlib
import json

import numpy as np
import pytest
from served import serving

from fewshot import downloads
from fewshot.downloads import download, partial_file, remove_partial_file
from fewshot.errors import InputError

URL = "https://nowhere.invalid/data/photos.tar?download=1"
BODY = np.random.default_rng(0).bytes(3_000_000)
OTHER = np.random.default_rng(1).bytes(3_000_000)
SHA256 = hashlib.sha256(BODY).hexdigest()


@pytest.fixture
def server(monkeypatch):
    with serving(photos__tar=BODY) as running:
        monkeypatch.setenv("FEWSHOT_MIRROR", running.url)
        yield running


def ranges(server):
    return [request.get("Range") for request in server.asked]


def broken_off(server, path, count, **arguments):
    """Have a download end after so many bytes, as if its process had been killed."""
    server.faults += [("cut", count), 404]
    with pytest.raises(InputError, match="404"):
        download(URL, path, pauses=(0,), **arguments)
    assert partial_file(path).read_bytes() == BODY[:count]
    server.asked.clear()


def check(path, digest=SHA256, body=BODY):
    assert digest == hashlib.sha256(body).hexdigest()
    assert partial_file(path).read_bytes() == body
    assert not path.exists()


def test_a_file_comes_with_its_digest(server, tmp_path):
    path = tmp_path / "pets" / "photos.tar"
    check(path, download(URL, path))
    assert [request["path"] for request in server.asked] == ["/photos.tar"]
    assert partial_file(path).name == ".photos.tar.part"
    remove_partial_file(path)
    assert list(path.parent.iterdir()) == []


def test_a_digest_of_md5_is_told_by_its_length(server, tmp_path):
    md5 = hashlib.md5(BODY).hexdigest()
    assert download(URL, tmp_path / "a", md5) == md5


def test_a_cut_is_gone_on_from_where_it_was(server, tmp_path, capfd):
    server.faults += [("cut", 1_000_000), 503, ("cut", 500_000)]
    check(tmp_path / "a", download(URL, tmp_path / "a", pauses=(0, 0, 0)))
    assert ranges(server) == [None, "bytes=1000000-", "bytes=1000000-", "bytes=1500000-"]
    etags = {request.get("If-Range") for request in server.asked[1:]}
    assert etags == {f'"{hashlib.md5(BODY).hexdigest()}"'}
    assert "going on from 1500000 of 3000000 bytes" in capfd.readouterr().out


@pytest.mark.parametrize("validators", [True, False])
def test_what_another_process_left_is_gone_on_from_where_there_is_a_digest(
    server, tmp_path, validators
):
    server.validators = validators
    broken_off(server, tmp_path / "a", 2_000_000, digest=SHA256)
    check(tmp_path / "a", download(URL, tmp_path / "a", SHA256.upper()))
    assert ranges(server) == ["bytes=2000000-"]


def test_without_a_digest_what_another_process_left_is_not_trusted(server, tmp_path):
    broken_off(server, tmp_path / "a", 2_000_000)
    check(tmp_path / "a", download(URL, tmp_path / "a"))
    assert ranges(server) == [None]


def test_a_server_that_knows_no_ranges_gives_the_file_anew(server, tmp_path):
    server.ranges = False
    server.faults.append(("cut", 1_000_000))
    check(tmp_path / "a", download(URL, tmp_path / "a", pauses=(0,)))
    assert ranges(server) == [None, "bytes=1000000-"]


def test_without_validator_and_digest_every_try_begins_anew(server, tmp_path):
    server.validators = False
    server.faults.append(("cut", 1_000_000))
    check(tmp_path / "a", download(URL, tmp_path / "a", pauses=(0,)))
    assert ranges(server) == [None, None]


def test_without_a_length_the_end_is_the_end(server, tmp_path):
    server.lengths = False
    check(tmp_path / "a", download(URL, tmp_path / "a"))


@pytest.mark.parametrize("validators", [True, False])
@pytest.mark.parametrize("size", [3_000_000, 2_500_000, 500_000])
def test_a_file_that_changed_is_never_mixed_with_the_old_one(server, tmp_path, validators, size):
    server.validators = validators
    broken_off(server, tmp_path / "a", 2_000_000, digest=SHA256)
    server.files["/photos.tar"] = OTHER[:size]
    found = download(URL, tmp_path / "a", SHA256, pauses=(0,))
    check(tmp_path / "a", found, OTHER[:size])


def test_a_damaged_beginning_is_found_out_and_comes_anew(server, tmp_path, capfd):
    broken_off(server, tmp_path / "a", 2_000_000, digest=SHA256)
    partial_file(tmp_path / "a").write_bytes(bytes(2_000_000))
    check(tmp_path / "a", download(URL, tmp_path / "a", SHA256))
    assert ranges(server) == ["bytes=2000000-", None]
    assert ".a.part is not what it should be: downloaded anew" in capfd.readouterr().out


@pytest.mark.parametrize("text", ["bytes 0-2999999/3000000", "bytes 1000000-5/4000000", "x"])
def test_a_part_that_was_not_asked_for_is_not_taken(server, tmp_path, text):
    server.faults += [("cut", 1_000_000), ("range", text)]
    check(tmp_path / "a", download(URL, tmp_path / "a", pauses=(0, 0)))
    assert ranges(server) == [None, "bytes=1000000-", None]


@pytest.mark.parametrize("digest", [None, SHA256])
def test_a_whole_file_is_not_downloaded_again(server, tmp_path, digest, capfd):
    download(URL, tmp_path / "a")
    server.asked.clear()
    check(tmp_path / "a", download(URL, tmp_path / "a", digest))
    assert server.asked == []
    assert ".a.part taken, which was downloaded before" in capfd.readouterr().out


def test_a_whole_file_of_another_digest_or_address_is_downloaded_anew(server, tmp_path):
    download(URL, tmp_path / "a")
    server.asked.clear()
    assert download(URL, tmp_path / "a", "0" * 64) == SHA256
    assert download(URL.replace("data", "other"), tmp_path / "a", SHA256) == SHA256
    assert ranges(server) == [None, None]


@pytest.mark.parametrize("text", ["", "[]", "{}", "<html>", '{"url": 1}', "\0"])
def test_a_damaged_note_means_a_new_beginning(server, tmp_path, text):
    broken_off(server, tmp_path / "a", 2_000_000, digest=SHA256)
    (tmp_path / ".a.part.json").write_text(text)
    check(tmp_path / "a", download(URL, tmp_path / "a", SHA256))
    assert ranges(server) == [None]


def test_pauses_begin_anew_after_progress(server, tmp_path):
    server.faults += [("cut", 1_500_000), 503, ("cut", 1_200_000), 503]
    check(tmp_path / "a", download(URL, tmp_path / "a", pauses=(0, 0)))
    assert len(server.asked) == 5


def test_giving_up_says_what_and_the_ways_out(server, tmp_path):
    server.faults += [503, 503, 503]
    words = r"photos\.tar must.*503.*put it on the mirror, or unset FEWSHOT_MIRROR; or ask a friend"
    with pytest.raises(InputError, match=words):
        download(URL, tmp_path / "a", by_hand="ask a friend", pauses=(0, 0))
    assert len(server.asked) == 3
    with pytest.raises(InputError, match="404"):
        download(URL.replace("photos", "other"), tmp_path / "a", pauses=(3600,))


def test_a_busy_server_is_asked_again(server, tmp_path):
    server.faults.append(429)
    check(tmp_path / "a", download(URL, tmp_path / "a", pauses=(0,)))


@pytest.mark.parametrize("url", ["http://a.org/x.tar", "file:///etc/passwd", "ftp://a.org/x.tar"])
def test_other_addresses_than_https_are_refused(server, tmp_path, url):
    with pytest.raises(InputError, match="must come by https"):
        download(url, tmp_path / "a")
    assert server.asked == []


@pytest.mark.parametrize("address", ["file:///srv", "ftp://mirror/x", "mirror"])
def test_a_mirror_speaks_http(monkeypatch, tmp_path, address):
    monkeypatch.setenv("FEWSHOT_MIRROR", address)
    with pytest.raises(InputError, match="FEWSHOT_MIRROR must be an http or https address"):
        download(URL, tmp_path / "a")


def test_the_mirror_may_redirect_within_http_alone(server, tmp_path):
    server.files["/elsewhere"] = OTHER
    server.faults.append(("redirect", f"{server.url}/elsewhere"))
    check(tmp_path / "a", download(URL, tmp_path / "a"), OTHER)
    (tmp_path / "secret").write_bytes(b"secret")
    for target in (f"file://{tmp_path}/secret", "ftp://127.0.0.1/secret", "data:,secret"):
        server.faults.append(("redirect", target))
        with pytest.raises(InputError, match="secret"):
            download(URL, tmp_path / "b")
        assert not partial_file(tmp_path / "b").exists()


def test_without_a_mirror_no_redirect_leads_to_http(monkeypatch, server, tmp_path):
    """The address is https for the code, and http on the way: this machine has no certificate."""
    monkeypatch.delenv("FEWSHOT_MIRROR")
    monkeypatch.setattr(downloads, "address_of", lambda url, _: f"{server.url}/photos.tar")
    server.faults.append(("redirect", f"{server.url}/photos.tar"))
    with pytest.raises(InputError, match=r"must come by https.*redirects to http://127"):
        download(URL, tmp_path / "a")
    assert len(server.asked) == 1


def test_downloads_have_a_limit(monkeypatch, server, tmp_path):
    monkeypatch.setattr(downloads, "MAX_BYTES", 2_999_999)
    with pytest.raises(InputError, match="must not exceed 2999999 bytes"):
        download(URL, tmp_path / "a")
    server.lengths = False
    with pytest.raises(InputError, match="must not exceed 2999999 bytes"):
        download(URL, tmp_path / "a")
    with pytest.raises(InputError, match=r"photos\.tar must not exceed 1000000 bytes"):
        download(URL, tmp_path / "b", most=1_000_000)
    assert partial_file(tmp_path / "b").stat().st_size <= 1_000_000


def test_the_note_says_what_is_known(server, tmp_path):
    download(URL, tmp_path / "a")
    note = json.loads((tmp_path / ".a.part.json").read_text())
    etag = f'"{hashlib.md5(BODY).hexdigest()}"'
    assert note == {"url": URL, "validator": etag, "length": len(BODY), "whole": True}
