"""The one exception for what the user can mend."""

from fewshot.names import shown


class InputError(ValueError):
    """The study, a file or an image is not as it must be.

    The message states the rule, what was received and a hint: see `input_error`.
    """


def input_error(rule, received, hint):
    """Make an `InputError` that reads: rule. Received: value. Hint: the way out.

    Parameters
    ----------
    rule, received, hint : str
        Sentences without their full stop. They may hold names of files and classes, of which
        nothing breaks the line.

    Examples
    --------
    >>> print(input_error("T must be positive", "T=0", "use 1 for plain probabilities"))
    T must be positive. Received: T=0. Hint: use 1 for plain probabilities.
    """
    return InputError(shown(f"{rule}. Received: {received}. Hint: {hint}."))
