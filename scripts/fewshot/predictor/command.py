"""The command of a predictor: images in, a table out, and what could not be read."""

import logging
import os
import signal
import sys
import warnings
from contextlib import ExitStack, contextmanager

import numpy as np

from fewshot.errors import InputError, first_line, input_error
from fewshot.files import whole_file
from fewshot.names import first_few, shown
from fewshot.predictor.contact_sheet import tile, write_sheet
from fewshot.predictor.expectation import expected_text
from fewshot.predictor.least_sure import Candidate, least_sure
from fewshot.predictor.listing import list_images
from fewshot.predictor.loading import load_predictor
from fewshot.predictor.naming import header_line, name_image, row_line
from fewshot.predictor.options import read_options
from fewshot.predictor.reading import Wanted, read_batches
from fewshot.predictor.spool import Spool
from fewshot.progress import Progress

_SOME_UNREAD, _REFUSED = 1, 2
_STOPPED = 128  # and the number of the signal, as shells have it
_CLOSED = _STOPPED + 13  # SIGPIPE
_FEW = 8  # for fewer images the check would take more batches than the images do
_PLACE = "see to the disk and its room, that of temporary files (TMPDIR) too"


class _Stopped(BaseException):
    """A signal came; what is open is closed and removed on its way up."""


def main(folder, words=None):
    """Run the command.

    Parameters
    ----------
    folder : Path
        Of the predictor.
    words : list of str, default those of the process

    Returns
    -------
    int
        Status of the process: 0; 1 where images could not be read, and all others are named; 2
        where nothing could be done; 128 and the number of the signal that stopped it.
    """
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _stop)
    # Of what is odd in images that other people made, nobody here can mend anything.
    warnings.filterwarnings("ignore", module="PIL")
    logging.getLogger("PIL").setLevel(logging.CRITICAL)
    try:
        return _run(folder, read_options(sys.argv[1:] if words is None else words, folder))
    except InputError as error:
        _say(str(error))
        return _REFUSED
    except BrokenPipeError:  # whoever read has enough
        _drop_output()
        return _CLOSED
    except OSError as error:
        _drop_output()
        _say(str(input_error("What is written must find its place", first_line(error), _PLACE)))
        return _REFUSED
    except _Stopped as stop:
        _say("Stopped. No file is half-written.")
        return _STOPPED + stop.args[0]


def _stop(number, frame):
    raise _Stopped(number)


def _drop_output():
    """Let what is still to be written be lost without a further error when the process ends."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _say(text):
    """Print a line for the person, whose terminal no name in it drives."""
    print(shown(text), file=sys.stderr, flush=True)


def _run(folder, options):
    listing = list_images(options.images, sys.stdin.buffer)
    if not listing.images:
        raise _no_images(listing)
    if listing.others:
        _say(f"{listing.others:,} files in folders are no images and are passed over")
    predictor = load_predictor(folder, min(options.batch_size, max(_FEW, len(listing.images))))
    unread = [*listing.refused]
    with ExitStack() as stack:
        spool = stack.enter_context(Spool())
        out = stack.enter_context(_output(options.output))
        named = _named_images(predictor, listing.images, options, unread)
        tiles, counts = _write_rows(named, predictor, options, spool, out)
        if options.html is not None:
            classes = predictor.description["classes"]
            write_sheet(options.html, predictor.description["name"], classes, tiles, spool)
    return _conclude(predictor, options, counts, unread)


def _no_images(listing):
    refused = [f"{path}: {reason}" for path, reason in listing.refused]
    found = first_few(refused, 3) or f"none, {listing.others:,} other files"
    hint = "give files of images, or folders that hold some"
    return input_error("There must be images to name", found, hint)


@contextmanager
def _output(path):
    """Give a file of bytes: one that is whole or not at all, or the standard output stream."""
    if path is None:
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
    else:
        with whole_file(path, digested=False) as partial, open(partial, "wb") as file:
            yield file


def _named_images(predictor, paths, options, unread):
    """Yield images and what the predictor says of them; put those that can't be read into a list.

    Yields
    ------
    tuple of (ReadImage, NamedImage)
    """
    description, framing = predictor.description, predictor.framing
    wanted = Wanted(
        framing,
        1e6 * description["max_megapixels"],
        hashes=options.least_sure is not None,
        thumbnails=options.html is not None,
    )
    least, size = options.min_probability or 0, options.batch_size
    # Rows and a bar on one terminal would run into each other.
    bar = None if _is_on_terminal(options) else sys.stderr
    progress = bar and Progress(len(paths), "images", stream=bar)
    for batch in read_batches(paths, wanted, size, _cores()):
        read = [image for image in batch if not image.reason]
        unread += [(image.path, image.reason) for image in batch if image.reason]
        if read:
            probabilities = predictor.predict(np.stack([image.pixels for image in read]))
            for image, row in zip(read, probabilities, strict=True):
                if np.isfinite(row).all():
                    yield image, name_image(image.path, row, description["classes"], least)
                else:
                    unread.append((image.path, "the network gives numbers that are not finite"))
        if progress:
            progress.advance(len(batch))


def _is_on_terminal(options):
    return options.output is None and sys.stdout.isatty()


def _cores():
    """Cores that the process may use, where the system tells it."""
    allowed = getattr(os, "sched_getaffinity", None)
    return len(allowed(0)) if allowed else os.cpu_count() or 1


def _write_rows(named, predictor, options, spool, out):
    """Write the table; return tiles for the contact sheet, and how many images are sure of all."""
    least, classes = options.min_probability or 0, predictor.description["classes"]
    written = shown if _is_on_terminal(options) else str
    out.write(header_line(classes if options.all else (), written))
    tiles, candidates, counts = [], [], [0, 0]
    for read, image in named:
        counts[0] += 1
        counts[1] += image.probability >= least
        row, shot = row_line(image, options.all, written), None
        if options.html is not None:
            shot = (image.place, image.probability, spool.add(tile(image, read.thumbnail)))
        if options.least_sure is None:
            out.write(row)
            tiles.append(shot)
        else:
            kept = (spool.add(row), shot)
            candidates.append(
                Candidate(read.path, image.probability, read.sha256, read.dhash, kept)
            )
    for chosen in least_sure(candidates, options.least_sure or 0):
        row, shot = chosen.kept
        out.write(spool.get(row))
        tiles.append(shot)
    return tiles, counts


def _conclude(predictor, options, counts, unread):
    """Say what is to be expected of the names, and what could not be read."""
    named, above = counts
    least, trust = options.min_probability or 0, predictor.description["trust"]
    _say(expected_text(trust, least, named, above))
    if not unread:
        return 0
    _say(f"{len(unread):,} could not be read:")
    for path, reason in unread:
        _say(f"  {path}: {reason}")
    return _SOME_UNREAD
