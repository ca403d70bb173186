"""Decode every image of a dataset once and write down what was found."""

from fewshot.data.copies import mark_copies
from fewshot.data.manifest import ManifestRow, list_images, list_left_out, scan_images
from fewshot.errors import input_error
from fewshot.files import read_json
from fewshot.names import shown
from fewshot.progress import Progress
from fewshot.records import write_records

_LISTED = 10  # rejected images named in an error
_PRINTED = 50  # in the log


def _print_unused(rows, status):
    """Print the rows of a status and return them as text."""
    unused = [shown(f"{row.image} ({row.reason})") for row in rows if row.status == status]
    for image in unused[:_PRINTED]:
        print(f"{status}: {image}")
    if len(unused) > _PRINTED:
        print(f"{status}: {len(unused) - _PRINTED} more")
    return unused


def _check(rows, root, max_rejected_fraction):
    """Print what cannot be used, and refuse a dataset of which too much cannot."""
    copies, disputed = _print_unused(rows, "copy"), _print_unused(rows, "disputed")
    rejected = _print_unused(rows, "rejected")
    counts = f"{len(rejected)} rejected, {len(copies)} copies, {len(disputed)} disputed"
    print(f"{len(rows)} files: {counts}", flush=True)
    named = ", ".join(rejected[:_LISTED]) + (", ..." if len(rejected) > _LISTED else "")
    if len(rejected) == len(rows):
        raise input_error(
            "A dataset needs images that can be used",
            f"none among {len(rows)} files below {root}" + (f": {named}" if named else ""),
            "check datasets.<name>.source and whether classes is folders or prefix",
        )
    if len(rejected) > max_rejected_fraction * len(rows):
        raise input_error(
            f"At most a fraction of {max_rejected_fraction:g} of the images may be rejected",
            f"{len(rejected)} of {len(rows)} rejected: {named}",
            "mend or remove these files, or raise datasets.<name>.max_rejected_fraction",
        )


def scan(*, source_path, classes, manifest_path, max_rejected_fraction, copy_bits, threads):
    """Write the manifest of a dataset.

    Parameters
    ----------
    source_path : str
        Where the images are, as `fetch` left it.
    classes : {"folders", "prefix"}
        Where an image's class is written.
    manifest_path : str
        CSV file written, one row for each file found.
    max_rejected_fraction : float
        Largest part of the files that may be unusable, from 0 to 1.
    copy_bits : int or None
        By how many of 128 bits the hashes of copies may differ; None compares the files alone.
    threads : int

    Raises
    ------
    InputError
        If more of the files are unusable, or all are; no manifest is left then.
    """
    root = read_json(source_path)["root"]
    for name in list_left_out(root):
        print(f"left out, hidden or no class: {shown(name)}")
    found = list_images(root, classes)
    progress = Progress(len(found), "images")
    rows = mark_copies(progress.over(scan_images(root, found, threads)), copy_bits)
    _check(rows, root, max_rejected_fraction)
    write_records(manifest_path, ManifestRow, rows)


if __name__ == "__main__":
    from fewshot.job import job

    with job(snakemake.log[0], snakemake.threads):
        scan(
            **snakemake.params.arguments,
            source_path=snakemake.input.source,
            manifest_path=snakemake.output.manifest,
            threads=snakemake.threads,
        )
