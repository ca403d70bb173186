"""What a job is told comes as its rule has it, and without Snakemake."""

import subprocess
import sys
from pathlib import Path

from fewshot.task import preamble

NAMES = {"input": {"draws": 'it\'s "odd" {x}\n文字.csv', "index": ["a", "b"]}, "params": {}}
ASKED = (
    "print([snakemake.input.draws, snakemake.input.index, snakemake.params.get('none', 7),"
    " snakemake.threads, snakemake.log, __file__])\n"
    "print([name for name in sys.modules if name.startswith('snakemake')])\n"
)


def test_a_script_has_what_its_rule_names_and_nothing_of_snakemake(tmp_path):
    path = Path(__file__).parents[3] / "scripts/enter.py"
    script = tmp_path / "script.py"
    script.write_text(preamble(path, NAMES, threads=3, log=["x.log"]) + ASKED, encoding="utf-8")
    command = [sys.executable, str(script)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=tmp_path)
    told, modules = done.stdout.splitlines()
    assert told == str([*NAMES["input"].values(), 7, 3, ["x.log"], str(path)])
    assert modules == "[]"
