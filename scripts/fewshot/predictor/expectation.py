"""How many images lie above a probability, and how many of these are to be expected right."""


def expected_text(trust, least, named, above):
    """Say how many images reach a probability, and how accurate such names were when measured.

    Parameters
    ----------
    trust : list of dict
        Rows of the description: accuracy of test images from a probability on.
    least : float
        The probability.
    named, above : int
        Images, and how many of them reach it.

    Returns
    -------
    str
    """
    part = f" ({_percent(above / named)})" if named else ""
    text = f"Images named with {least:g} or more: {above:,} of {named:,}{part}."
    text = text if least else f"Images named: {named:,}."
    # The row at the probability, or the next below: what lies higher is right no less often.
    rows = [row for row in trust if row["above"] <= least and row.get("accuracy") is not None]
    if not rows:
        return f"{text} How often such names are right was not measured."
    row = max(rows, key=lambda row: row["above"])
    ends = [row.get("low"), row.get("high")]
    interval = "" if None in ends else f" [{100 * ends[0]:.0f}, {100 * ends[1]:.0f}]"
    such = f"test images named with {row['above']:g} or more" if row["above"] else "all test images"
    return (
        f"{text} Of {such} {_percent(row['accuracy'])}{interval} were right. Expect that of new "
        "images of the same classes and kind, and less of others."
    )


def _percent(part):
    return f"{100 * part:.0f} %"
