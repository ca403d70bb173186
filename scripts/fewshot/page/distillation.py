"""What students learned from their teachers, in sentences for the report."""

from fewshot.figures.claims import Estimate, listed, percent, told

_TAUGHT_ON = {"pool": "over the pool", "training": "over the student's own images"}


def distilled(lifts):
    """Say how many students gain, apart for each kind of images that the teacher speaks on.

    Parameters
    ----------
    lifts : pandas.DataFrame
        Rows of one dataset, with the columns
        `fewshot.results.distillation.DISTILLATION_COLUMNS`. A row of kind "labelled" is the
        student's layer with as many labels as the teacher had.

    Returns
    -------
    list of str
        A text for each value of ``transfer``.
    """
    return [_transferred(place, rows, lifts) for place, rows in _students(lifts)]


def _students(lifts):
    return lifts[lifts["kind"] == "distilled"].groupby("transfer", sort=False)


def _transferred(place, rows, lifts):
    """Count the pairs of student and temperature by what their interval allows to say."""
    sides = [("gains", rows[rows["lift_low"] > 0]), ("loses", rows[rows["lift_high"] < 0])]
    parts = [
        f"{len(some)} of {len(rows)} pairs of student and temperature "
        f"{word if len(some) == 1 else word[:-1]}, {_range(some['lift_mean'])}"
        for word, some in sides
        if len(some)
    ]
    if not parts:
        parts = [f"none of {len(rows)} pairs of student and temperature can be told from zero"]
    elif unclear := len(rows) - sum(len(some) for _, some in sides):
        parts.append(f"{unclear} can't be told from zero")
    text = f"Taught {_TAUGHT_ON[place]}, {listed(parts)}"
    if rows["lift_low"].isna().all():
        lifted = _range(rows["lift_mean"])
        text = f"Taught {_TAUGHT_ON[place]}, students change by {lifted}, of one draw"
    most = rows.groupby("temperature")["lift_mean"].mean().idxmax()
    gained = len(sides[0][1]) > 0
    if gained and rows["temperature"].nunique() > 1:
        text += f"; the mean lift is largest at T {most}"
    best = rows[rows["temperature"] == most]
    return f"{text}.{_beside_labels(best, lifts, place) if gained else ''}"


def _beside_labels(best, lifts, place):
    """Hold the students of one T against their own layer with the labels of the teacher."""
    labelled = lifts[(lifts["kind"] == "labelled") & (lifts["transfer"] == place)]
    keys = ["backbone", "layer", "head", "teacher_shots"]
    temperature, text = best["temperature"].iloc[0], ""
    for key, rows in labelled.groupby(keys, sort=False):
        students = best[(best[keys] == list(key)).all(axis=1)]
        if len(students):
            lifted = [
                f"{told(_estimate(row, 'over_labelled'))} ({row['shots']}-shot)"
                for _, row in students.iterrows()
            ]
            text += (
                f" As many labels as the teacher had, given to {key[1]} of {key[0]} itself, reach "
                f"{percent(_estimate(rows.iloc[0], 'accuracy'))}; the students at T "
                f"{temperature} less that: {listed(lifted)}."
            )
    return text


def _estimate(row, name):
    return Estimate(*(100 * float(row[f"{name}_{part}"]) for part in ("mean", "low", "high")))


def _range(lifts):
    low, high = 100 * lifts.min(), 100 * lifts.max()
    return f"{low:+.1f} points" if low == high else f"{low:+.1f} to {high:+.1f} points"
