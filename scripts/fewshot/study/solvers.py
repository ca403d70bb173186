"""The ways to train a head: what each takes, leaves and is."""

from typing import NamedTuple

CACHED, END_TO_END = "cached", "end to end"  # approaches
_DESCENT = (
    "{epochs} epochs in batches of {batch_size}, rate {learning_rate:g}, momentum {momentum:g}; "
    "its state after the last epoch counts"
)
_ONE_SCALE = "on centred and scaled activations; the penalty is chosen on the training images"
_EPOCHS = {"epochs": 200, "batch_size": 32, "learning_rate": 0.001, "momentum": 0.9}


class Solver(NamedTuple):
    """A way to train a head.

    Attributes
    ----------
    summary : str
        What it is, in a line.
    described : str
        What it does, with the settings of a head as fields.
    settings : dict
        Keys of a head that it takes beside those of all heads, with their defaults.
    approach : str
        The original's approach that it is, or "".
    in_epochs : bool
        Whether it passes over the training images in epochs, and leaves learning curves.
    centred : bool
        Whether it centres its inputs and brings them to one scale.
    penalised : bool
        Whether it has a penalty.
    runs_network : bool
        Whether the network runs on every image in every epoch.
    teaches : bool
        Whether students may learn from its class probabilities.
    """

    summary: str
    described: str
    settings: dict
    approach: str = ""
    in_epochs: bool = False
    centred: bool = False
    penalised: bool = False
    runs_network: bool = False
    teaches: bool = False


SOLVERS = {
    "sgd": Solver(
        "gradient descent for a fixed number of epochs, with learning curves",
        f"cached: gradient descent on the raw activations from zero, {_DESCENT}",
        _EPOCHS,
        CACHED,
        in_epochs=True,
    ),
    "logistic": Solver(
        "the optimum of regularised softmax regression",
        f"softmax regression with an L2 penalty, solved to its optimum {_ONE_SCALE}",
        {},
        centred=True,
        penalised=True,
        teaches=True,
    ),
    "ridge": Solver(
        "ridge regression in closed form",
        f"ridge regression on the class labels, in closed form, {_ONE_SCALE}",
        {},
        centred=True,
        penalised=True,
    ),
    "end_to_end": Solver(
        "the baseline: as sgd, but the whole network runs on every image in every epoch",
        "end to end: the whole frozen network runs on every training image in every epoch, "
        f"{_DESCENT}",
        {**_EPOCHS, "epochs": 11, "augment": False},
        END_TO_END,
        in_epochs=True,
        runs_network=True,
    ),
}


_UNKNOWN = Solver("", "", {})


def solver_of(study, head):
    """Find how a head of a study is trained.

    Parameters
    ----------
    study : dict
    head : str
        Its name.

    Returns
    -------
    Solver
        One that is nothing where the study is not yet known to be right and has no such head.
    """
    return SOLVERS.get((study["heads"].get(head) or {}).get("solver"), _UNKNOWN)
