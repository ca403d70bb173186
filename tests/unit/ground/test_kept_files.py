"""Files that are kept: taken where they are right, downloaded where not, one process at a time."""

import fcntl
import hashlib
import os
import threading

import pytest
from served import serving

from fewshot.errors import InputError, input_error
from fewshot.kept_files import take_file

URL = "https://nowhere.invalid/net.h5"
BODY = b"weights of a network"
SHA256 = hashlib.sha256(BODY).hexdigest()


@pytest.fixture
def server(monkeypatch):
    with serving(net__h5=BODY) as running:
        running.files["/nets/small.h5"] = BODY
        monkeypatch.setenv("FEWSHOT_MIRROR", running.url)
        yield running


def check(path):
    if path.read_bytes() != BODY:
        raise input_error("It must be weights", path, "get others")


def take(path, digest=None, **arguments):
    return take_file(path, URL, digest, check=check, by_hand="ask a friend", **arguments)


def test_a_file_comes_once(server, tmp_path):
    path = tmp_path / "models" / "net.h5"
    assert take(path) == SHA256
    assert path.read_bytes() == BODY
    assert take(path) is None
    assert take(path, SHA256) is None
    assert len(server.asked) == 1
    assert [each.name for each in path.parent.iterdir()] == ["net.h5"]


def test_a_mirror_may_have_it_under_another_path(server, tmp_path):
    take(tmp_path / "net.h5", mirrored="nets/small.h5")
    assert [each["path"] for each in server.asked] == ["/nets/small.h5"]


@pytest.mark.parametrize("digest", [None, SHA256])
def test_what_is_damaged_comes_anew(server, tmp_path, digest, capsys):
    (tmp_path / "net.h5").write_bytes(BODY[:5])
    assert take(tmp_path / "net.h5", digest) == SHA256
    assert "is damaged, so it is downloaded anew" in capsys.readouterr().out


def test_what_can_not_be_right_does_not_stay(server, tmp_path):
    server.files["/net.h5"] = b"<html>"
    with pytest.raises(InputError, match="It must be weights"):
        take(tmp_path / "net.h5")
    assert list(tmp_path.iterdir()) == []


def test_of_another_digest_nothing_is_taken_and_nothing_lost(server, tmp_path):
    (tmp_path / "net.h5").write_bytes(b"what was there")
    words = rf"net\.h5 must have the digest {'0' * 64}\. Received: {SHA256} from.*ask a friend"
    with pytest.raises(InputError, match=words):
        take(tmp_path / "net.h5", "0" * 64)
    assert (tmp_path / "net.h5").read_bytes() == b"what was there"
    assert len(list(tmp_path.iterdir())) == 1


def test_a_folder_that_can_not_be_made_is_named(tmp_path):
    (tmp_path / "models").write_text("a file")
    with pytest.raises(InputError, match="FEWSHOT_MODELS"):
        take(tmp_path / "models" / "net.h5")


def test_one_waits_for_the_other(server, tmp_path, capsys):
    descriptor = os.open(tmp_path, os.O_RDONLY)
    fcntl.flock(descriptor, fcntl.LOCK_EX)
    thread = threading.Thread(target=take, args=(tmp_path / "net.h5",))
    thread.start()
    thread.join(0.3)
    assert thread.is_alive()
    assert server.asked == []
    os.close(descriptor)
    thread.join(20)
    assert (tmp_path / "net.h5").read_bytes() == BODY
    assert "waiting: another process downloads into" in capsys.readouterr().out
