"""Decode every image of a dataset once and write down what was found."""

from fewshot.data.copies import mark_copies
from fewshot.data.listing import check_excluded, describe_listing, hint_at_labels, list_images
from fewshot.data.manifest import ManifestRow, scan_images
from fewshot.data.remarks import describe_remarks
from fewshot.errors import input_error
from fewshot.files import read_json
from fewshot.job import note
from fewshot.names import first_few, shown
from fewshot.progress import Progress
from fewshot.records import write_records

_PRINTED = 50  # in the log


def _print_unused(rows):
    """Print what is no picture of its own, or can't be used."""
    unused = {status: [] for status in ("copy", "disputed", "rejected")}
    for row in rows:
        if row.status in unused:
            unused[row.status].append(_said(row))
    for status, images in unused.items():
        for image in images[:_PRINTED]:
            print(f"{status}: {image}")
        if len(images) > _PRINTED:
            print(f"{status}: {len(images) - _PRINTED} more")
    copies, disputed, rejected = map(len, unused.values())
    counts = f"{rejected} rejected, {copies} copies, {disputed} disputed"
    print(f"{len(rows)} files: {counts}", flush=True)


def _said(row):
    return shown(f"{row.image} ({row.reason})")


def _check(rows, root, max_rejected_fraction, hint):
    """Refuse a dataset of which too much cannot be used."""
    rejected = [_said(row) for row in rows if row.status == "rejected"]
    named = first_few(rejected)
    way = "mend or remove these files, or raise datasets.<name>.max_rejected_fraction"
    if 2 * sum(not row.class_name for row in rows) >= len(rejected):
        way = hint
    if len(rejected) == len(rows):
        raise input_error(
            "A dataset needs images that can be used",
            f"none among {len(rows)} files below {root}" + (f": {named}" if named else ""),
            way,
        )
    if len(rejected) > max_rejected_fraction * len(rows):
        rule = f"At most a fraction of {max_rejected_fraction:g} of the images may be rejected"
        raise input_error(rule, f"{len(rejected)} of {len(rows)} rejected: {named}", way)


def scan(
    *,
    source_path,
    classes,
    parts=None,
    group=None,
    exclude=(),
    max_megapixels=None,
    manifest_path,
    max_rejected_fraction,
    copy_bits,
    threads,
):
    """Write the manifest of a dataset.

    Parameters
    ----------
    source_path : str
        Where the images are, as `fetch` left it.
    classes, parts, group
        Where an image's class, part and group are written: see `list_images`.
    exclude : sequence of str, default ()
        Classes that do not count towards what may be unusable.
    max_megapixels : float, optional
        Million pixels that an image may have: see `fewshot.data.manifest.scan_images`.
    manifest_path : str
        CSV file written, one row for each image found.
    max_rejected_fraction : float
        Largest part of the images that may be unusable, from 0 to 1.
    copy_bits : int or None
        By how many of 128 bits the hashes of copies may differ; None compares the files alone.
    threads : int

    Raises
    ------
    InputError
        If more of the images are unusable, or all are, or they can't be labelled in this way; no
        manifest is left then.
    """
    source = read_json(source_path)
    root = source["root"]
    listing = list_images(root, classes, parts, group, source.get("top"))
    for line in describe_listing(root, listing, classes):
        note(line)
    check_excluded(root, listing, exclude)
    progress = Progress(len(listing.rows), "images")
    scanned = list(progress.over(scan_images(root, listing.rows, threads, max_megapixels)))
    for line in describe_remarks(scanned):
        note(line)
    turned = {image.row.sha256: image.turned for image in scanned}
    rows = mark_copies([image.row for image in scanned], copy_bits, turned)
    _print_unused(rows)
    counted = [row for row in rows if row.class_name not in exclude]
    _check(counted, root, max_rejected_fraction, hint_at_labels(listing))
    write_records(manifest_path, ManifestRow, rows)


def main(snakemake):
    """Do what the rule says."""
    scan(
        **snakemake.params.arguments,
        source_path=snakemake.input.source,
        manifest_path=snakemake.output.manifest,
        threads=snakemake.threads,
    )
