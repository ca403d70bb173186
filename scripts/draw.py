"""Draw test and training images for every repeat."""

from fewshot.data.draws import draw_repeats, write_draws
from fewshot.data.pool import PoolRow
from fewshot.records import read_records


def draw(*, pool_path, test, test_at_most, shots, repeats, seed, draws_path):
    """Write the draws of a pool.

    Parameters
    ----------
    pool_path : str
    test, test_at_most, shots, repeats, seed
        See `fewshot.data.draws.draw_repeats`.
    draws_path : str
        CSV file written.

    Raises
    ------
    InputError
        If a class has too few images to train and test on, or so many copies that no whole groups
        of them make its test images.
    """
    rows = read_records(pool_path, PoolRow)
    draws = draw_repeats(rows, test, repeats, seed, shots=shots, test_at_most=test_at_most)
    print(f"test images of each repeat: {', '.join(map(str, draws.tested))}")
    write_draws(draws, draws_path)


def main(snakemake):
    """Do what the rule says."""
    draw(
        **snakemake.params.arguments,
        pool_path=snakemake.input.pool,
        draws_path=snakemake.output.draws,
    )
