"""Draw an alphabet as an archive of images, one class a character."""

import io
import zipfile

import numpy as np
from PIL import Image

from fewshot.data.characters import ALPHABETS, character_name, draw_character
from fewshot.errors import input_error
from fewshot.files import whole_file


def draw_characters(*, alphabet, layout, images_per_class, seed, archive_path):
    """Write a zip of PNG images of 32 x 32 pixels.

    Parameters
    ----------
    alphabet : str
        Key of `fewshot.data.characters.ALPHABETS`.
    layout : {"folders", "prefix"}
        Whether a class is a folder or the start of a file name.
    images_per_class : int
        Each is drawn from a random state of its own: more only append.
    seed : int
    archive_path : str

    Raises
    ------
    InputError
        If there is no such alphabet.
    """
    if alphabet not in ALPHABETS:
        raise input_error(
            "An alphabet must be one that can be drawn", alphabet, f"try {', '.join(ALPHABETS)}"
        )
    characters, fonts = ALPHABETS[alphabet]
    between = "/" if layout == "folders" else "_"
    with whole_file(archive_path) as path, zipfile.ZipFile(path, "w") as archive:
        for label, character in enumerate(characters):
            for number in range(images_per_class):
                rng = np.random.default_rng([seed, label, number])
                image = io.BytesIO()
                picture = draw_character(character, rng.choice(fonts), rng)
                Image.fromarray(picture).save(image, "png")
                name = f"{alphabet}/{character_name(character)}{between}{number:04d}.png"
                # A fixed date: the same images give the same archive.
                archive.writestr(zipfile.ZipInfo(name), image.getvalue())


def main(snakemake):
    """Do what the rule says."""
    draw_characters(**snakemake.params.arguments, archive_path=snakemake.output.archive)
