"""Where a backbone's weights come from: the words of a study that stand in the place of a file."""

# The download of keras.applications, what comes with the project for SmallVGG, the download of
# KerasHub, and random ones.
IMAGENET, CHARACTERS, PRESET, RANDOM = "imagenet", "characters", "preset", "none"
WORDS = (IMAGENET, CHARACTERS, PRESET, RANDOM)
