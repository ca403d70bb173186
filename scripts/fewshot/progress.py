"""How far a long stage is: lines in a log, a bar on a terminal."""

import sys
import time

_LINE_SECONDS = 10  # at least, between two lines
_BAR_SECONDS = 0.1
_BAR_WIDTH = 30


class Progress:
    """Print what is done of a stage, its rate and the time left.

    Into a file go whole lines, one in ten seconds at most and one at the end. On a terminal a bar
    is drawn over itself.

    Parameters
    ----------
    total : int or None
        Things to do; None where nobody knows.
    unit : str
        What they are called, in the plural.
    size : int, default 1
        How many things make a unit: 10**6 bytes a megabyte.
    stream : file of text, optional
        By default the standard output stream, as it is when something is printed.
    """

    def __init__(self, total, unit, size=1, stream=None):
        self._total, self._unit, self._size, self._stream = total, unit, size, stream
        self._done = 0
        self._start = self._told = time.monotonic()

    def advance(self, things=1, more=None):
        """Count things as done.

        Parameters
        ----------
        things : int, default 1
        more : callable, optional
            Gives what else a line is to say, where one is printed.
        """
        self._done += things
        stream = self._stream or sys.stdout
        is_terminal = stream.isatty()
        now, ends = time.monotonic(), self._done == self._total
        if ends or now - self._told >= (_BAR_SECONDS if is_terminal else _LINE_SECONDS):
            self._told = now
            text = self._text(now - self._start)
            text += f"; {more()}" if more else ""
            if is_terminal:
                # \033[K clears what a longer text has left.
                end = "\n" if ends else ""
                print(f"\r{self._bar()}{text}\033[K", end=end, file=stream, flush=True)
            else:
                print(text, file=stream, flush=True)

    def over(self, things):
        """Yield things, each of which counts as done when the next is asked for."""
        for thing in things:
            yield thing
            self.advance()

    def _text(self, seconds):
        done, rate = self._done / self._size, self._done / max(seconds, 1e-9)
        shown = rate / self._size
        pace = f"{self._unit}, {shown:{'.0f' if shown >= 100 else '.3g'}} {self._unit}/s"
        if self._total is None:
            return f"{done:.0f} {pace}"
        left = duration((self._total - self._done) / rate)
        return f"{done:.0f}/{self._total / self._size:.0f} {pace}, {left} left"

    def _bar(self):
        if self._total is None:
            return ""
        return f"[{'#' * (_BAR_WIDTH * self._done // self._total):{_BAR_WIDTH}}] "


def duration(seconds):
    """Say a time in words.

    Examples
    --------
    >>> [duration(seconds) for seconds in (0.4, 119, 3540, 12_345)]
    ['0 s', '119 s', '59 min', '3 h 26 min']
    """
    if seconds < 120:
        return f"{seconds:.0f} s"
    hours, minutes = divmod(round(seconds / 60), 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min"
