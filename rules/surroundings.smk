# Where files of the project are, and what jobs inherit of the machine they run on. No rules.
import os
import sys
from glob import glob
from pathlib import Path

SCRIPTS = Path(workflow.basedir, "scripts")
sys.path.insert(0, str(SCRIPTS))

from fewshot.errors import InputError
from fewshot.surroundings import check_writable, job_environment
from fewshot.task import preamble
from snakemake.exceptions import WorkflowError
from snakemake.iocontainers import Namedlist
from snakemake.script import PythonScript

# Snakemake takes these for wildcards in every path, also of rules that it doesn't run.
if not {*"{}<>"}.isdisjoint(workflow.basedir):
    raise WorkflowError(
        "The path of the project must hold none of { } < >. "
        f"Received: {workflow.basedir}. Hint: move or rename the folder."
    )
try:
    surroundings = job_environment(os.environ, SCRIPTS)
    # Snakemake writes in its own even where it only looks, and can't look where a file is in the way.
    check_writable(".snakemake", *glob(".snakemake/*/"))
    check_writable(*filter(os.path.isfile, ("results", "reports", "predictors")))
except InputError as error:
    raise WorkflowError(str(error)) from None
os.environ.clear()
os.environ.update(surroundings)


def own_file(path):
    """Path of a file of the project from the folder that Snakemake runs in, most often the project's."""
    return os.path.relpath(Path(workflow.basedir, path))


def told(script):
    """What stands before a script in its job."""
    kinds = {"input": script.input, "output": script.output}
    kinds |= {"params": script.params, "resources": script.resources}
    # Several files of one name are a list of a class of Snakemake's.
    named = {
        kind: {
            name: [*each] if isinstance(each, Namedlist) else each for name, each in items.items()
        }
        for kind, items in kinds.items()
    }
    plain = {"rule": script.rulename, "threads": script.threads, "log": [*script.log]}
    return preamble(SCRIPTS / "enter.py", named, **plain)


PythonScript.get_preamble = told
