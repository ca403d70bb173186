"""Digests of code and of sources, so that a change reruns exactly the rules that use it."""

import ast
import hashlib
import os
from functools import cache
from pathlib import Path


@cache
def code_digest(script_path, library_folder):
    """Digest a script and every project module that it imports, directly or through others.

    Import statements count wherever they stand, also inside functions. Modules that are
    imported by a computed name are not seen.

    Parameters
    ----------
    script_path : str or Path
        Entry script.
    library_folder : str or Path
        Folder of the project's package, such as ``scripts/fewshot``. Its modules lie in it
        without subfolders.

    Returns
    -------
    str
        16 hexadecimal digits of a SHA-256 over names and contents, the same wherever the
        project lies.
    """
    folder = Path(library_folder)
    code, waiting = _read(Path(script_path), folder.name)
    parts = {Path(script_path).name: code}
    waiting = set(waiting)
    while waiting:
        module = waiting.pop()
        name = f"{folder.name}/{module}.py"
        path = folder / f"{module}.py"
        if name not in parts and path.is_file():
            parts[name], imported = _read(path, folder.name)
            waiting |= imported
    digest = hashlib.sha256()
    for name, code in sorted(parts.items()):
        digest.update(f"{name}\n{len(code)}\n".encode())
        digest.update(code)
    return digest.hexdigest()[:16]


def listing_digest(source):
    """Digest the names and sizes of the files in a folder.

    Parameters
    ----------
    source : str
        A folder; or an archive with braces in its path, which Snakemake can't watch as an input,
        for its size and date. Of any other source the digest is always the same.

    Returns
    -------
    str
        64 hexadecimal digits.
    """
    listing = hashlib.sha256()
    if "{" in source and os.path.isfile(source):
        listing.update(f"{os.stat(source).st_size} {os.stat(source).st_mtime_ns}".encode())
    seen = set()
    for folder, folders, files in os.walk(source, followlinks=True):
        # Links are followed, as the scan does; to each folder once.
        folders[:] = sorted(name for name in folders if _is_new(os.path.join(folder, name), seen))
        for file in sorted(files):
            path = os.path.join(folder, file)
            listing.update(f"{path} {os.lstat(path).st_size}\n".encode(errors="surrogateescape"))
    return listing.hexdigest()


def _is_new(folder, seen):
    place = os.path.realpath(folder)
    is_new = place not in seen
    seen.add(place)
    return is_new


@cache
def _read(path, package):
    """Return a file's bytes and the names of the package's modules that it may import."""
    code = path.read_bytes()
    modules = set()
    for node in ast.walk(ast.parse(code, path)):
        if isinstance(node, ast.Import):
            dotted = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            origin = ".".join([package] * (node.level == 1) + [node.module] * bool(node.module))
            dotted = [f"{origin}.{alias.name}" for alias in node.names]
        else:
            continue
        for name in dotted:
            top, *rest = name.split(".")
            if top == package:
                modules |= {"__init__", *rest[:1]}
    return code, frozenset(modules)
