"""Draw the images of a dataset that are read at all."""

from fewshot.data.manifest import ManifestRow
from fewshot.data.pool import PoolRow, draw_pool
from fewshot.records import read_records, write_records


def pool(*, manifest_path, images_per_class, exclude, seed, pool_path):
    """Write the pool of a dataset.

    Parameters
    ----------
    manifest_path : str
    images_per_class : int
    exclude : sequence of str
        Names of classes to leave out.
    seed : int
    pool_path : str
        CSV file written.

    Raises
    ------
    InputError
        If a class is unknown or has too few usable images.
    """
    manifest = read_records(manifest_path, ManifestRow)
    rows = draw_pool(manifest, images_per_class, exclude, seed)
    print(f"{len(rows)} images of {len({row.class_name for row in rows})} classes")
    write_records(pool_path, PoolRow, rows)


if __name__ == "__main__":
    from fewshot.job import job

    with job(snakemake.log[0], snakemake.threads):
        pool(
            **snakemake.params.arguments,
            manifest_path=snakemake.input.manifest,
            pool_path=snakemake.output.pool,
        )
