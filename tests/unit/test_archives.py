"""Archives: what is whole is unpacked, what is hostile or damaged leaves nothing behind."""

import hashlib
import http.server
import io
import tarfile
import threading
import zipfile

import pytest

from fewshot import archives
from fewshot.archives import download, find_root, unpack
from fewshot.errors import InputError
from fewshot.files import file_sha256

FILES = {"photos/cat/1.jpg": b"first", "photos/dog/a b.jpg": b"second" * 100}


def make_tar(path, files=FILES, mode="w"):
    with tarfile.open(path, mode) as tar:
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))
    return path


def make_zip(path, files=FILES):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return path


def contents(folder):
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def refused(archive, folder, match):
    """Check that an archive is refused and that an older folder stays as it is."""
    folder.mkdir()
    (folder / "old.jpg").write_bytes(b"old")
    beside = set(folder.parent.iterdir())
    with pytest.raises(InputError, match=match):
        unpack(archive, folder)
    assert set(folder.parent.iterdir()) == beside
    assert contents(folder) == {"old.jpg": b"old"}


@pytest.mark.parametrize("mode", ["w", "w:gz", "w:bz2", "w:xz"])
def test_tar_of_every_compression(tmp_path, mode):
    unpack(make_tar(tmp_path / "photos", mode=mode), tmp_path / "deep" / "images")
    assert contents(tmp_path / "deep" / "images") == FILES


def test_zip(tmp_path):
    unpack(make_zip(tmp_path / "photos"), tmp_path / "images")
    assert contents(tmp_path / "images") == FILES


def test_tar_of_a_folder_with_dot_names_and_blocks_that_are_full(tmp_path):
    (tmp_path / "here" / "cat").mkdir(parents=True)
    (tmp_path / "here" / "cat" / "1.jpg").write_bytes(bytes(range(256)) * 4)
    (tmp_path / "here" / "cat" / "empty.jpg").write_bytes(b"")
    with tarfile.open(tmp_path / "a.tar.gz", "w:gz") as tar:
        tar.add(tmp_path / "here", arcname=".")
    unpack(tmp_path / "a.tar.gz", tmp_path / "images")
    expected = {"cat/1.jpg": bytes(range(256)) * 4, "cat/empty.jpg": b""}
    assert contents(tmp_path / "images") == expected


def test_an_older_folder_is_replaced(tmp_path):
    (tmp_path / "images").mkdir()
    (tmp_path / "images" / "old.jpg").write_bytes(b"old")
    unpack(make_tar(tmp_path / "a.tar"), tmp_path / "images")
    assert contents(tmp_path / "images") == FILES


@pytest.mark.parametrize("make", [make_tar, make_zip])
@pytest.mark.parametrize("name", ["/tmp/evil.jpg", "../evil.jpg", "cat/../../evil.jpg"])
def test_paths_that_lead_out(tmp_path, make, name):
    archive = make(tmp_path / "archive", {"cat/1.jpg": b"x", name: b"evil"})
    refused(archive, tmp_path / "images", "below the archive's own folder.*evil.jpg")


@pytest.mark.parametrize(
    "kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.FIFOTYPE, tarfile.CHRTYPE]
)
def test_links_and_devices_in_a_tar_are_refused_by_name(tmp_path, kind):
    with tarfile.open(tmp_path / "a.tar", "w") as tar:
        member = tarfile.TarInfo("cat/strange")
        member.type, member.linkname = kind, "/etc/passwd"
        tar.addfile(member)
    refused(tmp_path / "a.tar", tmp_path / "images", "only files and folders.*cat/strange")


def test_links_and_encrypted_files_in_a_zip(tmp_path):
    link = zipfile.ZipInfo("cat/link")
    link.external_attr = 0o120777 << 16
    make_zip(tmp_path / "a.zip", {link: "/etc/passwd"})
    refused(tmp_path / "a.zip", tmp_path / "images", "only files and folders.*cat/link")
    data = bytearray(make_zip(tmp_path / "b.zip", {"cat/1.jpg": b"x"}).read_bytes())
    data[data.index(b"PK\x01\x02") + 8] |= 1
    (tmp_path / "b.zip").write_bytes(data)
    refused(tmp_path / "b.zip", tmp_path / "other", "must not be encrypted.*cat/1.jpg")


@pytest.mark.parametrize("make", [make_zip, lambda path, files: make_tar(path, files, "w:gz")])
def test_bombs_are_stopped_by_the_ratio(tmp_path, make):
    bomb = make(tmp_path / "bomb", {"cat/1.jpg": bytes(20_000_000)})
    assert bomb.stat().st_size < 100_000
    refused(bomb, tmp_path / "images", "200 times its size.*cat/1.jpg")


@pytest.mark.parametrize("make", [make_tar, make_zip])
def test_limits_on_number_and_size(tmp_path, make, monkeypatch):
    archive = make(tmp_path / "archive")
    monkeypatch.setattr(archives, "MAX_FILES", 1)
    refused(archive, tmp_path / "one", "more than 1 files.*a b.jpg")
    monkeypatch.undo()
    monkeypatch.setattr(archives, "MAX_FILE_BYTES", 599)
    refused(archive, tmp_path / "two", "more than 599 bytes.*a b.jpg")
    monkeypatch.undo()
    monkeypatch.setattr(archives, "MAX_TOTAL_BYTES", 604)
    refused(archive, tmp_path / "three", "more than 604 bytes.*a b.jpg")


def test_a_tar_header_that_asks_for_a_gigabyte_is_not_read(tmp_path):
    header = tarfile.TarInfo("pax")
    header.type, header.size = tarfile.XHDTYPE, 2**30
    (tmp_path / "a.tar").write_bytes(header.tobuf() + bytes(10240))
    refused(tmp_path / "a.tar", tmp_path / "images", "a header of 1073741824 bytes")


@pytest.mark.parametrize("mode", ["w", "w:gz", "w:bz2", "w:xz"])
@pytest.mark.parametrize("part", [0.001, 0.1, 0.5, 0.9])
def test_truncated_tars(tmp_path, mode, part):
    files = {f"cat/{n}.jpg": hashlib.sha512(bytes([n])).digest() * 8 for n in range(40)}
    path = make_tar(tmp_path / "a.tar", files, mode)
    data = path.read_bytes()
    # The end of a plain tar is padding: cut within the files.
    path.write_bytes(data[: int(part * min(len(data), 40 * 1024))])
    refused(path, tmp_path / "images", "whole tar or zip")


def test_a_tar_cut_off_between_two_files(tmp_path):
    path = make_tar(tmp_path / "a.tar")
    path.write_bytes(path.read_bytes()[:1024])
    refused(path, tmp_path / "images", "the end is missing")


def test_damaged_zips(tmp_path):
    data = make_zip(tmp_path / "a.zip").read_bytes()
    (tmp_path / "a.zip").write_bytes(data[: len(data) // 2])
    refused(tmp_path / "a.zip", tmp_path / "one", "whole tar or zip")
    with zipfile.ZipFile(tmp_path / "b.zip", "w") as archive:
        archive.writestr("cat/1.jpg", b"first")
    stored = (tmp_path / "b.zip").read_bytes().replace(b"first", b"fIrst")
    (tmp_path / "b.zip").write_bytes(stored)
    refused(tmp_path / "b.zip", tmp_path / "two", "whole tar or zip.*CRC")


@pytest.mark.parametrize("data", [b"", b"<html>sign in first</html>", b"PK\x03\x04", b"\x1f\x8b"])
def test_what_is_no_archive(tmp_path, data):
    (tmp_path / "a.tar").write_bytes(data)
    refused(tmp_path / "a.tar", tmp_path / "images", "whole tar or zip")


@pytest.mark.parametrize("names", [("cat/1.jpg", "cat/./1.jpg"), ("cat", "cat/1.jpg")])
def test_two_files_of_one_path(tmp_path, names):
    archive = make_tar(tmp_path / "a.tar", dict.fromkeys(names, b"x"))
    refused(archive, tmp_path / "images", "share a path")


def test_root_is_below_single_folders(tmp_path):
    (tmp_path / "outer" / "inner" / "cat").mkdir(parents=True)
    (tmp_path / "outer" / "inner" / "dog").mkdir()
    (tmp_path / "__MACOSX").mkdir()
    (tmp_path / "outer" / ".DS_Store").write_bytes(b"")
    assert find_root(tmp_path) == tmp_path / "outer" / "inner"
    (tmp_path / "outer" / "readme.txt").write_bytes(b"")
    assert find_root(tmp_path) == tmp_path / "outer"


class Server(http.server.BaseHTTPRequestHandler):
    """Gives `body` after `failures` answers of status 503; cuts the first short where asked."""

    body, failures, short = b"an archive" * 1000, 0, False

    def do_GET(self):
        kind = type(self)
        if self.path != "/photos.tar":
            self.send_error(404)
        elif kind.failures:
            kind.failures -= 1
            self.send_error(503)
        else:
            self.send_response(200)
            self.send_header("Content-Length", str(len(self.body)))
            self.end_headers()
            self.wfile.write(self.body[:100] if kind.short else self.body)
            kind.short = False

    def log_message(self, *_):
        pass


@pytest.fixture
def server():
    handler = type("Handler", (Server,), {})
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as running:
        thread = threading.Thread(target=running.serve_forever, args=(0.01,))
        thread.start()
        handler.url = f"http://127.0.0.1:{running.server_port}/photos.tar"
        yield handler
        running.shutdown()
        thread.join()


def test_download_gives_the_file_and_its_digest(server, tmp_path):
    digest = download(server.url, tmp_path / "a")
    assert (tmp_path / "a").read_bytes() == server.body
    assert digest == file_sha256(tmp_path / "a") == hashlib.sha256(server.body).hexdigest()


@pytest.mark.parametrize("fault", [{"failures": 2}, {"short": True}])
def test_download_tries_again(server, tmp_path, fault):
    for name, value in fault.items():
        setattr(server, name, value)
    download(server.url, tmp_path / "a", pauses=(0, 0))
    assert (tmp_path / "a").read_bytes() == server.body


def test_download_gives_up_with_a_way_out(server, tmp_path):
    server.failures = 3
    with pytest.raises(InputError, match=r"photos\.tar must.*503.*save it as data/photos\.tar"):
        download(server.url, tmp_path / "a", pauses=(0, 0))
    with pytest.raises(InputError, match="404"):
        download(server.url + ".gz", tmp_path / "a", pauses=(3600,))
