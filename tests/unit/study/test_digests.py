"""Digests follow the imports and nothing else."""

import shutil
import subprocess

import pytest

from fewshot.study.digests import LIBRARY, code_digest, imported_modules, listing_digest

SCRIPT = """
from fewshot.heads import train
import numpy as np

def run():
    import fewshot.results.tables
    from fewshot import figures
"""
LIBRARY_FILES = {
    "__init__": "",
    "heads": "from .metrics import accuracy\nfrom fewshot.deep.nested import x",
    "metrics": "from . import constants",
    "constants": "",
    "deep/__init__": "",
    "deep/nested/__init__": "from . import inner",
    "deep/nested/inner": "from ...shared import y",
    "shared": "",
    "results": "",
    "figures": "",
    "unrelated": "from fewshot import heads",
    "deep/unrelated": "",
}
COUNTED = [name for name in LIBRARY_FILES if "unrelated" not in name]


def write(folder, script=SCRIPT, **edited):
    package = folder / "scripts" / "fewshot"
    for module, code in {**LIBRARY_FILES, **edited}.items():
        path = package / f"{module}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(code)
    path = package.parent / "train.py"
    path.write_text(script)
    return path, package


def digest_of(folder, script=SCRIPT, **edited):
    path, package = write(folder, script, **edited)
    return code_digest(path, library=package)


def test_same_code_elsewhere_has_the_same_digest(tmp_path):
    first = digest_of(tmp_path / "a")
    assert first == digest_of(tmp_path / "b")
    assert len(first) == 16
    assert set(first) <= set("0123456789abcdef")


@pytest.mark.parametrize("module", COUNTED)
def test_a_statement_of_every_imported_module_counts(tmp_path, module):
    edited = {module: LIBRARY_FILES[module] + "\nedited = 1"}
    assert digest_of(tmp_path / "a") != digest_of(tmp_path / "b", **edited)


@pytest.mark.parametrize("module", LIBRARY_FILES)
def test_comments_docstrings_and_layout_do_not_count(tmp_path, module):
    code = "{}\ndef work(x):\n{}    return (x,\n{}      1)\n"
    plain = code.format(LIBRARY_FILES[module], "", "")
    dressed = code.format(LIBRARY_FILES[module], '    """Work."""\n', "# why\n").replace(
        "1)", " 1 )"
    )
    one = digest_of(tmp_path / "a", **{module: plain})
    assert one == digest_of(tmp_path / "b", **{module: f'"""Said."""\n{dressed}# end\n'})


def test_the_script_counts(tmp_path):
    first = digest_of(tmp_path / "a")
    assert first != digest_of(tmp_path / "b", script=SCRIPT + "\nedited = 1")
    assert first == digest_of(tmp_path / "c", script=f'"""Said."""\n{SCRIPT}\n# edited')


@pytest.mark.parametrize("code", ["", "from fewshot.deep import x", "anything = 1"])
def test_unrelated_modules_do_not_count(tmp_path, code):
    edited = {"unrelated": code, "deep/unrelated": code}
    assert digest_of(tmp_path / "a") == digest_of(tmp_path / "b", **edited)


def test_a_script_without_the_library_depends_on_itself_alone(tmp_path):
    script = "import numpy\nfrom fewshotter.heads import train"
    edited = dict.fromkeys(LIBRARY_FILES, "x = 1")
    plain = digest_of(tmp_path / "a", script=script)
    assert plain == digest_of(tmp_path / "b", script=script, **edited)
    assert plain != digest_of(tmp_path / "c", script=script.replace("fewshotter", "fewest"))


def test_moving_code_between_modules_changes_the_digest(tmp_path):
    one = digest_of(tmp_path / "a", results="x = 1", figures="")
    assert one != digest_of(tmp_path / "b", results="", figures="x = 1")


def test_moving_a_module_changes_nothing(tmp_path):
    moved = {name: code for name, code in LIBRARY_FILES.items() if name != "metrics"}
    first = digest_of(tmp_path / "a")
    path, package = write(tmp_path / "b")
    (package / "room").mkdir()
    (package / "room/__init__.py").write_text('"""A room."""\n')
    (package / "metrics.py").unlink()
    (package / "room/measures.py").write_text("from .. import constants")
    # The order of imports is that of names, so a move changes it.
    text = "from fewshot.deep.nested import x\nfrom fewshot.room.measures import accuracy"
    (package / "heads.py").write_text(text)
    assert code_digest(path, library=package) == first
    assert "metrics" not in moved


def test_what_is_taken_and_under_which_name_counts(tmp_path):
    codes = [
        "from fewshot.heads import train",
        "from fewshot.heads import test",
        "from fewshot.heads import train as other",
        "from fewshot import heads",
        "from fewshot import heads as other",
        "import fewshot.heads",
    ]
    found = {digest_of(tmp_path / str(n), script=code) for n, code in enumerate(codes)}
    assert len(found) == len(codes)


def test_a_circle_is_refused_by_name(tmp_path):
    path, package = write(tmp_path, constants="from fewshot.metrics import x")
    with pytest.raises(ValueError, match=r"in a circle\. Received: .*metrics\.py > constants\.py"):
        code_digest(path, library=package)


def test_modules_that_are_apart_do_not_count_nor_what_they_import(tmp_path):
    apart = {"apart": ("fewshot.heads",)}
    found = []
    for number, edited in enumerate(({}, {"heads": "edited = 1"}, {"shared": "edited = 1"})):
        path, package = write(tmp_path / str(number), **edited)
        found.append(code_digest(path, library=package, **apart))
    assert len({*found}) == 1
    path, package = write(tmp_path / "other", results="edited = 1")
    assert code_digest(path, library=package, **apart) not in found
    with pytest.raises(ValueError, match=r"must exist\. Received: fewshot\.gone"):
        code_digest(path, library=package, apart=["fewshot.gone"])


# What versions of Python parse into trees that differ.
CODE = """
def f(x: int, /, *, y=None, **z) -> str:
    return f"{x!r:>{y}} {z['a']}" "\N{GREEK SMALL LETTER ALPHA}\U0001fadf"
async def g(): pass
class A(B, metaclass=C): x: int = 1
match 1:
    case [1, *_]: pass
"""
DIGEST = "f9416906761c7b3d"


def test_every_python_gives_the_same_digest(tmp_path):
    path = tmp_path / "module.py"
    path.write_text(CODE)
    assert code_digest(path) == DIGEST
    ask = f"import sys; sys.path.insert(0, {str(LIBRARY.parent)!r}); "
    ask += f"from fewshot.study.digests import code_digest; print(code_digest({str(path)!r}))"
    for python in filter(None, map(shutil.which, ("python3.12", "python3.13", "python3.14"))):
        done = subprocess.run([python, "-c", ask], capture_output=True, text=True, check=False)
        # A launcher may be there without its Python.
        assert done.returncode or done.stdout.strip() == DIGEST, python


def replaced(path, data):
    """Put another file in the place of one, as a copy program or an editor does."""
    path.with_name("new").write_bytes(data)
    path.with_name("new").replace(path)


def test_a_listing_sees_names_sizes_and_dates_as_links_lead_to_them(tmp_path):
    photos, elsewhere = tmp_path / "photos", tmp_path / "elsewhere"
    for folder in (photos / "cat", elsewhere):
        folder.mkdir(parents=True)
    (photos / "dog").symlink_to(elsewhere)
    (photos / "cat/back").symlink_to(photos)
    (photos / "cat/link.jpg").symlink_to(tmp_path / "file")
    (tmp_path / "file").write_bytes(b"a")
    seen = [listing_digest(str(photos))]
    changes = [("photos/cat/1.jpg", b"a"), ("elsewhere/1.jpg", b"a"), ("photos/cat/1.jpg", b"ab")]
    # Of the same name and size, and what a link leads to.
    for path, data in [*changes, ("photos/cat/1.jpg", b"ba"), ("file", b"b")]:
        replaced(tmp_path / path, data)
        seen.append(listing_digest(str(photos)))
    assert len({*seen}) == len(seen) == 6
    assert listing_digest(str(photos)) == seen[-1]
    # What the scan passes over doesn't count, nor where the folder lies.
    (photos / "cat/.DS_Store").write_bytes(b"x")
    photos.rename(tmp_path / "moved")
    (tmp_path / "moved/cat/back").unlink()
    (tmp_path / "moved/cat/back").symlink_to(tmp_path / "moved")
    assert listing_digest(str(tmp_path / "moved")) == seen[-1]


@pytest.mark.parametrize("form", ["table", "splits"])
def test_a_file_of_labels_elsewhere_counts_by_its_content(tmp_path, form):
    (tmp_path / "photos").mkdir()
    labels = tmp_path / "labels"
    seen = []
    for data in (b"a", b"b", b"a"):
        labels.write_bytes(data)
        seen.append(listing_digest(str(tmp_path / "photos"), {form: str(labels)}))
    assert seen[0] == seen[2] != seen[1]
    assert listing_digest("a.zip", {form: str(labels)}) != listing_digest("a.zip")


def test_modules_that_are_imported_are_listed_with_their_packages(tmp_path):
    script = SCRIPT.replace("train", "ridge, inner").replace("fewshot.heads", "fewshot.deep.nested")
    files = {"deep/nested/ridge": "from fewshot import metrics", "deep/__init__": '"""Words."""'}
    path, package = write(tmp_path, script, **files)
    found = [each.relative_to(package) for each in imported_modules(path, library=package)]
    names = ["ridge", "inner", "__init__"]
    expected = [f"deep/nested/{name}.py" for name in names] + [
        f"{name}.py"
        for name in ("__init__", "deep/__init__", "shared", "metrics", "constants", "results")
    ]
    assert sorted(each.as_posix() for each in found) == sorted([*expected, "figures.py"])
