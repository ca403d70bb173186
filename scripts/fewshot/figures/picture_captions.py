"""What the pictures of a network's insides show, in sentences computed from what is drawn."""

from collections import Counter

import numpy as np

from fewshot.figures.claims import listed
from fewshot.figures.pictures import MOST_MAPS
from fewshot.names import shown

_EMPTY = 0.01  # of the largest weight of all filters
_NAMED = 2  # classes, where several have as many images


def feature_maps_caption(dataset, backbone, image, class_name, layers, maps):
    """Say which image is shown, which maps are dead, and how sparse they get with depth.

    Parameters
    ----------
    dataset, backbone, image, class_name : str
        Names, of the image its path.
    layers : list of str
    maps : list of ndarray of shape (height, width, channels)
        Outputs of each layer, of which the first are drawn.

    Returns
    -------
    str
    """
    maps = [each[..., :MOST_MAPS] for each in maps]
    drawn = (
        f"What {backbone} makes of the first image of the pool of {dataset}, {shown(image)} of class "
        f"{shown(class_name)}: the image as the network gets it, and the first {MOST_MAPS} outputs of "
        f"{listed(layers)}, each after the layer's own activation function where it has one. Every "
        "map is coloured by its own range, so brightness cannot be compared between maps."
    )
    if all(each.all() for each in maps):
        return f"{drawn}\n\nNo value is exactly zero: these outputs are not rectified."
    dead = [np.count_nonzero(~each.any(axis=(0, 1))) for each in maps]
    total = sum(each.shape[-1] for each in maps)
    places = [f"{count} at {layer}" for layer, count in zip(layers, dead, strict=True) if count]
    if places:
        verb = "is" if sum(dead) == 1 else "are"
        text = (
            f"Of the {total} maps {sum(dead)} {verb} zero everywhere, dead for this image: "
            f"{listed(places)}."
        )
    else:
        text = f"None of the {total} maps is zero everywhere: no channel shown is dead."
    return f"{drawn}\n\n{text} {_sparsity(layers, maps)}"


def _sparsity(layers, maps):
    zeros = [100 * np.mean(each == 0) for each in maps]
    shares = [f"{share:.0f} % at {layer}" for layer, share in zip(layers, zeros, strict=True)]
    return f"Part of the values that is exactly zero: {listed(shares)}."


def filters_caption(backbone, layer, filters, drawn):
    """Say how many filters there are, how many are drawn and how many look for brightness.

    A filter with weights w_p (3,) of red, green and blue at place p splits into the part that all
    three share, m_p (1, 1, 1) with m_p their mean, and the rest: |w_p|^2 = 3 m_p^2 + |w_p - m_p|^2.

    Parameters
    ----------
    backbone, layer : str
    filters : ndarray of shape (height, width, 3, filters)
        Weights of red, green and blue, not all zero.
    drawn : int
        How many of them, the first ones, are drawn.

    Returns
    -------
    str
    """
    height, width, _, count = filters.shape
    seen = filters[..., :drawn].astype(float)
    largest = np.abs(seen).max(axis=(0, 1, 2))
    seen = seen[..., largest > _EMPTY * largest.max()]
    power = np.sum(seen**2, axis=(0, 1, 2))
    brightness = 3 * np.sum(seen.mean(axis=2) ** 2, axis=(0, 1)) / power
    grey, full = np.count_nonzero(brightness > 0.5), seen.shape[-1]
    which = f"all {count} filters" if drawn == count else f"the first {drawn} of {count} filters"
    empty = f"{drawn - full} of the filters drawn are all but empty, of weights below 1 % of the "
    return (
        f"The filters of {backbone}'s first convolution, {layer}: {which}, {height} x {width} "
        "pixels each, as they weigh red, green and blue of the image. Mid-grey is a weight of "
        "zero, and all share one scale.\n\n"
        + (f"{empty}largest. " if full < drawn else "")
        + f"{grey} of the {full} filters {'drawn' if full == drawn else 'left'} look for "
        "brightness more than for colour: more than half of their squared weights is common to "
        "red, green and blue, a third in a random filter."
    )


def excitations_caption(dataset, backbone, layer, excitations, classes, responses):
    """Say which filters are shown, and how far their strongest images are of one class.

    Parameters
    ----------
    dataset, backbone, layer : str
    excitations : list of fewshot.backbone.excitations.Excitation
    classes : dict of int to str
        Class of each row of the pool that is drawn.
    responses : ndarray of shape (images, channels)
        Of all filters of the layer to all images of the pool.

    Returns
    -------
    str
    """
    images, channels = responses.shape
    count = len(excitations[0].rows)
    filters = listed(str(each.filter + 1) for each in excitations)
    drawn = (
        f"The {count} of the {images} images in the pool of {dataset} that excite filters "
        f"{filters} of {backbone}'s {layer} most, out of {channels} filters counted from 1. A "
        "filter's response to an image is its largest stored activation anywhere in it; it stands below the image."
    )
    sentences = [_agreement(excitations, classes)]
    silent = np.count_nonzero(responses.max(axis=0) <= 0)
    if silent:
        sentences.append(f"{silent} of the {channels} filters respond to no image of the pool.")
    else:
        sentences.append(f"Each of the {channels} filters responds to some image of the pool.")
    return f"{drawn}\n\n{' '.join(sentences)}"


def _agreement(excitations, classes):
    agreed, apart, counts = [], [], []
    for number, rows, _ in excitations:
        found = Counter(classes[row] for row in rows)
        most = max(found.values())
        counts.append(most)
        if most > 1:
            names = [shown(name) for name, times in found.items() if times == most]
            agreed.append(f"{_most(names, most, len(rows))} for filter {number + 1}")
        else:
            apart.append(str(number + 1))
    if not agreed:
        return "For no filter shown are two of these images of one class."
    text = f"On average {np.mean(counts):.1f} of them are of one class: {listed(agreed)}."
    return f"{text} For {listed(apart)} all are of different classes." if apart else text


def _most(names, most, count):
    """Name the classes that share the first place, where they are few."""
    if len(names) > _NAMED:
        return f"no class has more than {most} of {count}"
    first, *others = names
    return listed([f"{most} of {count} are '{first}'", *(f"{most} '{name}'" for name in others)])
