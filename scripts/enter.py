"""What the job of every rule enters through: the script that is named like the rule."""

import importlib

from fewshot.imports import uncollected
from fewshot.job import job

# Processes that a script starts import this file, too.
if __name__ == "__main__":
    with job(snakemake.log[0], snakemake.threads):
        with uncollected():
            script = importlib.import_module(snakemake.rule)
        script.main(snakemake)
