"""Lines of a run: numbered jobs, why one failed, and nothing else about jobs."""

import io
import logging

import pytest
from snakemake_interface_logger_plugins.common import LogEvent

from fewshot.study.run_output import JobLines, failure

MESSAGE = "Error: A file must be there. Received: a.h5. Hint: run again."


def record(event=None, text="", **fields):
    level, names = logging.INFO, {"rule_name": "train_head", "output": ["a.csv", "b.csv"]}
    return logging.makeLogRecord({"msg": text, "levelno": level, "event": event, **names, **fields})


def printed(*records):
    stream = io.StringIO()
    lines = JobLines(stream, 3)
    for each in records:
        lines.handle(each)
    return stream.getvalue().splitlines()


def test_a_job_is_a_line_with_its_number_which_a_second_try_keeps():
    jobs = [record(LogEvent.JOB_INFO, jobid=jobid, output=[f"{jobid}.csv"]) for jobid in (7, 4, 7)]
    words = [line.split() for line in printed(*jobs)]
    assert [" ".join(line[:3]) for line in words] == ["[1 of 3]", "[2 of 3]", "[1 of 3]"]
    assert [line[4:] for line in words] == [
        ["train_head", "7.csv"],
        ["train_head", "4.csv"],
        ["train_head", "7.csv"],
    ]


def test_what_says_no_more_than_that_is_left_out():
    command = "RuleException:\nCalledProcessError in file x:\nCommand 'set -e;\n python x'"
    left_out = (
        record(LogEvent.JOB_FINISHED, "Finished jobid: 7 (Rule: train_head)"),
        record(LogEvent.PROGRESS, done=1, total=3),
        record(text="Select jobs to execute..."),
        record(text="Execute 2 jobs..."),
        record(LogEvent.ERROR, f"{command} returned non-zero exit status 1."),
        record(LogEvent.ERROR, f"{command} died with <Signals.SIGINT: 2>."),
    )
    killed = f"{command} died with <Signals.SIGKILL: 9>."
    shown = (record(LogEvent.ERROR, killed), record(text="Nothing to be done."))
    assert printed(*left_out, *shown) == [*killed.splitlines(), "Nothing to be done."]


@pytest.mark.parametrize(
    ("log", "told"),
    [
        (f"Error: an earlier one\nepoch 1\n{MESSAGE}\n", [MESSAGE]),
        (f"epoch 1\n{MESSAGE}\nand its second line\n", [MESSAGE, "and its second line"]),
        ("".join(f"{line}\n" for line in range(30)), [str(line) for line in range(10, 30)]),
        ("Traceback\n  File\n\nKeyboardInterrupt\n", ["KeyboardInterrupt"]),
        ("", []),
    ],
)
def test_a_failed_job_is_named_with_the_end_of_its_log(tmp_path, log, told):
    path = tmp_path / "a.log"
    path.write_text(log)
    lines = failure(record(LogEvent.JOB_ERROR, log=[str(path)])).splitlines()
    assert lines == ["train_head a.csv failed:", *told, f"Log: {path}"]


def test_a_failed_job_without_files_is_named_by_its_rule():
    assert failure(record(LogEvent.JOB_ERROR, log=[], output=[])) == "train_head failed:"
    absent = failure(record(LogEvent.JOB_ERROR, log=["absent.log"]))
    assert absent == "train_head a.csv failed:\nLog: absent.log"
