"""Draw the images of a dataset that are read at all."""

from fewshot.data.manifest import read_manifest
from fewshot.data.pool import draw_pool, write_pool


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
    rows = draw_pool(read_manifest(manifest_path), images_per_class, exclude, seed)
    print(f"{len(rows)} images of {len(rows) // images_per_class} classes")
    write_pool(rows, pool_path)


if __name__ == "__main__":
    from fewshot.job import job

    with job(snakemake.log[0], snakemake.threads):
        pool(
            **snakemake.params.arguments,
            manifest_path=snakemake.input.manifest,
            pool_path=snakemake.output.pool,
        )
