"""A network's forward pass, begun and awaited apart: copies to and from a GPU go on beside it."""

import time
from collections import deque

import numpy as np

_ON_A_GPU = 3  # batches: one on its way there, one computed, one on its way back


def in_flight(on_gpu):
    """Tell how many batches are to be begun before the first of them is awaited.

    On a CPU a second one would only share its cores with the first.
    """
    return _ON_A_GPU if on_gpu else 1


class Forward:
    """Run a model on batches.

    Parameters
    ----------
    model : keras.Model
        Compiled, with one input and a list of outputs.
    held : int
        Batches that are begun before the first of them is awaited: of `in_flight`.

    Attributes
    ----------
    seconds : float
        That batches were begun and awaited.
    """

    def __init__(self, model, held):
        import keras

        self._run = _jax(model) if keras.backend.backend() == "jax" else _tensorflow(model)
        self._held, self.seconds = held, 0.0

    def over(self, batches):
        """Run the model on batches.

        Parameters
        ----------
        batches : iterable of ndarray
            None of them changes before `held` more have been taken.

        Yields
        ------
        list of ndarray
            For each batch what `predict_on_batch` gives; not to be changed.
        """
        begun = deque()
        for images in batches:
            begun.append(self._timed(self._run, images))
            if len(begun) == self._held:
                yield self._timed(_awaited, begun.popleft())
        while begun:
            yield self._timed(_awaited, begun.popleft())

    def _timed(self, call, argument):
        began = time.perf_counter()
        result = call(argument)
        self.seconds += time.perf_counter() - began
        return result


def _awaited(outputs):
    return [np.asarray(output) for output in outputs]


def _tensorflow(model):
    # What predict_on_batch runs, before it copies the outputs.
    model.make_predict_function()
    return lambda images: model.predict_function([(images,)])


def _jax(model):
    import jax

    state = [
        [variable.value for variable in variables]
        for variables in (model.trainable_variables, model.non_trainable_variables)
    ]
    # predict_on_batch gives its state away with each call: another can't begin beside it.
    call = jax.jit(lambda state, images: model.stateless_call(*state, images, training=False)[0])

    def run(images):
        outputs = call(state, images)
        for output in outputs:
            output.copy_to_host_async()
        return outputs

    return run
