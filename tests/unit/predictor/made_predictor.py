"""A small predictor: SmallVGG with weights at random, a head, and all that its folder needs."""

import numpy as np

from fewshot.data.framing import Framing
from fewshot.data.images import read_image
from fewshot.files import file_sha256
from fewshot.predictor import folder as names
from fewshot.predictor.check import Check, write_check
from fewshot.predictor.folder import write_description
from fewshot.predictor.pictures import check_pictures
from fewshot.predictor.travelling import copy_program

CLASSES = ["cat", "dog", 'a "bird", <b>two\nlines</b>', "=fish", "\u202eemit"]
FRAMING = Framing(32, "crop", "bicubic", 0.875)
TRUST = [
    {"above": 0.0, "accuracy": 0.81, "low": 0.7, "high": 0.9, "share": 1.0, "judged": 200},
    {"above": 0.9, "accuracy": 0.97, "low": 0.95, "high": 0.99, "share": 0.5, "judged": 100},
    {"above": 0.99, "accuracy": None, "low": None, "high": None, "share": 0.0, "judged": 0},
]


def build_network(pixels):
    """Build a network with batch normalizations, whose probabilities are spread for some pixels."""
    import keras
    from keras import layers, ops

    from fewshot.backbone.sources.small_vgg import SmallVGG

    keras.utils.set_random_seed(0)
    trunk = SmallVGG(normalized=True)
    trunk = keras.Model(trunk.input, trunk.get_layer("fc2").output)
    images = keras.Input((32, 32, 3), dtype="uint8", name="images")
    scaled = layers.Rescaling(1 / 127.5, -1)(ops.cast(images, "float32"))
    head = layers.Dense(len(CLASSES), name="head")
    logits = head(trunk(scaled))
    model = keras.Model(images, layers.Softmax(name="probabilities")(logits))
    kernel = np.random.default_rng(0).normal(size=(256, len(CLASSES)))
    head.set_weights([kernel, np.zeros(len(CLASSES))])
    said = keras.Model(images, logits).predict(pixels, verbose=0)
    scale = 5 / said.std()
    head.set_weights([kernel * scale, -said.mean(axis=0) * scale])
    return model


def build_hub_network(folder):
    """Build a predictor of a small ViT of KerasHub; its weights stay in a folder that is there."""
    from small_networks import ARGUMENTS, CONVERTER, randomise

    from fewshot.backbone.networks import build_network
    from fewshot.backbone.weight_files import weights_digest
    from fewshot.heads.export import build_predictor
    from fewshot.study.forward_passes import made_of

    hub = {key: CONVERTER[key] for key in ("scale", "offset")}
    arguments = ARGUMENTS["ViTBackbone"] | {"patch_size": 8}
    size = FRAMING.image_size
    del arguments["image_shape"]
    hub |= {"class_name": "ViTBackbone", "arguments": arguments}
    backbone = {"network": "ViTBackbone", "include_top": False, "image_size": size, "hub": hub}
    model, path = randomise(build_network(backbone).model), folder / "network.weights.h5"
    model.save_weights(path)
    backbone["weights"] = weights_digest(model)
    weights = np.random.default_rng(0).normal(size=(32, len(CLASSES))).astype(np.float32)
    head = weights, np.zeros(len(CLASSES), np.float32), made_of("encoder@cls", "1"), 1.0
    return build_predictor(backbone, path, *head, storage="float16", precision="float32")


def write_predictor(folder, model=None):
    """Write the folder of a predictor; of the network above, unless another is given."""
    files = check_pictures()[::3]
    pixels = np.stack([np.asarray(read_image(file, FRAMING)) for file in files])
    model = model or build_network(pixels)
    probabilities = model.predict(pixels, verbose=0)
    folder.mkdir(parents=True, exist_ok=True)
    model.save(folder / names.MODEL)
    write_check(folder / names.CHECK, Check(files, pixels, probabilities))
    copy_program(folder)
    describe(folder)


def description(folder):
    """Give a description of the model and the check in a folder."""
    digests = {"model": names.MODEL, "check": names.CHECK}
    return {
        "format": names.VERSION,
        "name": "made <up>",
        "classes": CLASSES,
        "framing": FRAMING._asdict(),
        "max_megapixels": 250,
        "trust": TRUST,
        "tolerance": 1e-3,
        "sha256": {key: file_sha256(folder / name) for key, name in digests.items()},
    }


def describe(folder, **changes):
    """Write the description, which is right but for some changes."""
    write_description(folder, description(folder) | changes)
