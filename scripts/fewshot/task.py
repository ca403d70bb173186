"""What the process of a job is told: files, settings and threads, without a class of Snakemake's."""

import pickle
from types import SimpleNamespace


class Named(SimpleNamespace):
    """Values by their names in a rule, each a text, a list of texts or what `params` holds."""

    def get(self, name, default=None):
        """Give a value, or the default where there is none of the name."""
        return getattr(self, name, default)


def preamble(path, named, **plain):
    """Write what stands before a script in a job: Python that makes its object `snakemake`.

    That of Snakemake itself imports all of Snakemake, which takes longer than most heads.

    Parameters
    ----------
    path : Path
        Of the script, in the folder that has the package `fewshot`.
    named : dict of str to dict
        Of which each becomes an attribute, a `Named`.
    **plain
        Further attributes.

    Returns
    -------
    str
        Lines of code. Processes that the job starts take the script alone for its main module.
    """
    told = pickle.dumps(Named(**plain, **{key: Named(**values) for key, values in named.items()}))
    return (
        f"import pickle, sys; sys.path.append({str(path.parent)!r})\n"
        f"snakemake = pickle.loads({told!r})\n"
        f"__file__ = {str(path)!r}\n"
    )
