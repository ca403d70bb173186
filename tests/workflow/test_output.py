"""What a user sees of a run: bars in a terminal, short lines elsewhere, at the end what was found."""

import os
import pty
import re
import subprocess
import sys

import pytest
from projects import run_study

OPEN = "Open reports/tiny/report.html"
PLACE = "results/shapes/small/block5_pool/T1"
HEAD = f"{PLACE}/1-shot/ridge"
# What Snakemake prints of each job by itself.
PAGE = ("rule train_head:", "rule report:", "resources:", "reason:", "Finished jobid")


def in_terminal(project, *arguments):
    """Run the study in a terminal of 100 x 40 and return the exit status and what it is sent."""
    main, terminal = pty.openpty()
    process = subprocess.Popen(
        [
            *(sys.executable, "-m", "snakemake", "--configfile", "study.yaml"),
            *("--cores", "2", *arguments),
        ],
        cwd=project,
        env=os.environ | {"TERM": "xterm", "COLUMNS": "100", "LINES": "40"},
        stdin=terminal,
        stdout=terminal,
        stderr=terminal,
    )
    os.close(terminal)
    sent = b""
    # Linux ends the reading of a terminal that everybody has left with an error.
    try:
        while some := os.read(main, 65536):
            sent += some
    except OSError:
        pass
    os.close(main)
    return process.wait(), sent.decode()


def ending(project):
    """What a run ends with: the answers of the study, and which file to open."""
    answers = (project / "reports/tiny/answers.txt").read_text(encoding="utf-8").splitlines()
    assert 2 < len(answers) <= 10
    assert max(map(len, answers)) <= 100
    assert answers[0].startswith("shapes: ")
    assert any(line.startswith("  Take ") for line in answers)
    return [*answers, OPEN]


def last_lines(printed, count):
    """Return the last lines, without what moves the cursor or sets colours."""
    return re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", printed).rstrip().splitlines()[-count:]


def damage(project):
    """Cut off a file that heads read, which keeps its date."""
    path = project / f"{PLACE}/coordinates.h5"
    date = path.stat().st_mtime
    path.write_bytes(path.read_bytes()[:3000])
    os.utime(path, (date, date))


@pytest.fixture
def failing(project):
    damage(project)
    return project, (f"{HEAD}.csv", "--forcerun", "train_head")


def test_a_pipe_gets_a_line_a_job_and_what_was_found_last(project):
    done = run_study(project, "--forcerun", "report")
    assert done.returncode == 0, done.stdout
    lines = done.stdout.splitlines()
    assert [
        line.split()[4:] for line in lines if re.match(r"\[\d of 2\] \d\d:\d\d:\d\d ", line)
    ] == [
        ["report", "reports/tiny/report.html"],
        ["all"],
    ]
    expected = ending(project)
    assert lines[-len(expected) :] == expected
    assert not [text for text in (*PAGE, "\x1b") if text in done.stdout]


def test_a_terminal_gets_bars_and_what_was_found_last(project):
    status, sent = in_terminal(project, "--forcerun", "report")
    assert status == 0, sent
    assert "Total Progress" in sent
    assert not [text for text in (*PAGE, "[1 of 2]") if text in sent]
    expected = ending(project)
    assert last_lines(sent, len(expected)) == expected
    # The cursor is there again.
    assert sent.rfind("\x1b[?25h") >= sent.rfind("\x1b[?25l")


@pytest.mark.slow
def test_the_page_is_named_where_it_is_up_to_date_and_only_where_it_was_asked_for(project):
    expected = ending(project)
    assert last_lines(run_study(project).stdout, len(expected)) == expected
    # Where the answers are gone the page is still named.
    (project / "reports/tiny/answers.txt").unlink()
    assert last_lines(run_study(project, "reports/tiny/report.html").stdout, 1) == [OPEN]
    for arguments in (["--dry-run"], ["results/shapes/pool.csv"]):
        assert OPEN not in run_study(project, *arguments).stdout


def test_a_failed_job_tells_its_message_once_and_its_log_in_a_pipe(failing):
    project, arguments = failing
    done = run_study(project, *arguments)
    assert done.returncode != 0
    check_failure(done.stdout)


def test_a_failed_job_tells_its_message_once_and_its_log_in_a_terminal(failing):
    project, arguments = failing
    status, sent = in_terminal(project, *arguments)
    assert status != 0
    check_failure(re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", sent).replace("\r", ""))


def check_failure(printed):
    message = "Error: A file of the workflow must be as it was written. Received: "
    assert printed.count(message) == 1, printed
    assert f"train_head {HEAD}.csv failed:\n{message}" in printed
    assert f"then run again.\nLog: {HEAD}.log\n" in printed
    assert not [
        text for text in (*PAGE, "Traceback", "CalledProcessError", OPEN) if text in printed
    ]
