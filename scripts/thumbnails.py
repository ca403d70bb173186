"""Make small pictures of the images of a dataset that figures and page show."""

from fewshot.data.decoding import read_pool_image
from fewshot.data.manifest import ManifestRow
from fewshot.data.pool import PoolRow
from fewshot.data.thumbnails import FRAMING, encode_thumbnail
from fewshot.files import read_json, write_json
from fewshot.records import read_records
from fewshot.results.classes import Confusion
from fewshot.results.galleries import shown_images
from fewshot.results.images import JudgedImage
from fewshot.results.neighbours import Neighbour, Placed


def thumbnails(
    *,
    dataset,
    images_path,
    confusion_path,
    map_path,
    neighbours_path,
    manifest_path,
    pool_path,
    source_path,
    thumbnails_path,
):
    """Write the thumbnails of all images that are shown, and of no others.

    Parameters
    ----------
    dataset : str
    images_path, confusion_path, map_path, neighbours_path : str
        Tables of the study: see `fewshot.results.study_tables.RECORDS`.
    manifest_path, pool_path, source_path : str
        What was scanned, what is read, and where the images are.
    thumbnails_path : str
        JSON written: JPEG in base64 by the path of the image.

    Raises
    ------
    InputError
        If an image is missing or is not the one that was scanned.
    """
    manifest, pool = read_records(manifest_path, ManifestRow), read_records(pool_path, PoolRow)
    shown = shown_images(
        dataset,
        read_records(images_path, JudgedImage),
        read_records(confusion_path, Confusion),
        read_records(map_path, Placed),
        read_records(neighbours_path, Neighbour),
        manifest,
        pool,
    )
    root, rows = read_json(source_path)["root"], {row.image: row for row in manifest}
    write_json(thumbnails_path, {image: _thumbnail(root, rows[image]) for image in shown})


def _thumbnail(root, row):
    square = read_pool_image(root, row, FRAMING)
    return encode_thumbnail(square, int(row.width), int(row.height))


def main(snakemake):
    """Do what the rule says."""
    thumbnails(
        **snakemake.params.arguments,
        images_path=snakemake.input.images,
        confusion_path=snakemake.input.confusion,
        map_path=snakemake.input.map,
        neighbours_path=snakemake.input.neighbours,
        manifest_path=snakemake.input.manifest,
        pool_path=snakemake.input.pool,
        source_path=snakemake.input.source,
        thumbnails_path=snakemake.output.thumbnails,
    )
