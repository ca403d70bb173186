"""A predictor in other forms, each read again by its own runtime before it is there.

Converters leave files behind that no runtime can read, or that say something else, without an error.
So nothing is believed here that was not run.
"""

import logging
from collections.abc import Callable
from contextlib import contextmanager
from importlib.util import find_spec
from typing import NamedTuple

import numpy as np

from fewshot.errors import first_line, input_error, is_disk_full, unknown
from fewshot.files import whole_file
from fewshot.predictor.check import check_model
from fewshot.predictor.folder import FORMATS

_LONGEST = 300  # characters of what a library raises: some put a whole graph into one line


def export_formats(model, folder, formats, check, tolerance):
    """Write a predictor in other forms.

    Each takes uint8 RGB images of shape (batch, size, size, 3), with a batch of any size, and gives
    probabilities of shape (batch, classes), float32.

    Parameters
    ----------
    model : keras.Model
        From such images to such probabilities, in float32: neither ONNX Runtime nor LiteRT computes
        in half precision on a CPU.
    folder : str or Path
        Where the forms are to lie. None is there yet.
    formats : list of str
        Keys of `fewshot.predictor.folder.FORMATS`.
    check : fewshot.predictor.check.Check
        Pictures, and what the model says of them.
    tolerance : float
        By how much a probability may differ.

    Returns
    -------
    dict of str to float
        For each form the largest difference of a probability.

    Raises
    ------
    InputError
        If a form can't be written here, its runtime can't read it, or it says something else.
        Nothing of it is left then.
    """
    refuse_formats(formats)
    return {name: _export(name, model, folder, check, tolerance) for name in formats}


def refuse_formats(formats):
    """Refuse forms that can't be written in this environment.

    Parameters
    ----------
    formats : list of str

    Raises
    ------
    InputError
        If there is no such form, its packages are not installed, or Keras does not run on
        TensorFlow.
    """
    import keras

    backend = keras.backend.backend()
    for name in formats:
        if wrong := unknown(name, FORMATS, "A format is one of those known"):
            raise input_error(*wrong)
        missing = [each for each in _FORMS[name].packages if not find_spec(each)]
        if missing:
            raise input_error(
                f"What writes {name} and reads it again must be installed",
                f"no {', '.join(missing)}",
                f"install envs/cpu.txt, or leave {name} out of `formats`",
            )
        if backend != "tensorflow":
            raise input_error(
                f"A predictor is written as {name} by TensorFlow alone",
                f"KERAS_BACKEND={backend}",
                "leave `formats` out, or run with KERAS_BACKEND=tensorflow",
            )


def _export(name, model, folder, check, tolerance):
    form = _FORMS[name]
    one = check._replace(pixels=check.pixels[:1], probabilities=check.probabilities[:1])
    parts = (one, check)  # batches of two sizes
    with whole_file(f"{folder}/{FORMATS[name]}", digested=False) as path:
        with _attempt(name, "written"):
            form.write(model, str(path))
        with _attempt(name, "read again"):
            predict = form.read(str(path))
            found = [predict(part.pixels) for part in parts]
        return max(
            check_model(part, lambda _, said=said: said, tolerance, **_words(name))
            for part, said in zip(parts, found, strict=True)
        )


def _words(name):
    return {
        "rule": f"As {name} a predictor must say what it says as model.keras",
        "hint": f"leave {name} out of its `formats`",
    }


@contextmanager
def _attempt(name, done):
    """Have a library work in silence; what it raises becomes an error that says what wasn't done."""
    before = logging.root.manager.disable
    logging.disable(logging.CRITICAL)  # a screenful for each operation that tf2onnx does not know
    try:
        yield
    except Exception as error:
        if is_disk_full(error):
            raise
        raise input_error(
            f"What is asked for as {name} must be a predictor that can be {done} as such",
            f"{type(error).__name__}, {first_line(error)[:_LONGEST]}",
            f"leave {name} out of its `formats`, or take another network or layer",
        ) from error
    finally:
        logging.disable(before)


def _write_onnx(model, path):
    # Not by model.export. There tf2onnx takes constants, such as the means of a Normalization, for
    # inputs of the model, and XLA's functions, as of grouped convolutions, for unknown operations.
    # And it holds each weight forty times; so here it is given none: they are inputs, and get their
    # values when it is done.
    import tensorflow as tf
    import tf2onnx
    from onnx import numpy_helper

    trained, fixed = model.trainable_variables, model.non_trainable_variables
    weights = {f"weight_{number}": each for number, each in enumerate([*trained, *fixed])}

    def probabilities(images, *values):
        values = values[: len(trained)], values[len(trained) :]
        return model.stateless_call(*values, images, training=False)[0]

    inputs = [tf.TensorSpec(model.input_shape, tf.uint8, name="images")]
    inputs += [tf.TensorSpec(each.shape, each.dtype, name=name) for name, each in weights.items()]
    tf.config.run_functions_eagerly(True)  # traced: functions within the model become part of it
    try:
        traced = tf.function(probabilities, inputs).get_concrete_function()
    finally:
        tf.config.run_functions_eagerly(False)
    names = {f"{each.name}:0": each.name for each in inputs}
    # Arrays that layers keep beside their weights, such as which places of a window attend.
    kept = {inside.name: array for array, inside in traced.graph.captures}
    (output,) = traced.outputs
    converted, _ = tf2onnx.convert.from_graph_def(
        traced.graph.as_graph_def(),
        input_names=[*names, *kept],
        output_names=[output.name],
        tensors_to_rename={**names, output.name: "probabilities"},
        custom_op_handlers={"Erfc": (_convert_erfc, [])},
    )
    del converted.graph.input[1:]
    for name, each in (weights | kept).items():
        converted.graph.initializer.append(numpy_helper.from_array(np.asarray(each), name))
    _fold(converted, path)


def _fold(converted, path):
    """Save an ONNX model with what follows from its weights alone computed, once and for all."""
    import onnx
    import onnxruntime

    options = _onnx_options()
    # Operations of the standard alone: more would bind the file to this machine.
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_BASIC
    options.optimized_model_filepath = path
    _open_onnx(converted.SerializeToString(), options)
    folded = onnx.load(path)
    used = {node.domain for node in folded.graph.node}
    versions = [each for each in folded.opset_import if each.domain in used]
    del folded.opset_import[:]
    folded.opset_import.extend(versions)
    for each in (*folded.graph.input, *folded.graph.output):
        each.type.tensor_type.shape.dim[0].dim_param = "batch"
    onnx.save(folded, path)


def _convert_erfc(graph, node, name, _):
    """Convert the operation behind GELU, which ONNX has not: erfc(x) = 1 - erf(x)."""
    (x,), (output,) = node.input, node.output
    shapes, dtypes = [graph.get_shape(output)], [graph.get_dtype(output)]
    graph.remove_node(node.name)
    one = graph.make_const(f"{name}_one", np.float32(1)).output[0]
    erf = graph.make_node("Erf", [x], shapes=shapes, dtypes=dtypes).output[0]
    graph.make_node("Sub", [one, erf], outputs=[output], shapes=shapes, dtypes=dtypes, name=name)


def _onnx_options():
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1  # more it binds to processors that a job may not have
    options.log_severity_level = 3  # errors
    return options


def _open_onnx(model, options):
    import onnxruntime

    return onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])


def _read_onnx(path):
    session = _open_onnx(path, _onnx_options())
    return lambda images: session.run(["probabilities"], {"images": images})[0]


def _write_saved_model(model, path):
    model.export(path, format="tf_saved_model", verbose=False)


def _read_saved_model(path):
    import tensorflow as tf

    loaded = tf.saved_model.load(path)  # its variables live as long as it does
    return lambda images: loaded.serve(images).numpy()


def _write_litert(model, path):
    model.export(path, format="litert", verbose=False)


def _read_litert(path):
    from ai_edge_litert.interpreter import Interpreter

    interpreter = Interpreter(path)
    (images,), (probabilities,) = interpreter.get_input_details(), interpreter.get_output_details()

    def predict(batch):
        interpreter.resize_tensor_input(images["index"], batch.shape)
        interpreter.allocate_tensors()
        interpreter.set_tensor(images["index"], batch)
        interpreter.invoke()
        return interpreter.get_tensor(probabilities["index"])

    return predict


class _Form(NamedTuple):
    packages: tuple  # besides TensorFlow
    write: Callable  # write(model, path)
    read: Callable  # read(path): a function from images to probabilities


_FORMS = {
    "onnx": _Form(("tf2onnx", "onnxruntime"), _write_onnx, _read_onnx),
    "saved_model": _Form((), _write_saved_model, _read_saved_model),
    "litert": _Form(("ai_edge_litert",), _write_litert, _read_litert),
}
