"""What a long stage says of itself, into a file and on a terminal."""

import os
import re
import subprocess
import sys

import pytest

from fewshot import progress
from fewshot.progress import Progress

RUN = "from fewshot.progress import Progress; print(*Progress(4, 'images').over('abcd'))"


@pytest.fixture
def clock(monkeypatch):
    """A clock that stands still until it is told to go on."""

    class Clock:
        now = 100.0

        def monotonic(self):
            return self.now

    clock = Clock()
    monkeypatch.setattr(progress, "time", clock)
    return clock


def test_a_line_says_done_total_rate_and_time_left(clock, capsys):
    told = Progress(1000, "images")
    clock.now += 20
    told.advance(250)
    assert capsys.readouterr().out == "250/1000 images, 12.5 images/s, 60 s left\n"


def test_no_more_than_a_line_in_ten_seconds_and_one_at_the_end(clock, capsys):
    told = Progress(41, "images")
    for _ in range(41):
        clock.now += 1
        told.advance()
    lines = capsys.readouterr().out.splitlines()
    assert [line.split("/")[0] for line in lines] == ["10", "20", "30", "40", "41"]
    assert lines[-1] == "41/41 images, 1 images/s, 0 s left"


def test_another_stream_receives_the_lines(clock, capsys):
    told = Progress(2, "images", stream=sys.stderr)
    clock.now += 1
    told.advance(2)
    assert capsys.readouterr() == ("", "2/2 images, 2 images/s, 0 s left\n")


def test_what_is_slow_has_digits_and_hours(clock, capsys):
    told = Progress(5, "repeats")
    clock.now += 3600
    told.advance()
    assert capsys.readouterr().out == "1/5 repeats, 0.000278 repeats/s, 4 h 0 min left\n"


def test_bytes_are_told_in_larger_units_with_and_without_a_total(clock, capsys):
    for total in (400_000_000, None):
        told = Progress(total, "MB", size=10**6)
        clock.now += 10
        told.advance(50_000_000)
    assert capsys.readouterr().out == "50/400 MB, 5 MB/s, 70 s left\n50 MB, 5 MB/s\n"


def test_a_thing_counts_when_the_next_is_asked_for(clock, capsys):
    things = Progress(2, "images").over("ab")
    clock.now += 10
    assert next(things) == "a"
    assert capsys.readouterr().out == ""
    assert next(things) == "b"
    assert capsys.readouterr().out.startswith("1/2 ")
    assert list(things) == []
    assert capsys.readouterr().out.startswith("2/2 ")


def shown(stdout):
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    subprocess.run([sys.executable, "-c", RUN], stdout=stdout, env=environment, check=True)


def test_a_file_gets_no_control_characters(tmp_path):
    with open(tmp_path / "log", "wb") as file:
        shown(file)
    assert re.fullmatch(
        r"4/4 images, \S+ images/s, 0 s left\na b c d\n", (tmp_path / "log").read_text()
    )


def test_a_terminal_gets_a_bar(tmp_path):
    terminal, its_end = os.openpty()
    shown(its_end)
    text = os.read(terminal, 10_000).decode()
    os.close(its_end)
    os.close(terminal)
    assert re.fullmatch(
        r"\r\[#{30}\] 4/4 images, \S+ images/s, 0 s left\x1b\[K\r\na b c d\r\n", text
    )
