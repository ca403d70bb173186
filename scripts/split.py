"""Draw test and training images for every repeat."""

from fewshot.draws import draw_repeats, read_pool, write_draws


def split(*, pool_path, test_per_class, repeats, seed, draws_path):
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
        If the pool leaves no training image.
    """
    rows = read_pool(pool_path)
    draws = draw_repeats(rows, test_per_class, repeats, seed)
    write_draws([row["label"] for row in rows], draws, draws_path)


if __name__ == "__main__":
    from fewshot.logs import job

    with job(snakemake.log[0], snakemake.threads):
        split(
            **snakemake.params.arguments,
            pool_path=snakemake.input.pool,
            draws_path=snakemake.output.draws,
        )
