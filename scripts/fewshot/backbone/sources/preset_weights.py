"""Weights of KerasHub's networks, from files of both formats: all of them, or none."""

import tempfile
from pathlib import Path

import h5py
import numpy as np

from fewshot.backbone.sources.arguments import plain_config
from fewshot.backbone.sources.preset_files import CONFIG, WEIGHTS
from fewshot.backbone.sources.presets import HUGGING_FACE, hugging_face_converter
from fewshot.backbone.sources.safe_tensors import INDEX, TENSORS, open_tensors
from fewshot.backbone.weight_files import check_pinned, check_weights_file, load_weights
from fewshot.errors import InputError, first_line, input_error
from fewshot.foreign_json import check_own_file, read_foreign_json
from fewshot.hdf5 import BROKEN

# What old versions of Keras called `layers`.
_LISTS = ("layers", "_layer_checkpoint_dependencies")


def load_preset(model, preset, sha256=None):
    """Load the weights of a preset into its network, all of them or none.

    Parameters
    ----------
    model : keras.Model
        Network of KerasHub, built as the preset says, of any size of pictures that its weights fit.
    preset : fewshot.backbone.sources.presets.Preset
    sha256 : str, optional
        That the weights file must have.

    Raises
    ------
    InputError
        If the file is damaged or hostile, is not of this network, or lacks some of its weights.
    """
    if preset.form == HUGGING_FACE:
        _check_pinned_tensors(preset.folder, sha256)
        _load_hugging_face(model, preset.folder)
        return
    path = preset.folder / WEIGHTS
    check_own_file(path)
    check_pinned(path, sha256)
    if preset.whole is None:
        load_weights(model, path)
        return
    with tempfile.TemporaryDirectory() as folder:
        part = Path(folder, WEIGHTS)
        _copy_vision(path, part, preset.class_name)
        load_weights(model, part)


def _check_pinned_tensors(folder, sha256):
    if sha256 and (folder / INDEX).exists():
        hint = "leave sha256 out, or get the network with its weights in one file"
        raise input_error("Weights in several files have no sha256", folder / INDEX, hint)
    if sha256:
        check_own_file(folder / TENSORS)
        check_pinned(folder / TENSORS, sha256)


def _copy_vision(path, part, class_name):
    """Copy what a file of images and text has of images: the text needs more memory than it all."""
    check_weights_file(path)
    with h5py.File(path, "r", locking=False) as whole, h5py.File(part, "w") as file:
        lists = [whole[key] for key in _LISTS if isinstance(whole.get(key), h5py.Group)]
        parts = [part for each in lists for part in each.values() if isinstance(part, h5py.Group)]
        found = [part for part in parts if _class_of(part) == class_name.lower()]
        if len(found) != 1:
            rule = "Weights of images and text must have a part for images"
            raise input_error(rule, f"{path}, without {class_name}", "get the file again")
        for key, entry in found[0].items():
            whole.copy(entry, file, name=key)


def _class_of(part):
    """Return the class by which a part of a file is named, sig_lip_… of SigLIP…, in small letters."""
    return part.name.rpartition("/")[2].replace("_", "")


def _load_hugging_face(model, folder):
    config = plain_config(read_foreign_json(folder / CONFIG))
    floats = [each for each in model.variables if "float" in str(each.dtype)]
    for variable in floats:  # so that what the file lacks can be told
        variable.assign(np.full(variable.shape, np.nan, np.float32))
    try:
        with open_tensors(folder) as readers:
            converter = hugging_face_converter(config)
            converter.convert_weights(model, _Loader(readers), config)
    except InputError:
        raise
    except BROKEN as error:
        raise _misfit(model, folder, first_line(error)) from None
    for variable in floats:
        if not np.isfinite(variable.numpy()).all():
            raise _misfit(model, folder, f"{variable.path} is missing, or is not of finite numbers")


def _misfit(model, folder, found):
    return input_error(
        f"The weights of a folder must fit its network, {model.name}",
        f"{folder} ({found})",
        "check that config.json and the weights are of one network, and its image_size",
    )


class _Loader:
    """Gives KerasHub's converters the tensors of files that were looked through.

    Names in a file have a prefix where the network was part of another one. The first tensor that a
    converter asks for tells it.
    """

    def __init__(self, readers):
        self._readers, self._prefix = readers, None

    def get_tensor(self, name):
        """Read a tensor.

        Parameters
        ----------
        name : str

        Returns
        -------
        numpy.ndarray of float32
        """
        if self._prefix is None:
            self._prefix = self._find_prefix(name)
        old, new = self._prefix
        full = new + name.removeprefix(old)
        if full not in self._readers:
            raise LookupError(f"no tensor {full}")
        return self._readers[full]()

    def port_weight(self, keras_variable, hf_weight_key, hook_fn=None):
        """Read a tensor into a variable of Keras; KerasHub's converters name the parameters."""
        tensor = self.get_tensor(hf_weight_key)
        keras_variable.assign(hook_fn(tensor, list(keras_variable.shape)) if hook_fn else tensor)

    def _find_prefix(self, name):
        """Return what names begin with for a converter, and in the file."""
        # ViT's and DeiT's converters ask as of a network with a head: vit.embeddings.…
        inner = name[name.index("embeddings.") :] if "embeddings." in name else name
        for asked in (name, inner):
            found = [each for each in self._readers if f".{each}".endswith(f".{asked}")]
            if len(found) == 1:
                return name.removesuffix(asked), found[0].removesuffix(asked)
        raise LookupError(f"{len(found)} tensors called {inner}")
