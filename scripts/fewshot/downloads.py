"""Downloads: by https or from a local mirror, resumed where they broke off."""

import errno
import hashlib
import http.client
import json
import os
import re
import shutil
import urllib.error
from pathlib import Path

from fewshot.errors import input_error, is_disk_full
from fewshot.files import whole_file
from fewshot.progress import Progress
from fewshot.servers import BY_HAND, PAUSES, address_of, ask, patiently, url_file_name

MAX_BYTES = 100 * 2**30
_CHUNK = 2**20
_NO_NETWORK = (errno.EHOSTUNREACH, errno.ENETUNREACH, errno.ENETDOWN, errno.EHOSTDOWN)


def find_digest(path, like=None):
    """Digest of a file in hex digits: MD5 where `like` has 32 of them, else SHA-256."""
    algorithm = "md5" if like and len(like) == 32 else "sha256"
    with open(path, "rb") as file:
        return hashlib.file_digest(file, algorithm).hexdigest()


def partial_file(path):
    """Where `download` keeps what has come of a file, until its caller renames or removes it."""
    path = Path(path)
    return path.with_name(f".{path.name}.part")


def remove_partial_file(path):
    """Remove what `download` keeps of a file, if anything."""
    partial_file(path).unlink(missing_ok=True)
    _note_path(path).unlink(missing_ok=True)


def download(url, path, digest=None, *, by_hand=BY_HAND, mirrored=None, most=None, pauses=PAUSES):
    """Download a file to `partial_file(path)`, going on from what is there of it.

    Where FEWSHOT_MIRROR is set, the file is asked for there, by its name. What an earlier process
    left is only gone on from where a digest can tell that all is well, and a whole file is not
    downloaded again but where its digest is wrong.

    Parameters
    ----------
    url : str
        An https address.
    path : str or Path
    digest : str, optional
        SHA-256, or MD5, that the file should have, in hex digits.
    by_hand : str, default "download it by hand"
        What else a person can do.
    mirrored : str, optional
        Path of the file on a mirror, by default the last part of the address.
    most : int, optional
        Bytes that it may have, by default `MAX_BYTES`.
    pauses : sequence of float, default (2, 10, 30)
        Seconds to wait after a try that brought nothing, one of those in a row after the other.

    Returns
    -------
    str
        Digest of what came, which may be another than `digest`: SHA-256 without that.

    Raises
    ------
    InputError
        If the server refused or stayed silent, would have the file come by plain http, or the
        disk is full. What came stays for the next try.
    """
    address = address_of(url, mirrored)
    part, digest = partial_file(path), digest and digest.lower()
    part.parent.mkdir(parents=True, exist_ok=True)
    note = _read_note(path, url)
    is_kept = part.exists() and note is not None and (digest is not None or note["whole"])
    if not is_kept:
        remove_partial_file(path)
    elif note["whole"]:
        print(f"{part} taken, which was downloaded before", flush=True)
    else:
        _receive(url, address, path, digest, most, by_hand, pauses)
    if is_kept:
        found = find_digest(part, digest)
        if digest in (None, found):
            return found
        print(f"{part} is not what it should be: downloaded anew", flush=True)
        remove_partial_file(path)
    _receive(url, address, path, digest, most, by_hand, pauses)
    return find_digest(part, digest)


def _note_path(path):
    return partial_file(path).with_suffix(".part.json")


def _read_note(path, url):
    """Read what is known of the partial file; None if it is of another address or unreadable."""
    try:
        note = json.loads(_note_path(path).read_text())
        return note if note["url"] == url and {"validator", "length", "whole"} <= {*note} else None
    except (OSError, ValueError, TypeError, KeyError):
        return None


def _write_note(path, **note):
    with whole_file(_note_path(path), digested=False) as temporary:
        temporary.write_text(json.dumps(note))


def _size(path):
    part = partial_file(path)
    return part.stat().st_size if part.exists() else 0


def _receive(url, address, path, digest, most, by_hand, pauses):
    """Try until the file is whole."""
    print(f"downloading {address}", flush=True)
    try:
        patiently(
            lambda: _receive_once(url, address, path, digest, most or MAX_BYTES),
            *(url, address, by_hand, pauses),
            size=lambda: _size(path),
        )
    except OSError as error:
        if not is_disk_full(error):
            raise
        raise _disk_full(path, error.strerror) from error


def _disk_full(path, received):
    return input_error(
        "A download must fit on the disk",
        f"{path}: {received}",
        f'free some (docs/results.md, "Freeing disk") and run again: {_size(path)} bytes are kept',
    )


def _receive_once(url, address, path, digest, most):
    start, note = _size(path), _read_note(path, url)
    headers = {}
    # Without both the file could change on the server unnoticed.
    if start and note and (note["validator"] or digest):
        if start == note["length"]:
            return _write_note(path, **note | {"whole": True})
        headers["Range"] = f"bytes={start}-"
        if note["validator"]:
            headers["If-Range"] = note["validator"]
    else:
        start = 0
    try:
        response = ask(address, headers)
    except urllib.error.HTTPError as error:
        if error.code != http.HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE or "Range" not in headers:
            raise
        remove_partial_file(path)
        raise ConnectionError("the file is not the one that had begun to come") from error
    with response:
        start, length = _begins(response, start, note)
        if start is None:
            remove_partial_file(path)
            raise ConnectionError("the server has another part, or another file, than asked for")
        note = {"url": url, "validator": _validator(response), "length": length, "whole": False}
        _check_room(path, address, length, start, most)
        with open(partial_file(path), "r+b" if start else "wb") as file:
            if not start:
                _write_note(path, **note)
            else:
                print(f"going on from {start} of {length} bytes", flush=True)
            file.seek(start)
            _copy(response, file, address, length, start, most)
    return _write_note(path, **note | {"whole": True})


def _begins(response, start, note):
    """Return where an answer begins and the length of the file; (None, None) if unasked for."""
    if response.status != http.HTTPStatus.PARTIAL_CONTENT:
        return 0, response.length
    match = re.fullmatch(r"bytes (\d+)-\d+/(\d+)", response.headers.get("Content-Range", ""))
    begin, length = map(int, match.groups()) if match else (None, None)
    is_asked = start and begin == start and note["length"] in (None, length)
    return (begin, length) if is_asked else (None, None)


def _validator(response):
    """Return what tells versions of a file apart, where the server says it."""
    etag = response.headers.get("ETag", "")
    return etag if etag.startswith('"') else response.headers.get("Last-Modified")


def _check_room(path, address, length, start, most):
    if length is not None and length > most:
        raise input_error(
            f"{url_file_name(address)} must not exceed {most} bytes", address, "check it"
        )
    free = shutil.disk_usage(partial_file(path).parent).free
    if length is not None and length - start > free:
        raise _disk_full(path, f"{length - start} bytes to come, {free} free")


def _copy(response, file, address, length, start, most):
    """Write the rest of a file, and check its length."""
    received, progress = start, Progress(length and length - start, "MB", size=10**6)
    while chunk := _next_chunk(response):
        received += len(chunk)
        if received > most:
            raise input_error(
                f"{url_file_name(address)} must not exceed {most} bytes", address, "check it"
            )
        file.write(chunk)
        progress.advance(len(chunk))
    file.flush()
    os.fsync(file.fileno())
    if length is not None and received != length:
        raise ConnectionError(f"{received} of {length} bytes arrived")


def _next_chunk(response):
    try:
        return response.read1(_CHUNK)
    except OSError as error:
        if error.errno in _NO_NETWORK:
            raise ConnectionError(error.strerror) from error
        raise
