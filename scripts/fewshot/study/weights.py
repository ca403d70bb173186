"""Where a backbone's weights come from: words that a study has for them, or files."""

import os
from pathlib import Path

from fewshot.study.digests import LIBRARY

# The download of keras.applications, what comes with the project for SmallVGG, the download of
# KerasHub, and random ones.
IMAGENET, CHARACTERS, PRESET, RANDOM = "imagenet", "characters", "preset", "none"
WORDS = (IMAGENET, CHARACTERS, PRESET, RANDOM)
OWN_FILE = LIBRARY / "weights/small_vgg.weights.h5"  # what characters are
_READ = (".json", ".h5", ".safetensors")


def weights_files(source):
    """List the files that a backbone's weights are read from, but downloads.

    Parameters
    ----------
    source : str
        weights of a backbone in a study.

    Returns
    -------
    list of str
        Seen from the current folder; of a path with braces none.
    """
    if source == CHARACTERS:
        return [os.path.relpath(OWN_FILE)]
    # Snakemake takes braces in an input for wildcards: such files are read unwatched.
    if source in WORDS or "{" in source:
        return []
    if not os.path.isdir(source):
        return [source]
    return sorted(str(path) for path in Path(source).iterdir() if path.suffix in _READ)
