"""A small study, and the same with one value changed."""

import copy

MINIMAL = {
    "study": "tiny",
    "datasets": {"letters": {"source": "letters.zip", "classes": "folders"}},
    "backbones": {"vgg16": {"network": "VGG16", "layers": ["fc2", ["fc1", "predictions"]]}},
    "draws": {"images_per_class": 24},
    "heads": {"sgd": {"solver": "sgd"}, "tuned": {"solver": "logistic"}},
    "experiments": {"shots": {"layers": ["fc2"], "shots": [2, 16]}},
}
TAUGHT = {
    "teacher": {"layer": "fc2", "shots": 16},
    "layers": ["fc1"],
    "shots": [2],
    "head": "tuned",
}


def changed(path, value):
    """Return the minimal config with one value set; ``...`` removes it."""
    config = copy.deepcopy(MINIMAL)
    *parents, last = path.split("/")
    place = config
    for key in parents:
        place = place[key]
    if value is ...:
        del place[last]
    else:
        place[last] = value
    return config
