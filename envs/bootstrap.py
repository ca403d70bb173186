"""Make a virtual environment with pip where Python came without ensurepip, as on plain Debian."""

import hashlib
import re
import subprocess
import sys
import tempfile
import urllib.parse
import urllib.request
import venv
from pathlib import Path

WHEEL = "pip-25.3-py3-none-any.whl"
SHA256 = "9655943313a94722b7774661c21049070f6bbb0a1516bf02f7c8d5d9201514cd"
INDEX = "https://pypi.org/simple/pip/"


def bootstrap(folder):
    """Make a virtual environment and install a pinned pip in it.

    Parameters
    ----------
    folder : str
        Replaced where it is there.
    """
    venv.create(folder, clear=True, with_pip=False)
    with urllib.request.urlopen(INDEX, timeout=60) as page:
        link = re.search(rf'href="([^"#]*{re.escape(WHEEL)})', page.read().decode())[1]
    with urllib.request.urlopen(urllib.parse.urljoin(INDEX, link), timeout=60) as file:
        wheel = file.read()
    if hashlib.sha256(wheel).hexdigest() != SHA256:
        sys.exit(f"{WHEEL} must have the SHA-256 {SHA256}. Received: another. Hint: try again.")
    with tempfile.TemporaryDirectory() as temporary:
        path = Path(temporary, WHEEL)
        path.write_bytes(wheel)
        pip = [Path(folder, "bin", "python"), path / "pip"]
        subprocess.run([*pip, "install", "--no-index", path], check=True)


if __name__ == "__main__":
    bootstrap(sys.argv[1])
