"""Keras is imported without packages that stay importable."""

import os
import subprocess
import sys

PROGRAM = """
import sys
from fewshot.backbone.lean_keras import import_keras
keras = import_keras()
print(*sorted({"matplotlib", "pandas", "sklearn"} & {*sys.modules}))
model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(2)])
print(model(keras.ops.ones((1, 3))).shape)
import pandas, sklearn.linear_model
print(pandas.DataFrame({"a": [1]}).to_numpy().shape)
assert import_keras() is keras
assert sys.modules["pandas"] is pandas
"""


def test_it_takes_none_of_them_along_and_hinders_no_later_import():
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == ["", "(1, 2)", "(1, 1)"]
