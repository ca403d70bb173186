"""What travels: all that the program imports, which needs few packages, as it is."""

import ast
import sys

from fewshot.predictor.travelling import copy_program, travelling_modules
from fewshot.study.digests import LIBRARY

SCRIPTS = LIBRARY.parent


def imports(node):
    """Top packages that statements below a node import, without those in functions in it."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Import):
            yield from (alias.name.split(".")[0] for alias in child.names)
        elif isinstance(child, ast.ImportFrom):
            yield (child.module or "").split(".")[0]
        elif not isinstance(child, ast.FunctionDef):
            yield from imports(child)


def test_they_need_the_standard_library_numpy_pillow_and_h5py_alone():
    modules = travelling_modules()
    assert len(modules) > 20
    allowed = {*sys.stdlib_module_names, "fewshot", "numpy", "PIL", "h5py"}
    for module in modules:
        tree = ast.parse((SCRIPTS / module).read_bytes())
        assert {*imports(tree)} <= allowed, module
        inside = {
            name
            for node in ast.walk(tree)
            if isinstance(node, ast.FunctionDef)
            for name in imports(node)
        }
        assert inside <= {*allowed, "keras", "keras_hub"}, module


def test_they_are_of_the_ground_the_data_the_files_of_weights_and_this_room():
    rooms = {module.parts[1] for module in travelling_modules() if len(module.parts) == 3}
    assert rooms == {"data", "backbone", "predictor"}
    backbone = {m.name for m in travelling_modules() if m.parts[1] == "backbone"}
    assert backbone == {"__init__.py", "weight_files.py"}
    # What makes a predictor stays at home.
    names = {module.name for module in travelling_modules()}
    assert not names & {"pictures.py", "travelling.py", "predict.py"}


def test_the_program_and_its_modules_are_copied_as_they_are(tmp_path):
    copy_program(tmp_path)
    copied = {path.relative_to(tmp_path) for path in tmp_path.rglob("*") if path.is_file()}
    assert {path.as_posix() for path in copied - {*travelling_modules()}} == {"predict.py"}
    for module in travelling_modules():
        assert (tmp_path / module).read_bytes() == (SCRIPTS / module).read_bytes()
    program = LIBRARY / "predictor/predict.py"
    assert (tmp_path / "predict.py").read_bytes() == program.read_bytes()
