"""Digests follow the imports and nothing else."""

import pytest

from digests import code_digest, listing_digest

SCRIPT = """
from fewshot.heads import train
import numpy as np

def run():
    import fewshot.results
    from fewshot import figures
"""
LIBRARY = {
    "__init__": "",
    "heads": "from .metrics import accuracy\nfrom fewshot.deep import x",
    "metrics": "from . import heads",
    "deep": "",
    "results": "",
    "figures": "",
    "unrelated": "from fewshot import heads",
}


def digest_of(folder, script=SCRIPT, **edited):
    package = folder / "scripts" / "fewshot"
    package.mkdir(parents=True)
    for module, code in {**LIBRARY, **edited}.items():
        (package / f"{module}.py").write_text(code)
    path = package.parent / "train.py"
    path.write_text(script)
    return code_digest(str(path), str(package))


def test_same_code_elsewhere_has_the_same_digest(tmp_path):
    first = digest_of(tmp_path / "a")
    assert first == digest_of(tmp_path / "b")
    assert len(first) == 16
    assert set(first) <= set("0123456789abcdef")


@pytest.mark.parametrize("module", ["__init__", "heads", "metrics", "deep", "results", "figures"])
def test_every_imported_module_counts(tmp_path, module):
    edited = {module: LIBRARY[module] + "\n# edited"}
    assert digest_of(tmp_path / "a") != digest_of(tmp_path / "b", **edited)


def test_the_script_counts(tmp_path):
    assert digest_of(tmp_path / "a") != digest_of(tmp_path / "b", script=SCRIPT + "\n# edited")


@pytest.mark.parametrize("code", ["", "from fewshot.deep import x", "# anything"])
def test_unrelated_modules_do_not_count(tmp_path, code):
    assert digest_of(tmp_path / "a") == digest_of(tmp_path / "b", unrelated=code)


def test_a_script_without_the_library_depends_on_itself_alone(tmp_path):
    script = "import numpy\nfrom fewshotter.heads import train"
    edited = dict.fromkeys(LIBRARY, "x = 1")
    plain = digest_of(tmp_path / "a", script=script)
    assert plain == digest_of(tmp_path / "b", script=script, **edited)


def test_moving_code_between_modules_changes_the_digest(tmp_path):
    one = digest_of(tmp_path / "a", results="x = 1", figures="")
    assert one != digest_of(tmp_path / "b", results="", figures="x = 1")


def test_a_listing_follows_links_once_and_sees_names_and_sizes(tmp_path):
    (tmp_path / "photos/cat").mkdir(parents=True)
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "photos/dog").symlink_to(tmp_path / "elsewhere")
    (tmp_path / "photos/cat/back").symlink_to(tmp_path / "photos")
    seen = {listing_digest(str(tmp_path / "photos"))}
    for path, data in (("cat/1.jpg", b"a"), ("../elsewhere/1.jpg", b"a"), ("cat/1.jpg", b"ab")):
        (tmp_path / "photos" / path).write_bytes(data)
        seen.add(listing_digest(str(tmp_path / "photos")))
    assert len(seen) == 4
    assert listing_digest(str(tmp_path / "photos")) in seen
