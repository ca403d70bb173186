"""Digests of code and of sources, so that a change reruns exactly the rules that use it.

Code counts by its statements: comments, docstrings and layout are left out. A project module that
is imported stands there by its content and not by its name, so that a file may move.
"""

import ast
import hashlib
import os
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import NamedTuple

import fewshot
from fewshot.files import file_sha256
from fewshot.folders import files_below

LIBRARY = Path(fewshot.__file__).parent
_DOCUMENTED = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
_IMPORTS = (ast.Import, ast.ImportFrom)


class _Import(NamedTuple):
    """What a statement takes from a project module: a name of it, or ("") the module itself."""

    path: Path
    taken: str
    name: str


class _Code(NamedTuple):
    """A file: its statements without imports from the project, and those."""

    statements: str
    imports: frozenset


def code_digest(*paths, library=LIBRARY, apart=()):
    """Digest files and every project module that they import, directly or through others.

    Import statements count wherever they stand, also inside functions. Modules that are imported
    by a computed name are not seen.

    Parameters
    ----------
    *paths : str or Path
        Scripts or modules.
    library : str or Path, default that of this module
        Folder of the project's package.
    apart : sequence of str, default ()
        Dotted names of modules whose content is not to count, nor what they import.

    Returns
    -------
    str
        16 hexadecimal digits of a SHA-256, the same wherever the project lies and for every
        version of Python.

    Raises
    ------
    ValueError
        If modules import each other in a circle, or one that is to be apart does not exist.
    """
    library, paths = Path(library), [Path(path) for path in paths]
    unread = {module_path(name, library) for name in apart}
    files = _read_all(paths, library, unread)
    graph = {path: {each.path for each in code.imports} - unread for path, code in files.items()}
    digests = dict.fromkeys(unread, "")
    try:
        for path in TopologicalSorter(graph).static_order():
            digests[path] = _digest(files[path], digests)
    except CycleError as error:
        circle = " > ".join(path.relative_to(library).as_posix() for path in error.args[1])
        raise ValueError(
            f"Modules must not import each other in a circle. Received: {circle}. "
            "Hint: move what they share into a module of its own."
        ) from None
    return _sha256(sorted(digests[path] for path in paths))


def _read_all(paths, library, unread=frozenset()):
    """Read files and all that they import, directly or through others: `_Code` by path."""
    files, waiting = {}, list(paths)
    while waiting:
        path = waiting.pop()
        if path not in files:
            files[path] = _read(path, library)
            waiting += {each.path for each in files[path].imports} - unread
    return files


def imported_modules(*paths, library=LIBRARY):
    """List the project modules that files import, directly or through others.

    Parameters
    ----------
    *paths : str or Path
    library : str or Path, default that of this module
        Folder of the project's package.

    Returns
    -------
    list of Path
        Sorted; with the packages that they lie in, without the files themselves.
    """
    library, paths = Path(library), {Path(path) for path in paths}
    modules = {*_read_all(paths, library)} - paths
    folders = {above for path in modules for above in path.parents}
    packages = {above / "__init__.py" for above in folders if library in (above, *above.parents)}
    return sorted(modules | packages)


def module_path(name, library=LIBRARY):
    """Find the file of a module of the project.

    Parameters
    ----------
    name : str
        Dotted, with that of the project's package in front.
    library : str or Path, default that of this module

    Returns
    -------
    Path

    Raises
    ------
    ValueError
        If there is none.
    """
    path = _locate(Path(library), name.split(".")[1:])
    if path is None:
        raise ValueError(
            f"A module of the project must exist. Received: {name}. "
            "Hint: it may have moved; write its new name."
        )
    return path


def _digest(code, digests):
    imports = sorted((digests[each.path], each.taken, each.name) for each in code.imports)
    return _sha256([code.statements, imports])


def _sha256(value):
    return hashlib.sha256(repr(value).encode()).hexdigest()[:16]


@cache
def _read(path, library):
    """Read a file of Python code."""
    tree, imports = ast.parse(path.read_bytes(), path), set()
    for node in list(ast.walk(tree)):
        if isinstance(node, _DOCUMENTED) and ast.get_docstring(node, clean=False) is not None:
            del node.body[0]
        if isinstance(node, ast.JoinedStr):
            # Some versions of Python put empty texts between its parts.
            node.values = [each for each in node.values if getattr(each, "value", None) != ""]
        found = isinstance(node, _IMPORTS) and list(_imports(node, path, library))
        if found:
            imports |= {each for each in found if each.path and not _is_empty(each.path, library)}
            node.names = []
    return _Code(_plain(tree), frozenset(imports))


def _is_empty(path, library):
    """Tell whether a file says nothing but what it is for, as most of the packages do."""
    return path.name == "__init__.py" and _read(path, library) == _Code("('Module',)", frozenset())


def _imports(node, path, library):
    """Yield what a statement takes from the project."""
    if isinstance(node, ast.Import):
        for alias in node.names:
            top, *parts = alias.name.split(".")
            if top == library.name:
                yield from _packages(library, parts, path)
                name = alias.asname or alias.name
                yield _Import(_locate(library, parts), "", name)
    elif isinstance(node, ast.ImportFrom):
        origin = node.module.split(".") if node.module else []
        if node.level:
            above = path.relative_to(library.parent).parts[: -node.level]
            origin = [*above, *origin]
        if origin[:1] != [library.name]:
            return
        for alias in node.names:
            parts, name = [*origin[1:], alias.name], alias.asname or alias.name
            yield from _packages(library, parts, path)
            if module := _locate(library, parts):
                yield _Import(module, "", name)
            else:
                yield _Import(_locate(library, parts[:-1]), alias.name, name)


def _packages(library, parts, path):
    """Yield the packages on the way to a module, but those around the file that imports it."""
    for depth in range(len(parts)):
        package = library.joinpath(*parts[:depth])
        if package not in path.parents:
            yield _Import(_locate(package, ()), "", "")


def _locate(library, parts):
    """Find the file of a module or package, None where there is none."""
    path = library.joinpath(*parts)
    files = (path / "__init__.py", path.with_suffix(".py"))
    return next((file for file in files if file.is_file()), None)


def _plain(node):
    """Write a tree without what is empty, which differs between versions of Python."""
    if isinstance(node, ast.AST):
        parts = [repr(type(node).__name__)]
        for name in node._fields:
            value = getattr(node, name, None)
            if value is not None and (plain := _plain(value)) != "[]":
                parts.append(f"({name!r}, {plain})")
        return f"({', '.join(parts)}{',' * (len(parts) == 1)})"
    if isinstance(node, list):
        return f"[{', '.join([_plain(each) for each in node if not _is_taken_out(each)])}]"
    return "None" if node is None else repr(ascii(node))


def _is_taken_out(node):
    return isinstance(node, _IMPORTS) and not node.names


def listing_digest(source, classes="folders"):
    """Digest the names, sizes and dates of the files in a folder, as links lead to them.

    Parameters
    ----------
    source : str
        A folder; or an archive with braces in its path, which Snakemake can't watch as an input.
        Of any other source the digest is always the same.
    classes : str or dict, default "folders"
        Where classes are written. A file of labels that lies elsewhere counts by its content.

    Returns
    -------
    str
        64 hexadecimal digits.
    """
    listing = hashlib.sha256()
    if "{" in source and os.path.isfile(source):
        listing.update(_stamp(source).encode())
    if os.path.isdir(source):
        for path, reason in sorted(files_below(source)):
            stamp = reason or _stamp(os.path.join(source, path))
            listing.update(f"{path} {stamp}\n".encode(errors="surrogateescape"))
    files = () if isinstance(classes, str) else (classes.get("table"), classes.get("splits"))
    for labels in filter(os.path.isfile, filter(None, files)):
        listing.update(file_sha256(labels).encode())
    return listing.hexdigest()


def _stamp(path):
    try:
        found = os.stat(path)
    except OSError as error:  # removed meanwhile
        return error.strerror
    return f"{found.st_size} {found.st_mtime_ns}"
