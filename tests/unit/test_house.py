"""The house: imports run one way, each module has its test, and files keep to their budgets."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
# Modules directly in scripts/fewshot/ are the ground. A room knows itself and those of lower floors.
FLOORS = {
    "ground": 0,
    "study": 1,
    "data": 1,
    "backbone": 2,
    "predictor": 3,
    "heads": 4,
    "results": 5,
    "figures": 6,
    "page": 7,
}
# Lines, at most.
BUDGETS = {
    "Snakefile": 60,
    "rules/*.smk": 150,
    "scripts/*.py": 120,
    "scripts/fewshot/**/*.py": 300,
    "README.md": 150,
}


def modules(project):
    return sorted(Path(project, "scripts/fewshot").rglob("*.py"))


def entry_scripts(project):
    return sorted(Path(project, "scripts").glob("*.py"))


def room(path, project):
    """Folder of a module below the library's; a folder in a room is part of it."""
    folders = path.relative_to(Path(project, "scripts/fewshot")).parts[:-1]
    return folders[0] if folders else "ground"


def imported(path, project):
    """Dotted names of all that a file imports, wherever the statement stands."""
    names = set()
    for node in ast.walk(ast.parse(path.read_bytes())):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            origin = node.module.split(".") if node.module else []
            if node.level:
                folders = path.relative_to(Path(project, "scripts")).parts
                origin = [*folders[: -node.level], *origin]
            names |= {".".join([*origin, alias.name]) for alias in node.names}
    return names


def room_of_name(name):
    """Room of a dotted name that starts with fewshot; what is in none is of the ground."""
    parts = name.split(".")
    return parts[1] if len(parts) > 1 and parts[1] in FLOORS else "ground"


def imports_upwards(project):
    for path in modules(project):
        here = room(path, project)
        for name in sorted(imported(path, project)):
            there = room_of_name(name)
            is_ours = name.split(".")[0] == "fewshot"
            if is_ours and here != there and FLOORS[there] >= FLOORS[here]:
                yield f"{here}/{path.name} imports {name}"


def imports_of(packages, paths, project):
    for path in paths:
        for name in sorted(imported(path, project)):
            if name.split(".")[0] in packages:
                yield f"{path.name} imports {name}"


def readers_of_the_schema(project):
    """Modules outside study/ and entry scripts in which a text, no docstring, names the schema."""
    outside = [path for path in modules(project) if room(path, project) != "study"]
    for path in [*outside, *entry_scripts(project)]:
        tree = ast.parse(path.read_bytes())
        lone = {node.value for node in ast.walk(tree) if isinstance(node, ast.Expr)}
        for node in ast.walk(tree):
            is_text = isinstance(node, ast.Constant) and isinstance(node.value, str)
            if is_text and node not in lone and "config.schema" in node.value:
                yield f"{path.name}, line {node.lineno}"


def untested(project):
    """Modules without a test of their name; packages need none."""
    for path in modules(project):
        test = Path("tests/unit", room(path, project), f"test_{path.name}")
        if path.name != "__init__.py" and not Path(project, test).is_file():
            yield test.as_posix()


def over_budget(project):
    for pattern, most in BUDGETS.items():
        for path in sorted(project.glob(pattern)):
            lines = len(path.read_text(encoding="utf-8").splitlines())
            if lines > most:
                yield f"{path.relative_to(project).as_posix()} has {lines} lines, of {most}"


def test_every_module_lies_in_a_room():
    assert {room(path, ROOT) for path in modules(ROOT)} == {*FLOORS}


def test_imports_run_one_way():
    assert list(imports_upwards(ROOT)) == []


def test_the_library_knows_neither_snakemake_nor_the_scripts():
    packages = {"snakemake", *(path.stem for path in entry_scripts(ROOT))}
    assert list(imports_of(packages, modules(ROOT), ROOT)) == []


def test_no_script_imports_another():
    scripts = entry_scripts(ROOT)
    assert list(imports_of({path.stem for path in scripts}, scripts, ROOT)) == []


def test_only_the_study_reads_the_schema():
    assert list(readers_of_the_schema(ROOT)) == []


def test_every_module_has_a_test_of_its_name():
    assert list(untested(ROOT)) == []


def test_files_keep_to_their_budgets_of_lines():
    assert all(list(ROOT.glob(pattern)) for pattern in BUDGETS)
    assert list(over_budget(ROOT)) == []


@pytest.fixture
def project(tmp_path):
    """Return a function that writes files of a made-up project and gives its folder."""

    def write(**files):
        for name, text in files.items():
            path = tmp_path / f"{name.replace('__', '/')}.py"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        return tmp_path

    return write


@pytest.mark.parametrize(
    ("statement", "name"),
    [
        ("import fewshot.page.tables", "fewshot.page.tables"),
        ("import fewshot.page.tables as tables", "fewshot.page.tables"),
        ("from fewshot.page import tables", "fewshot.page.tables"),
        ("from fewshot.page.tables import render", "fewshot.page.tables.render"),
        ("from fewshot import page", "fewshot.page"),
        ("from ..page.tables import render", "fewshot.page.tables.render"),
        ("from .. import page", "fewshot.page"),
        ("def late():\n    from fewshot.page import tables", "fewshot.page.tables"),
    ],
)
def test_an_import_upwards_is_found_however_it_is_written(project, statement, name):
    folder = project(scripts__fewshot__heads__ridge=statement)
    assert list(imports_upwards(folder)) == [f"heads/ridge.py imports {name}"]


def test_imports_downwards_in_the_same_room_and_of_packages_are_allowed(project):
    text = (
        "import numpy\nfrom . import train\nfrom fewshot.data import draws\nfrom .. import errors"
    )
    assert list(imports_upwards(project(scripts__fewshot__heads__ridge=text))) == []


def test_study_and_data_do_not_know_each_other_and_the_ground_knows_neither(project):
    folder = project(
        scripts__fewshot__data__pool="from fewshot.study.read import points",
        scripts__fewshot__study__read="from fewshot.data import pool",
        scripts__fewshot__files="from .data import pool",
    )
    assert list(imports_upwards(folder)) == [
        "data/pool.py imports fewshot.study.read.points",
        "ground/files.py imports fewshot.data.pool",
        "study/read.py imports fewshot.data.pool",
    ]


def test_snakemake_and_other_scripts_are_found(project):
    folder = project(
        scripts__fewshot__job="def log():\n    from snakemake.io import expand",
        scripts__scan="import weights",
    )
    assert [*imports_of({"snakemake"}, modules(folder), folder)] == [
        "job.py imports snakemake.io.expand"
    ]
    assert [*imports_of({"weights"}, entry_scripts(folder), folder)] == ["scan.py imports weights"]


def test_a_reader_of_the_schema_is_found_and_a_docstring_is_none(project):
    text = '"""As rules/config.schema.yaml says."""\nPATH = "rules/config.schema.yaml"'
    folder = project(
        scripts__fewshot__heads__ridge=text,
        scripts__fewshot__study__read=text,
        scripts__scan=text,
    )
    assert list(readers_of_the_schema(folder)) == ["ridge.py, line 2", "scan.py, line 2"]


def test_a_module_without_a_test_is_named(project):
    folder = project(
        scripts__fewshot__files="",
        scripts__fewshot__heads__ridge="",
        scripts__fewshot__backbone__sources__hub="",
        tests__unit__heads__test_ridge="",
    )
    (folder / "scripts/fewshot/heads/__init__.py").touch()
    expected = ["tests/unit/backbone/test_hub.py", "tests/unit/ground/test_files.py"]
    assert list(untested(folder)) == expected


def test_a_file_of_one_line_too_many_is_named(project):
    folder = project(scripts__scan=121 * "\n", scripts__pool=120 * "\n")
    assert list(over_budget(folder)) == ["scripts/scan.py has 121 lines, of 120"]
