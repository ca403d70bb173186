"""What learning curves show, in sentences computed from them."""

import numpy as np

from fewshot.figures.claims import chance, estimate, listed, paragraphs, percent, points, told
from fewshot.figures.curves import curve_title

_RUNNING = (
    " Training loss and accuracy are running means over the batches of an epoch, as Keras reports "
    "them, so of weights still on their way."
)
# Part of the lowest loss: a smaller rise is not worth a name. The lowest of many epochs is picked
# on the test images themselves, so a level curve, too, rises by a few percent after it.
_FLAT = 0.05
_FITTED = 99.5  # % of training images named rightly, from which on they count as learned


def _wide(curves, measure):
    """Values of a measure as an array of shape (epochs, repeats), and the epochs."""
    table = curves.pivot(index="epoch", columns="repeat", values=measure)
    return table.to_numpy(), table.index.to_numpy()


def curves_caption(point, curves, classes, running, cached=()):
    """Say what the learning curves of a grid point show.

    Parameters
    ----------
    point : dict
    curves : pandas.DataFrame
        From `fewshot.results.frames.read_curves`.
    classes : int
    running : bool
        Whether training loss and accuracy are running means over the batches of an epoch.
    cached : sequence of (str, pandas.DataFrame), optional
        Heads on cached activations that `curves`, end to end, are held against, with their curves.

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
    said = (_overfitting(curves), _beside_guessing(curves, classes), ends)
    beside = [_beside_cached(curves, head, table) for head, table in cached]
    return paragraphs(opening, " ".join(filter(None, said)), "\n".join(filter(None, beside)))


def _beside_guessing(curves, classes):
    """Say whether test loss ends above ln(classes): that of the same probability for each class."""
    guessing = np.log(classes)
    above = _wide(curves, "test_loss")[0] - guessing  # (epochs, repeats)
    end = above[-1].mean()
    if not 0 < end < np.inf:
        return ""
    said = (
        f"Mean test loss at the end, {end + guessing:.3g} nats, is above that of guessing, "
        f"{guessing:.2g}"
    )
    if above.shape[1] == 1:
        return f"{said}."
    if estimate(above[-1], scale=1).sign <= 0:
        return f"{said}, though the draws don't tell."
    if (above.mean(axis=1) > 0).all():
        return (
            f"{said}, and so it is after every epoch: the steps are too long for this layer. Lower "
            "the head's learning_rate."
        )
    return (
        f"{said}: for this loss the steps on this layer are too long or too many (the head's "
        "learning_rate and epochs)."
    )


def _beside_cached(curves, head, table):
    """Hold curves end to end, at their last epoch, against a cached head on the same draws."""
    last = curves["epoch"].max()
    both = curves[curves["epoch"] == last].merge(table, on=["repeat", "epoch"])
    if both.empty:
        return ""
    end, cached = both["test_accuracy_x"], both["test_accuracy_y"]
    epochs = f"{last} epochs" if last > 1 else "epoch"
    return (
        f"After the same {epochs} {head} on cached activations has {percent(estimate(cached))} on "
        f"test images; end to end less that: {told(estimate(end - cached))}."
    )


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
    picked = "That epoch is picked on these same curves, so the rise is an upper bound."
    said = (
        f"Mean test loss is lowest after epoch {epochs[lowest]} of {epochs[-1]}, "
        f"{mean[lowest]:.3f} nats, and {growth.mean:.3f} nats{interval} higher at the end, while test accuracy "
        f"changes by {points(change)}"
    )
    if losses.shape[1] == 1:
        verdict = ". One draw does not tell whether another would show the same"
    elif growth.sign <= 0:
        verdict = ": a rise that these draws do not tell from none"
    elif growth.mean < _FLAT * mean[lowest]:
        verdict = ": as good as level"
    elif estimate(trained[-1] - trained[lowest]).sign > 0:
        verdict = "; training loss rises too: the steps are too long to settle"
    elif change.sign > 0:
        verdict = ": the head becomes more certain of its errors, while it makes fewer"
    elif change.sign < 0:
        verdict = ": overfitting"
    else:
        verdict = ": overfitting, the head becomes more certain of its errors"
    return f"{said}{verdict}. {picked}"


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
