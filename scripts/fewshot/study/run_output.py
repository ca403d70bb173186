"""What is seen of a run on this machine: bars in a terminal, elsewhere a line a job.

Snakemake itself prints a page of every job. That goes on in its log, in .snakemake/log.
"""

import logging
import os
import re
import time
from pathlib import Path

from rich.text import Text
from snakemake_interface_logger_plugins.common import LogEvent
from snakemake_logger_plugin_rich import LogHandler

from fewshot.job import ERROR

# How many lines are shown of a log that ends without a message of ours.
_TAIL = 20
# Rows of the frame around the bars.
_FRAME = 2
# The last line of a script's log that Ctrl-C has ended.
_STOPPED = "KeyboardInterrupt"
_UNSEEN_EVENTS = {LogEvent.JOB_STARTED, LogEvent.JOB_FINISHED, LogEvent.PROGRESS}
# Scripts say in their logs why they end with status 1, and Ctrl-C needs no explanation.
_UNSEEN_TEXT = re.compile(
    r"Select jobs to execute|Execute \d+ jobs"
    r"|RuleException:\nCalledProcessError(?s:.*)(status 1|<Signals.SIGINT: 2>)\.$"
)


class JobLines(logging.StreamHandler):
    """Writes a line for each job when it starts, and why one failed.

    Parameters
    ----------
    stream : file
    jobs : int
        How many there are to do.
    """

    def __init__(self, stream, jobs):
        super().__init__(stream)
        self._jobs = jobs
        self._numbers = {}

    def filter(self, record):
        """Leave out the end of jobs, which the start of others tells."""
        is_seen = _event(record) not in _UNSEEN_EVENTS and not _is_unseen_text(record)
        return is_seen and super().filter(record)

    def format(self, record):
        """Return a record's line or lines."""
        if _event(record) == LogEvent.JOB_INFO:
            number = self._numbers.setdefault(record.jobid, len(self._numbers) + 1)
            return f"[{number} of {self._jobs}] {time.strftime('%H:%M:%S')} {_name(record)}"
        return failure(record) if _event(record) == LogEvent.JOB_ERROR else record.getMessage()


class JobBars(LogHandler):
    """Draws a bar for each rule, and prints above them why a job failed.

    Parameters
    ----------
    settings : snakemake.settings.types.OutputSettings
    stats : dict of str to int
        How many jobs of each rule there are to do, and their "total".
    """

    def __init__(self, settings, stats):
        super().__init__(settings, None)
        # Snakemake has printed the table of jobs already.
        self.console.quiet = True
        super().emit(logging.makeLogRecord({"event": LogEvent.RUN_INFO, "stats": stats}))
        self.console.quiet = False
        # The plugin takes each new bar for a running job.
        for bar in self.progress.task_ids:
            self.progress.update(bar, active=0)

    def emit(self, record):
        """Show a record."""
        if _event(record) == LogEvent.JOB_ERROR:
            self.console.print(Text(failure(record), style="red"), soft_wrap=True)
        elif not _is_unseen_text(record):
            super().emit(record)
            self._fit()

    def _fit(self):
        """Take rules that are done out of a window too low for all bars."""
        bars = [bar for bar in self.progress.tasks if bar.visible]
        excess = max(0, len(bars) + _FRAME - self.console.height)
        for bar in [bar for bar in bars if bar.finished][:excess]:
            self.progress.update(bar.id, visible=False)


def shorten(logger, settings, stats):
    """Put bars or lines in the place of what Snakemake prints, unless its user chose a logger.

    Parameters
    ----------
    logger : logging.Logger
        That of Snakemake, which has logged nothing about jobs yet.
    settings : snakemake.settings.types.OutputSettings
    stats : dict of str to int
        How many jobs of each rule there are to do, and their "total".
    """
    for handler in list(logger.handlers):
        if handler.name == "DefaultStreamHandler":
            shown = _is_terminal(handler.stream)
            short = JobBars(settings, stats) if shown else JobLines(handler.stream, stats["total"])
            # What --quiet and --verbose say.
            for each in handler.filters:
                short.addFilter(each)
            logger.removeHandler(handler)
            logger.addHandler(short)


def failure(record):
    """Say which job failed, why, and where the rest of its log is.

    Parameters
    ----------
    record : logging.LogRecord
        Of the event JOB_ERROR.

    Returns
    -------
    str
        Its end: from its last message on or, without one, some lines.
    """
    lines = []
    for log in filter(Path.is_file, map(Path, record.log)):
        lines += log.read_text(encoding="utf-8", errors="replace").rstrip().splitlines()
    last = [number for number, line in enumerate(lines) if line.startswith((ERROR, _STOPPED))]
    told = lines[last[-1] :] if last else lines[-_TAIL:]
    return "\n".join([f"{_name(record)} failed:", *told, *(f"Log: {log}" for log in record.log)])


def _event(record):
    return getattr(record, "event", None)


def _is_unseen_text(record):
    return _UNSEEN_TEXT.match(record.getMessage()) is not None


def _name(record):
    """Name a job by its rule and its first file."""
    return " ".join([record.rule_name, *record.output[:1]])


def _is_terminal(stream):
    return stream.isatty() and os.environ.get("TERM") != "dumb"
