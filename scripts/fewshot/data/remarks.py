"""What the log says of images that are used, but perhaps not as they were meant."""

from fewshot.names import first_few

_SAYINGS = {
    "unusable": (
        "with a colour profile that is damaged or not of their kind: read as sRGB, as if they had "
        "none"
    ),
    "converted": "with another colour profile than sRGB: converted to sRGB",
    8: (
        "keep 8 bits in 16: they are read as numbers of 16 bits, so black; save them again as 8 "
        "bits"
    ),
    12: (
        "keep 12 bits in 16: they are read as numbers of 16 bits, so nearly black; multiply these "
        "by 16 and save them again"
    ),
}
_NAMED = 5


def describe_remarks(scanned):
    """Say of how many images something is to be known, and of which.

    Parameters
    ----------
    scanned : list of fewshot.data.manifest.ScannedImage

    Returns
    -------
    list of str
        Lines of text.
    """
    lines = []
    for key, saying in _SAYINGS.items():
        images = [each.row.image for each in scanned if key in (each.profile, each.bits)]
        if images:
            lines.append(f"{len(images)} images {saying}: {first_few(images, _NAMED)}")
    return lines
