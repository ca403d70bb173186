# Run: what is asked of Slurm first, what is printed meanwhile and at the end. No rules.

import atexit
import json
import shlex
import subprocess
import sys
from itertools import chain

from fewshot.names import first_few
from fewshot.study.slurm_check import refusals
from snakemake.logging import logger
from snakemake.settings.enums import Quietness

# Snakemake puts this path into shell commands as it is, also one with spaces (its issue 2645).
sys.executable = shlex.quote(sys.executable)


def answers():
    """Read what the study found, in a few lines; nothing where the text is gone."""
    path = Path(REPORT, "answers.txt")
    return path.read_text(encoding="utf-8") if path.exists() else ""


def how_to_predict():
    """Say how the predictors that are there name images, in a line; nothing where there are none."""
    names = [name for name, path in zip(PREDICTORS, DESCRIPTIONS) if os.path.exists(path)]
    if not names:
        return ""
    name = names[0] if len(names) == 1 else "<name>"
    of_which = f" (<name>: {first_few(names)})" * (len(names) > 1)
    program = f"python {TAKEN_AWAY}/{name}/{PREDICTOR_FILES['program']} <images>"
    return f"Name the classes of new images: {program}{of_which}\n"


def tell():
    """Say what was found and which file to open or, of a run that was to end with them, what images."""
    is_run = workflow.executor_plugin and not workflow.dryrun and workflow.dag is not None
    if is_run and not any(workflow.dag.needrun_jobs()):
        if any(PAGE in job.output for job in workflow.dag.jobs) and os.path.exists(PAGE):
            print(f"{answers()}{how_to_predict()}Open {PAGE}", file=sys.stderr)
        elif not {"scan", "pool", "draw"}.isdisjoint(workflow.dag_settings.until):
            quiet = os.environ | {"TF_CPP_MIN_LOG_LEVEL": "3"}
            command = f"{sys.executable} -m fewshot.page.overview"
            subprocess.run(command, shell=True, env=quiet, input=json.dumps(STUDY), text=True)


# At the very end, below what Snakemake prints after `onsuccess`, and where nothing was to be done.
if workflow.is_main_process and Quietness.ALL not in (workflow.output_settings.quiet or ()):
    atexit.register(tell)


onstart:
    dag = workflow.dag
    try:
        files = chain.from_iterable((*job.output, *job.log) for job in dag.needrun_jobs())
        check_writable(*sorted({os.path.dirname(path) for path in files}))
    except InputError as error:
        raise WorkflowError(str(error)) from None
    if workflow.executor_plugin.name == "slurm":
        sent = dict.fromkeys(dag.get_job_group(job) or job for job in dag.needrun_jobs())
        if refused := refusals(sent):
            raise WorkflowError("\n".join(refused))
    elif workflow.local_exec and workflow.is_main_process:
        # Cores limit how many jobs start here. The limit a second costs more with each job: after
        # every look at what is ready Snakemake takes another one a second later, for ever.
        workflow.scheduler.job_rate_limiter = None
        # With --verbose Snakemake's own pages.
        if not workflow.output_settings.verbose:
            from fewshot.study.run_output import shorten

            shorten(logger, workflow.output_settings, dag.stats()[1])
