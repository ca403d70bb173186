"""What learning curves show, in sentences computed from them."""

from fewshot.claims import chance, estimate, listed, percent, points, told
from fewshot.curves import curve_title

_RUNNING = (
    " Training loss and accuracy are running means over the batches of an epoch, as Keras reports "
    "them, so of weights still on their way."
)
_FLAT = 0.01  # part of the lowest loss: a smaller rise is not worth a name
_FITTED = 99.5  # % of training images named rightly, from which on they count as learned


def _wide(curves, measure):
    """Values of a measure as an array of shape (epochs, repeats), and the epochs."""
    table = curves.pivot(index="epoch", columns="repeat", values=measure)
    return table.to_numpy(), table.index.to_numpy()


def curves_caption(point, curves, classes, running):
    """Say what the learning curves of a grid point show.

    Parameters
    ----------
    point : dict
    curves : pandas.DataFrame
        From `fewshot.figure_data.read_curves`.
    classes : int
    running : bool
        Whether training loss and accuracy are running means over the batches of an epoch.

    Returns
    -------
    str
        Paragraphs.
    """
    repeats = curves["repeat"].nunique()
    opening = (
        f"Learning curves of {curve_title(point)}: loss and accuracy on training and on test "
        f"images after each epoch. {_spread(repeats)} Chance is {chance(classes)}."
        f"{_RUNNING if running else ''}"
    )
    train, test = (_wide(curves, f"{part}_accuracy")[0][-1] for part in ("train", "test"))
    ends = (
        f"After the last epoch accuracy is {percent(estimate(train))} on training and "
        f"{percent(estimate(test))} on test images."
    )
    return f"{opening}\n\n{_overfitting(curves)} {ends}"


def _overfitting(curves):
    """Say whether test loss grows from its lowest point while training loss does not."""
    losses, epochs = _wide(curves, "test_loss")
    accuracies, _ = _wide(curves, "test_accuracy")
    trained, _ = _wide(curves, "train_loss")
    mean = losses.mean(axis=1)
    if not (mean < float("inf")).all():
        return "Training diverged: the loss is not finite."
    lowest = int(mean.argmin())
    if lowest == len(mean) - 1:
        return (
            f"Mean test loss is lowest, {mean[-1]:.3f} nats, after the last of {epochs[-1]} "
            "epochs: no overfitting yet."
        )
    growth = estimate(losses[-1] - losses[lowest], scale=1)
    change = estimate(accuracies[-1] - accuracies[lowest])
    interval = f" [{growth.low:.3f}, {growth.high:.3f}]" if losses.shape[1] > 1 else ""
    said = (
        f"Mean test loss is lowest after epoch {epochs[lowest]} of {epochs[-1]}, {mean[lowest]:.3f} "
        f"nats, and {growth.mean:.3f} nats{interval} higher at the end, while test accuracy "
        f"changes by {points(change)}"
    )
    if losses.shape[1] == 1:
        return f"{said}. One draw does not tell whether another would show the same."
    if growth.sign <= 0:
        return f"{said}: a rise that these draws do not tell from none."
    if growth.mean < _FLAT * mean[lowest]:
        return f"{said}: as good as level."
    if estimate(trained[-1] - trained[lowest]).sign > 0:
        return f"{said}; training loss rises too: the steps are too long to settle."
    if change.sign < 0:
        return f"{said}: overfitting."
    return f"{said}: overfitting, the head becomes more certain of its errors."


def _spread(repeats):
    if repeats == 1:
        return "One repeat, so without intervals."
    return f"Means over {repeats} repeats with their 95 % intervals."


def together_caption(axis, labels, tables, classes, title):
    """Say what the learning curves of several layers or temperatures show.

    Parameters
    ----------
    axis : {"layer", "temperature"}
    labels : list of str
        Of the lines, in their order.
    tables : list of pandas.DataFrame
        Learning curves of each.
    classes : int
    title : str
        What the lines share.

    Returns
    -------
    str
        Paragraphs.
    """
    repeats = tables[0]["repeat"].nunique()
    opening = (
        f"Accuracy and loss on training and on test images after each epoch, one line a {axis}: "
        f"{title}. {_spread(repeats)} Chance is {chance(classes)}."
    )
    ends = [
        {part: _wide(table, f"{part}_accuracy")[0][-1] for part in ("train", "test")}
        for table in tables
    ]
    order = sorted(range(len(labels)), key=lambda line: -ends[line]["test"].mean())
    said = listed(f"{percent(estimate(ends[line]['test']))} ({labels[line]})" for line in order)
    best, worst = order[0], order[-1]
    gap = estimate(ends[best]["test"] - ends[worst]["test"])
    trained = [estimate(end["train"]).mean for end in ends]
    fitted = [label for label, mean in zip(labels, trained, strict=True) if mean >= _FITTED]
    training = f"Mean training accuracy is then {_FITTED} % or more" + (
        f" on {listed(fitted)}." if fitted else " on no line."
    )
    return (
        f"{opening}\n\nTest accuracy after the last epoch: {said}; {labels[best]} less "
        f"{labels[worst]}: {told(gap)}. {training}"
    )
