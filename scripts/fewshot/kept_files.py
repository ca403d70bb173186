"""Files of networks that are downloaded once and kept: whole and right, or not taken."""

import contextlib
import fcntl
import os

from fewshot.downloads import download, find_digest, partial_file, remove_partial_file
from fewshot.errors import InputError, input_error
from fewshot.surroundings import no_folder


def take_file(path, url, digest=None, *, check, by_hand, mirrored=None, most=None):
    """Find a file where it is kept, or download it there.

    Parameters
    ----------
    path : Path
        Where it is kept.
    url : str
    digest : str, optional
        MD5 or SHA-256 in hex digits, that the file must have.
    check : callable of Path
        Raises InputError for a file that can't be right: asked where there is no digest.
    by_hand : str
        What else a person can do.
    mirrored : str, optional
        Path of the file on a mirror, by default the last part of the address.
    most : int, optional
        Bytes that it may have: see `fewshot.downloads.download`.

    Returns
    -------
    str or None
        Digest of a file that was downloaded now; None for one that was there.

    Raises
    ------
    InputError
        If it is not there whole and can't be downloaded, or what comes is not the file.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise no_folder(error) from error
    with _turn(path.parent):
        fault = _fault(path, digest, check)
        if fault is None:
            print(f"{path} taken, which is there", flush=True)
            return None
        if path.exists():
            print(f"{path} is damaged, so it is downloaded anew: {fault}", flush=True)
        found = download(url, path, digest, by_hand=by_hand, mirrored=mirrored, most=most)
        if digest not in (None, found):
            remove_partial_file(path)
            rule = f"{path.name} must have the digest {digest}"
            raise input_error(rule, f"{found} from {url}", by_hand)
        os.replace(partial_file(path), path)
        remove_partial_file(path)
        if digest is None:
            _check_new(path, check)
    return found


def _check_new(path, check):
    try:
        check(path)
    except InputError:
        path.unlink()
        raise


def _fault(path, digest, check):
    """Say what is wrong with a file; None if nothing is."""
    if not path.is_file():
        return "it is not there"
    if digest is None:
        try:
            check(path)
        except InputError as error:
            return str(error)
    elif find_digest(path, digest) != digest:
        return f"its digest is not {digest}"
    return None


@contextlib.contextmanager
def _turn(folder):
    """Wait until no other process downloads into a folder, where the file system has locks."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        with contextlib.suppress(OSError):
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                print(f"waiting: another process downloads into {folder}", flush=True)
                fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)
