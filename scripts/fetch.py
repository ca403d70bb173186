"""Bring the images of a dataset here: from an archive, or from a folder as it is."""

import os
from pathlib import Path

from fewshot.data.archives import check_kind, unpack
from fewshot.data.foreign_files import foreign_kind
from fewshot.downloads import download, partial_file, remove_partial_file
from fewshot.errors import input_error
from fewshot.files import file_sha256, write_json
from fewshot.folders import files_below, find_root, images_folder
from fewshot.servers import url_file_name

ARCHIVES = Path("data")  # where a person may put an archive instead of having it downloaded


def _check_digest(source, sha256, found):
    if sha256 is None:
        raise input_error(
            "A remote source needs the sha256 of its archive",
            f"{source}, without sha256",
            f"if the publisher's digest agrees, set datasets.<name>.sha256 to {found}; the archive "
            "is kept and not downloaded again",
        )
    if found != sha256.lower():
        raise input_error(
            f"{source} must have the sha256 {sha256}",
            found,
            "the archive was damaged or changed on its way: compare with the publisher's digest",
        )


def _unpack_remote(source, sha256, images_path, name_encoding):
    """Unpack the archive in `ARCHIVES`, or else a download, which stays until it is unpacked."""
    placed = ARCHIVES / url_file_name(source)
    if placed.is_file():
        print(f"{placed} taken instead of a download of {source}", flush=True)
        return _unpack_local(placed, sha256, images_path, name_encoding, must_match=True)
    path = images_path.with_name(placed.name)
    by_hand = (
        f"download it in a browser and save it as {placed}, or put it anywhere and set "
        "datasets.<name>.source to its path"
    )
    found, archive = download(source, path, sha256, by_hand=by_hand), partial_file(path)
    if kind := foreign_kind(archive):
        remove_partial_file(path)
        rule = f"{source} must give a tar or zip archive"
        raise input_error(rule, kind.name, f"{kind.way}; or {by_hand}")
    _check_digest(source, sha256, found)
    unpack(archive, images_path, name_encoding)
    remove_partial_file(path)
    return found


def _unpack_local(archive, sha256, images_path, name_encoding, must_match=False):
    check_kind(archive)
    found = file_sha256(archive)
    if must_match or sha256 is not None:
        _check_digest(archive, sha256, found)
    unpack(archive, images_path, name_encoding)
    return found


def fetch(
    *, source, sha256, folder=None, name_encoding=None, listing=None, images_path, source_path
):
    """Unpack an archive, or note where a folder of images is.

    Parameters
    ----------
    source : str
        A folder, used in place; a tar or zip archive; or its https address, whose name in ``data/``
        is taken first.
    sha256 : str or None
        Digest of the archive in 64 hex digits; a remote archive needs one, and is kept beside
        `images_path`, hidden, until it is given.
    folder, name_encoding, listing : str, optional
        Where in the source images begin, how names in the archive are written, and the digest of
        the source's files, which is noted.
    images_path : str
        Folder to unpack an archive to; it is replaced where it exists.
    source_path : str
        JSON file written: the folders of the images ("root") and of all else ("top"), the archive's
        "sha256" or null, the number of "files", and the "listing".

    Raises
    ------
    InputError
        If the source is not there, is damaged, or is not what `sha256` says. Where that is not
        given, the message has the digest found.
    """
    images_path, found = Path(images_path), None
    if "://" in source:
        found = _unpack_remote(source, sha256, images_path, name_encoding)
    elif os.path.isfile(source):
        found = _unpack_local(source, sha256, images_path, name_encoding)
    elif not os.path.isdir(source):
        raise input_error(
            "The source of a dataset must be an archive or a folder that exists",
            f"source {source!r}, which is not there",
            "correct datasets.<name>.source, in which ~ and $ stand for themselves, or download the "
            "images in a browser and put them there: a tar or zip archive, or a folder, laid out as "
            "datasets.<name>.classes says",
        )
    elif sha256 is not None:
        raise input_error(
            "Only an archive has a sha256", f"{sha256} for the folder {source}", "remove sha256"
        )
    top = source if found is None else images_path
    root = images_folder(top, folder).as_posix()
    noted = {"root": root, "top": find_root(top).as_posix(), "sha256": found, "listing": listing}
    noted["files"] = sum(1 for _ in files_below(root))
    print(f"{noted['files']} files below {root}", flush=True)
    write_json(source_path, noted)


def main(snakemake):
    """Do what the rule says."""
    fetch(**snakemake.params.arguments, source_path=snakemake.output.source)
