"""Digests of all scripts, kept from run to run: to parse their code takes a second of every start."""

import hashlib
from contextlib import suppress
from pathlib import Path

from fewshot.errors import InputError
from fewshot.files import read_json, write_json
from fewshot.study.digests import LIBRARY, code_digest


def script_digests(scripts, kept_path, also=(), library=LIBRARY):
    """Digest each script of a folder with every project module that it imports.

    Parameters
    ----------
    scripts : str or Path
    kept_path : str or Path
        JSON file, in which digests are kept for as long as no file of Python changes. What can't be
        read there or written is done without.
    also : sequence of str, default ()
        Paths of further files below the folder, without their endings.
    library : str or Path, default that of this module
        Folder of the project's package.

    Returns
    -------
    dict of str to str
        By the script's name or path: see `fewshot.study.digests.code_digest`.
    """
    scripts, read = Path(scripts), hashlib.sha256()
    for path in sorted({*scripts.glob("*.py"), *Path(library).rglob("*.py")}):
        read.update(hashlib.sha256(f"{path.relative_to(scripts)}\n".encode()).digest())
        read.update(hashlib.sha256(path.read_bytes()).digest())
    code = read.hexdigest()
    with suppress(InputError):
        kept = read_json(kept_path)
        if kept["code"] == code:
            return kept["digests"]
    names = (*(path.stem for path in scripts.glob("*.py")), *also)
    digests = {name: code_digest(scripts / f"{name}.py", library=library) for name in names}
    with suppress(OSError):
        write_json(kept_path, {"code": code, "digests": digests})
    return digests
