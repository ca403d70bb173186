"""Pieces that wait in a temporary file, so that memory does not grow with them."""

import tempfile


class Spool:
    """Keeps pieces until they are wanted, in any order. Its file has no name and ends with it."""

    def __init__(self):
        self._file = tempfile.TemporaryFile()  # noqa: SIM115 - closed in __exit__
        self._end = 0

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._file.close()

    def add(self, piece):
        """Keep a piece.

        Parameters
        ----------
        piece : bytes

        Returns
        -------
        tuple of (int, int)
            Where it lies, for `get`.
        """
        self._file.seek(self._end)
        self._file.write(piece)
        start, self._end = self._end, self._end + len(piece)
        return start, len(piece)

    def get(self, place):
        """Give a piece back.

        Parameters
        ----------
        place : tuple of (int, int)

        Returns
        -------
        bytes
        """
        start, length = place
        self._file.seek(start)
        return self._file.read(length)
