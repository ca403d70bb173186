"""What decides a dataset's pool and draws: how many images, and which of them are tested."""

from fewshot.study.grid import points

REST, OFFICIAL = "rest", "official"


def least_tested(test):
    """Give the images of a class that its test takes from those asked for, at least.

    Parameters
    ----------
    test : int, "rest" or "official"
        Draws' key of that name; the part test of an official split is read beside what is asked for.

    Returns
    -------
    int

    Examples
    --------
    >>> least_tested(8), least_tested("rest"), least_tested("official")
    (8, 1, 0)
    """
    return {REST: 1, OFFICIAL: 0}.get(test, test)


def largest_shots(study, dataset):
    """Find the most training images a class that any head on a dataset is trained on.

    Parameters
    ----------
    study : dict
        From `fewshot.study.read.read_study`.
    dataset : str

    Returns
    -------
    int
        Also of the teachers of a distillation. 1 where no head is trained.
    """
    return max((point.shots for point in points(study) if point.dataset == dataset), default=1)


def pool_arguments(study, dataset):
    """Give what `fewshot.data.pool.draw_pool` takes.

    Parameters
    ----------
    study : dict
    dataset : str

    Returns
    -------
    dict
        Where all images are read, a class must have those that are trained and tested on.
    """
    draws = study["draws"]
    test, count = draws["test"], draws["images_per_class"]
    needed = largest_shots(study, dataset) + least_tested(test)
    return {
        "images_per_class": count,
        "exclude": study["datasets"][dataset]["exclude"],
        "seed": draws["seed"],
        "least": needed if count == "all" else count,
        "official": test == OFFICIAL,
        "skip_small": draws["skip_small_classes"],
    }


def draw_arguments(study, dataset):
    """Give what `fewshot.data.draws.draw_repeats` takes.

    Parameters
    ----------
    study : dict
    dataset : str

    Returns
    -------
    dict
        A number of test images leaves draws as they are whatever the shots.
    """
    draws = study["draws"]
    is_counted = draws["test"] not in (REST, OFFICIAL)
    return {
        **{key: draws[key] for key in ("test", "test_at_most", "repeats", "seed")},
        "shots": 1 if is_counted else largest_shots(study, dataset),
    }
