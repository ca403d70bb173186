"""Test accuracy against the block of a network that a head reads, and what each block costs."""

from fewshot.figures.accuracy import Axis, Line, best_point, draw_accuracy, say_drawn
from fewshot.figures.strips import Strip
from fewshot.figures.words import paragraphs, percent, told
from fewshot.point import FACTORS
from fewshot.results.tables import take_points
from fewshot.study.sweeps import DEPTH, sweeps

_MOST_TICKS = 24
_COST = (
    "Seconds are of the forward pass over all images, which the blocks of a line share, of "
    "compaction, and of training in all repeats; a new image needs only the blocks up to the one "
    "that is read."
)


def draw(figure, study):
    """Draw test accuracy against block, and below it numbers an image and seconds.

    Networks with different blocks get a panel each. Parameters and result are those of
    `fewshot.figures.against_shots.draw`.
    """
    rows = take_points({row.point: row for row in study.depth}, figure.points)
    lines = [
        Line([rows[point].block for point in points], points, name)
        for name, points in sweeps(figure.points).items()
    ]
    strips = (
        Strip(
            "numbers\nan image",
            {point: row.numbers for point, row in rows.items()},
            lambda numbers: f"{numbers:,} numbers an image",
        ),
        Strip(
            "seconds",
            {point: row.seconds for point, row in rows.items()},
            lambda seconds: f"{seconds:.3g} s",
            {point: row.extraction_seconds for point, row in rows.items()},
            "forward pass",
        ),
    )
    axis = Axis("block", "block, from the image on", _scale)
    drawn = draw_accuracy(figure, study, lines, axis, strips)
    return drawn, _tell(figure, study, [line.points for line in lines])


def _scale(axes, blocks):
    """Number the blocks from 1 on, as many as there is room for: see `Axis`."""
    last = blocks[-1]
    step = -(-last // _MOST_TICKS)
    axes.minorticks_off()
    axes.set_xticks(sorted({1, *range(step, last + 1, step)}))
    axes.set_xlim(0.5, last + 0.5)
    return {block: block for block in blocks}


def say_depth(study, line):
    """Say which block of a sweep is best, and what it gains over the last.

    Parameters
    ----------
    study : fewshot.results.study_tables.StudyTables
    line : list of Point
        From the first block to the last.

    Returns
    -------
    str
    """
    best, last = best_point(study, line), line[-1]
    row = next(row for row in study.depth if row.point == best)
    accuracy = percent(study.summary[best], "test_accuracy")
    said = f"best block {best.layer}, {row.block} of {row.of_blocks}, {accuracy}"
    if best == last:
        return f"{said}; it is the last"
    gain = study.contrast(DEPTH, best, last)
    return f"{said}; less {last.layer} {told(gain)}" if gain else said


def _tell(figure, study, lines):
    best = best_point(study, figure.points)
    line = next(line for line in lines if best in line)
    names = [factor for factor in FACTORS if factor != "layer"]
    judged = "; the difference is judged beside those of all other blocks" * (best != line[-1])
    finding = (
        f"Highest: {best.label(*names)}, {say_depth(study, line)}. It is chosen among the blocks on "
        f"the same test images{judged}."
    )
    return paragraphs(say_drawn(figure, study, "block"), _COST, finding)
