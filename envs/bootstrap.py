"""Build the locked environment. Older versions of Python read this file, too, to be refused."""

import hashlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
import urllib.parse
import urllib.request
import venv

OLDEST, NEWEST = (3, 11), (3, 13)  # that the packages of the lock have wheels for
WHEEL = "pip-25.3-py3-none-any.whl"
SHA256 = "9655943313a94722b7774661c21049070f6bbb0a1516bf02f7c8d5d9201514cd"
INDEX = "https://pypi.org/simple/pip/"
# With these a person's pip installs elsewhere, or takes what lies elsewhere for installed.
ASTRAY = (
    "PYTHONPATH",
    "PYTHONHOME",
    "PIP_TARGET",
    "PIP_PREFIX",
    "PIP_ROOT",
    "PIP_USER",
    "PIP_DRY_RUN",
)


def build(folder, lock):
    """Make a virtual environment with the packages of a lock, by uv where it is installed.

    Parameters
    ----------
    folder : str
        Replaced where it is there.
    lock : str
        Requirements with hashes.
    """
    python = os.path.join(folder, "bin", "python")
    if shutil.which("uv"):
        _remove(folder)
        wanted = f">={OLDEST[0]}.{OLDEST[1]},<{NEWEST[0]}.{NEWEST[1] + 1}"
        _run("uv", "venv", "--python", wanted, folder)
        compiled = ["--compile-bytecode", "--python", python]
        _run("uv", "pip", "sync", *compiled, "--require-hashes", lock)
        return
    if not OLDEST <= sys.version_info[:2] <= NEWEST:
        oldest, newest, this = (f"{v[0]}.{v[1]}" for v in (OLDEST, NEWEST, sys.version_info))
        sys.exit(
            f"The locked environment needs Python {oldest} to {newest}. Received: {this}, of "
            f"{sys.executable}. Hint: install one of these and name it, as in "
            f"make PYTHON=python{newest}, or install uv, which brings its own."
        )
    _remove(folder)
    try:
        venv.create(folder, symlinks=True, with_pip=True)
    except subprocess.CalledProcessError:  # the system has cut out ensurepip, as plain Debian does
        venv.create(folder, clear=True, symlinks=True)
        _install_pip(python)
    # Without resolving: the lock has all that is needed and leaves out what is not: overrides.txt.
    _run(python, "-m", "pip", "install", "--no-deps", "--require-hashes", "-r", lock)


def _remove(folder):
    if os.path.islink(folder):
        os.unlink(folder)
    shutil.rmtree(folder, ignore_errors=True)


def _install_pip(python):
    """Install a pinned pip from PyPI."""
    with urllib.request.urlopen(INDEX, timeout=60) as page:
        link = re.search(rf'href="([^"#]*{re.escape(WHEEL)})', page.read().decode()).group(1)
    with urllib.request.urlopen(urllib.parse.urljoin(INDEX, link), timeout=60) as file:
        wheel = file.read()
    if hashlib.sha256(wheel).hexdigest() != SHA256:
        sys.exit(f"{WHEEL} must have the SHA-256 {SHA256}. Received: another. Hint: try again.")
    with tempfile.TemporaryDirectory() as temporary:
        path = os.path.join(temporary, WHEEL)
        with open(path, "wb") as file:
            file.write(wheel)
        _run(python, os.path.join(path, "pip"), "install", "--no-index", path)


def _run(*command):
    """Run a command, or end as it did: it has said why."""
    kept = {name: value for name, value in os.environ.items() if name not in ASTRAY}
    status = subprocess.call(command, env=kept)
    if status:
        sys.exit(status)


if __name__ == "__main__":
    build(*sys.argv[1:])
