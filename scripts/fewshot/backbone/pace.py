"""What each part of an extraction could do alone, and which one the others wait for."""


def pace(images, **seconds):
    """Say how many images a second each part could reach, and which is the slowest.

    Parameters
    ----------
    images : int
    **seconds : float
        That each part was busy with them, by its name; 0 where that is not known yet.

    Returns
    -------
    str

    Examples
    --------
    >>> pace(120, decoding=0.5, network=10.0, disk=1.2)
    'alone decoding reaches 240, network 12, disk 100 images/s: all wait for network'
    """
    rates = {part: images / busy for part, busy in seconds.items() if busy}
    reached = [
        f"{part} {'reaches ' * (not number)}{rate:{'.0f' if rate >= 100 else '.3g'}}"
        for number, (part, rate) in enumerate(rates.items())
    ]
    return f"alone {', '.join(reached)} images/s: all wait for {min(rates, key=rates.get)}"
