"""JAX beside TensorFlow: the same description and weights give the same activations."""

import importlib.util
import json
import os
import subprocess
import sys

import numpy as np
import pytest
from projects import ROOT
from small_networks import ARGUMENTS, CONVERTER, randomise

READ = {
    "DINOV2Backbone": ["stem", "stage1", "layernorm@cls", "layernorm@mean", "layernorm@2x2"],
    "SigLIPVisionEncoder": ["encoder_block_0", "encoder_block_1@max", "post_layer_norm", "head"],
}
# Reads a description, weights and images, and writes activations.
PROGRAM = """
import json, sys
import numpy as np
from fewshot.backbone.networks import build_trunk
folder, *layers = sys.argv[1:]
backbone = json.load(open(f"{folder}/backbone.json"))
trunk = build_trunk(backbone, layers, f"{folder}/net.weights.h5", precision="float32")
said = trunk(np.load(f"{folder}/images.npy"))
np.savez(f"{folder}/said.npz", **{each: np.asarray(a) for each, a in zip(layers, said)})
"""


def describe(class_name, folder):
    """Write description and weights of a small network as TensorFlow has them, and return its trunk."""
    from fewshot.backbone.networks import build_network, read_layers
    from fewshot.backbone.weight_files import weights_digest

    arguments = ARGUMENTS[class_name].copy()
    size = arguments.pop("image_shape")[0]
    if class_name == "DINOV2Backbone":  # as the stage `weights` leaves it
        arguments["position_embedding_shape"] = [size, size]
    hub = {key: CONVERTER[key] for key in ("scale", "offset")}
    hub |= {"class_name": class_name, "arguments": arguments}
    backbone = {"network": class_name, "include_top": False, "image_size": size, "hub": hub}
    network = build_network(backbone)
    randomise(network.model).save_weights(folder / "net.weights.h5")
    network.model.load_weights(folder / "net.weights.h5")
    backbone["weights"] = weights_digest(network.model)
    (folder / "backbone.json").write_text(json.dumps(backbone))
    return read_layers(network, READ[class_name]), size


@pytest.mark.skipif(not importlib.util.find_spec("jax"), reason="JAX is not installed")
@pytest.mark.parametrize("class_name", READ)
def test_activations_are_those_of_tensorflow(tmp_path, class_name):
    trunk, size = describe(class_name, tmp_path)
    images = np.random.default_rng(0).integers(0, 256, (3, size, size, 3)).astype(np.float32)
    np.save(tmp_path / "images.npy", images)
    paths = [str(ROOT / "scripts"), *filter(None, [os.environ.get("PYTHONPATH")])]
    variables = {"KERAS_BACKEND": "jax", "PYTHONPATH": os.pathsep.join(paths)}
    command = [sys.executable, "-c", PROGRAM, tmp_path, *READ[class_name]]
    subprocess.run(command, env={**os.environ, **variables}, check=True)
    said = np.load(tmp_path / "said.npz")
    for layer, expected in zip(READ[class_name], trunk(images), strict=True):
        np.testing.assert_allclose(said[layer], expected, atol=1e-3, rtol=1e-3, err_msg=layer)
