"""Draw test and training images for every repeat."""

from fewshot.data.draws import draw_repeats, write_draws
from fewshot.data.pool import PoolRow
from fewshot.records import read_records


def draw(*, pool_path, test_per_class, repeats, seed, draws_path):
    """Write the draws of a pool.

    Parameters
    ----------
    pool_path : str
    test_per_class : int
    repeats : int
    seed : int
    draws_path : str
        CSV file written.

    Raises
    ------
    InputError
        If the pool leaves no training image, or a class has so many copies that no whole groups
        of them make its test images.
    """
    rows = read_records(pool_path, PoolRow)
    write_draws(draw_repeats(rows, test_per_class, repeats, seed), draws_path)


if __name__ == "__main__":
    from fewshot.job import job

    with job(snakemake.log[0], snakemake.threads):
        draw(
            **snakemake.params.arguments,
            pool_path=snakemake.input.pool,
            draws_path=snakemake.output.draws,
        )
