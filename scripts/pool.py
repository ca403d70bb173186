"""Draw the images of a dataset that are read at all."""

from fewshot.data.manifest import ManifestRow
from fewshot.data.pool import PoolRow, draw_pool, left_of_parts, skipped_classes
from fewshot.names import shown
from fewshot.records import read_records, write_records


def pool(*, manifest_path, images_per_class, exclude, seed, least, official, skip_small, pool_path):
    """Write the pool of a dataset.

    Parameters
    ----------
    manifest_path : str
    images_per_class, exclude, seed, least, official, skip_small
        See `fewshot.data.pool.draw_pool`.
    pool_path : str
        CSV file written.

    Raises
    ------
    InputError
        If a class has too few usable images, or there is no official split.
    """
    manifest = read_records(manifest_path, ManifestRow)
    rows = draw_pool(
        *(manifest, images_per_class, exclude, seed),
        least=least,
        official=official,
        skip_small=skip_small,
    )
    print(f"{len(rows)} images of {len({row.class_name for row in rows})} classes")
    if skipped := skipped_classes(manifest, rows, exclude):
        print(f"too small, left out: {', '.join(map(shown, skipped))}")
    if official:
        training, test = left_of_parts(manifest, rows)
        print(
            f"{training} images of the part train are left out: a copy, or their group, is tested"
        )
        print(f"{test} images of the part test can't be used: see manifest.csv")
    write_records(pool_path, PoolRow, rows)


def main(snakemake):
    """Do what the rule says."""
    pool(
        **snakemake.params.arguments,
        manifest_path=snakemake.input.manifest,
        pool_path=snakemake.output.pool,
    )
