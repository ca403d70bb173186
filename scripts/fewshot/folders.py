"""Folders of images: where these begin, and every file below, by one walk for all who count."""

import os
from pathlib import Path

from fewshot.errors import input_error, nearest

_MAX_DEPTH = 32  # folders in folders
_LITTER = {
    *("thumbs.db", "ehthumbs.db", "desktop.ini", "icon\r", "__macosx", "@eadir"),
    *("lost+found", "$recycle.bin", "system volume information"),
}


def is_litter(name):
    """Tell whether a file or folder of this name is hidden or left behind by a file manager.

    Examples
    --------
    >>> is_litter("Thumbs.db"), is_litter(".ipynb_checkpoints"), is_litter("RENAME2")
    (True, True, False)
    """
    return name.startswith(".") or name.lower() in _LITTER


def find_root(folder):
    """Descend while a folder holds a single folder and nothing else but litter.

    Parameters
    ----------
    folder : str or Path

    Returns
    -------
    Path
    """
    folder = Path(folder)
    while True:
        entries = [entry for entry in os.scandir(folder) if not is_litter(entry.name)]
        if len(entries) != 1 or not entries[0].is_dir(follow_symlinks=False):
            return folder
        folder /= entries[0].name


def images_folder(top, folder=None):
    """Find the folder in which the images of a source begin.

    Parameters
    ----------
    top : str or Path
        Folder that a source is, or was unpacked to.
    folder : str, optional
        Path in it, or in what `find_root` finds; that itself where none is given.

    Returns
    -------
    Path

    Raises
    ------
    InputError
        If there is no such folder.
    """
    root = find_root(top)
    if folder is None:
        return root
    for place in (Path(top), root):
        if (place / folder).is_dir():
            return place / folder
    known = sorted(entry.name for entry in os.scandir(root) if entry.is_dir())
    raise input_error(
        f"The folder in which images begin must be in {root}",
        f"folder {folder!r}",
        nearest(folder, known) if known else "remove datasets.<name>.folder",
    )


def files_below(folder, prefix="", above=frozenset(), linked=False):
    """List all files below a folder but litter.

    Links are followed, those to folders once on a way: folders that link to each other have more
    ways through them than anyone can go.

    Parameters
    ----------
    folder : str or Path
    prefix, above, linked
        Of the way to a folder within the first: what is in front of its paths, the folders above
        it, and whether a link led there.

    Yields
    ------
    tuple of (str, str)
        Path below the first folder, and the reason against it, which is empty for a file.
    """
    above |= {os.path.realpath(folder)}
    try:
        entries = list(os.scandir(folder))
    except OSError as error:
        yield prefix.removesuffix("/"), error.strerror
        return
    for entry in entries:
        path = prefix + entry.name
        if is_litter(entry.name):
            continue
        try:
            is_folder, is_file = entry.is_dir(), entry.is_file()
        except OSError as error:  # a link to itself
            yield path, error.strerror
            continue
        if not is_folder:
            yield path, "" if is_file else "not a regular file"
        elif entry.is_symlink() and os.path.realpath(entry.path) in above:
            yield path, "link to a folder above it"
        elif entry.is_symlink() and linked:
            yield path, "link to a folder within a linked folder"
        elif len(above) > _MAX_DEPTH:
            yield path, f"more than {_MAX_DEPTH} folders deep"
        else:
            yield from files_below(entry.path, path + "/", above, linked or entry.is_symlink())
