"""Snakemake that asks Slurm for news every second and that SIGINT ends, whoever starts it.

Its plugin waits 10 s longer after each question without news, which no setting changes. A shell has
SIGINT ignored in what it runs in the background, and so would what is started from there.
"""

import asyncio
import signal


async def _one_second(_):
    await asyncio.sleep(1)


if __name__ == "__main__":
    from snakemake.cli import main
    from snakemake_executor_plugin_slurm import Executor

    signal.signal(signal.SIGINT, signal.default_int_handler)
    Executor.sleep = _one_second
    main()
