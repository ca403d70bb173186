"""Arguments for constructors from configurations of elsewhere: plain, known and of plausible size."""

import inspect
import re

from fewshot.errors import input_error

# What the network is built with here, whatever its configuration says.
_OURS = {"name", "trainable", "dtype", "data_format"}
SHAPES = ("image_shape", "input_shape")  # the parameter of a picture's shape has one of these names
# Parameters that a constructor still takes by names they no longer have.
_OLD_NAMES = {"EfficientNetBackbone": {"width_coefficient", "depth_coefficient"}}
_FLOATS = {"float32", "float16", "bfloat16", "mixed_float16", "mixed_bfloat16"}
_MAX_VALUES = 200  # of a list: the deepest of KerasHub's have 30 stacks
_WORD = re.compile(r"[A-Za-z0-9_]{1,50}")
_WIDTHS = re.compile(r"(?:hidden|intermediate|mlp|embed)_(?:dim|size)|.*filters|num_features")
_DEPTHS = re.compile(r"num_layers|depths|stackwise_num_(?:blocks|repeats)")
# Largest of a number by what its name has, the first that fits. Windows and kernels count
# by their squares, and squares of these.
_LARGEST = {
    re.compile(r".*_shape"): 2**12,
    _DEPTHS: 2**7,  # the deepest have 48 blocks
    _WIDTHS: 2**15,  # the widest of KerasHub's have 2**13
    re.compile(r"window_size|.*kernel_sizes"): 2**6,
    re.compile(r".*(?:coefficients?|ratios?)"): 2**6,
    re.compile(r".*"): 2**10,
}
_EDGES = {"position_embedding_shape"}  # height and width in pixels, and perhaps colours
_MAX_NUMBER = 2**17  # of a configuration as it stands, before what it means is known
_MAX_SQUARES = 4e9  # blocks times the square of the largest width: the largest of KerasHub's, 3.2e9


def plain_arguments(constructor, config, path):
    """Take the arguments of a constructor from a configuration.

    Parameters
    ----------
    constructor : type
        Whose own signature says what it takes.
    config : dict
        From JSON.
    path : Path
        For errors.

    Returns
    -------
    dict
        Without those of pictures' shape, names and types.

    Raises
    ------
    InputError
        If one is unknown or missing, or its value is not plain or of no plausible size.
    """
    parameters = inspect.signature(constructor.__init__).parameters
    own = {key: each for key, each in parameters.items() if each.kind != each.VAR_KEYWORD}
    known = {*own, *_OLD_NAMES.get(constructor.__name__, ())} - {"self", *_OURS}
    given = {key: value for key, value in config.items() if key not in _OURS}
    for name, value in given.items():
        if name not in known:
            raise refused(path, f"{constructor.__name__} has no parameter", name)
        if not _is_plain(value, _largest(name)) or (name in _EDGES and not _are_edges(value)):
            raise refused(path, name, value)
    needed = {name for name in known & {*own} if own[name].default is inspect.Parameter.empty}
    if missing := needed - {*given, *SHAPES}:
        raise refused(path, "missing", ", ".join(sorted(missing)))
    _check_dtype(config.get("dtype"), path)
    _check_size(given, path)
    return {key: value for key, value in given.items() if key not in SHAPES}


def plain_config(content):
    """Keep what is plain of a configuration of Hugging Face.

    Parameters
    ----------
    content : dict

    Returns
    -------
    dict
        Without texts that are no words, long lists, numbers that are too large, and all but one
        level of what is nested.
    """
    return {
        key: {k: v for k, v in value.items() if _is_plain(v)} if isinstance(value, dict) else value
        for key, value in content.items()
        if isinstance(value, dict) or _is_plain(value)
    }


def refused(path, name, value):
    """Make the error that a value of a configuration is not plain.

    Parameters
    ----------
    path : Path
    name : str
    value : object

    Returns
    -------
    InputError
    """
    return input_error(
        "A configuration must give plain values of plausible size to what its network has",
        f"{name}: {str(value)[:100]} in {path}",
        "get the file again from its publisher",
    )


def _largest(name):
    return next(number for pattern, number in _LARGEST.items() if pattern.fullmatch(name))


def _is_plain(value, largest=_MAX_NUMBER, depth=0):
    """Tell whether it is a word, a number of plausible size, nothing, or a short list of these.

    No parameter of these networks is negative.
    """
    if isinstance(value, list):
        is_short = depth < 2 and len(value) <= _MAX_VALUES
        return is_short and all(_is_plain(each, largest, depth + 1) for each in value)
    if isinstance(value, str):
        return bool(_WORD.fullmatch(value))
    return value is None or (isinstance(value, (bool, int, float)) and 0 <= value <= largest)


def _are_edges(value):
    return (
        isinstance(value, list)
        and len(value) in (2, 3)
        and all(type(v) is int and v for v in value)
    )


def _check_dtype(dtype, path):
    """Check that weights are floating numbers: quantised ones are laid out in another way."""
    name = dtype
    if isinstance(dtype, dict):
        inner = dtype.get("config")
        name = inner.get("name") if isinstance(inner, dict) else inner
    if dtype is not None and not (isinstance(name, str) and name in _FLOATS):
        raise refused(path, "dtype", dtype)


def _check_size(given, path):
    depths = _numbers(given, _DEPTHS)
    # Of a Swin each stage has twice the width of the one before.
    growth = 2 ** (len(depths) - 1) if "embed_dim" in given and depths else 1
    width = growth * max(_numbers(given, _WIDTHS), default=0)
    squares = max(1, sum(depths)) * width**2
    if squares > _MAX_SQUARES:
        raise refused(path, "blocks times the square of their width", squares)


def _numbers(given, names):
    """List the numbers of the parameters of some names."""
    values = [given[key] for key in given if names.fullmatch(key)]
    lists = [value if isinstance(value, list) else [value] for value in values]
    return [each for values in lists for each in values if type(each) in (int, float)]
