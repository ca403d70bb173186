"""Where a backbone's weights come from: the words of a study that stand in the place of a file."""

# The download of keras.applications, what comes with the project for SmallVGG, and random ones.
IMAGENET, CHARACTERS, RANDOM = "imagenet", "characters", "none"
WORDS = (IMAGENET, CHARACTERS, RANDOM)


def learned_of(network):
    """Tell the word for the weights that a network comes with.

    Examples
    --------
    >>> learned_of("VGG16"), learned_of("SmallVGG")
    ('imagenet', 'characters')
    """
    return CHARACTERS if network == "SmallVGG" else IMAGENET
