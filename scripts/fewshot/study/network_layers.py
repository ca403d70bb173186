"""The layers of a backbone's network, for a study that names others."""

import json
import os
import subprocess
import sys
from functools import cache
from pathlib import Path

from fewshot.files import read_json
from fewshot.study.digests import LIBRARY
from fewshot.study.networks import HUB, source_of
from fewshot.study.weights import WORDS
from fewshot.surroundings import job_environment

# Building a network takes seconds and all of Keras: a process of its own, and the study imports
# neither.
_BUILD = """
import json, sys
from fewshot.backbone.networks import find_readable
print(json.dumps(find_readable(json.loads(sys.argv[1]))))
"""
_LONGEST = 300  # seconds


def find_layers(name, backbone, is_needed):
    """List the layers of a backbone's network.

    Parameters
    ----------
    name : str
        Of the backbone.
    backbone : dict
        Its settings in the study.
    is_needed : bool
        Whether it is worth to build the network, where no earlier run has described it. Nothing is
        downloaded.

    Returns
    -------
    dict or None
        layers, the shape of an image's activations at each, and prefix_tokens, as
        `fewshot.study.pooling.layer_shape` takes them. None where they are not known.
    """
    decisive = ["network", "include_top", *(["image_size"] if backbone.get("image_size") else [])]
    try:
        description = read_json(Path(f"results/backbones/{name}.json"))
    except (OSError, ValueError):  # not there or damaged, which its readers say
        description = {}
    # A folder's configuration may have changed.
    may_differ = source_of(backbone.get("network")) == HUB and backbone["weights"] not in WORDS
    is_same = all(description.get(key) == backbone.get(key) for key in decisive)
    if description and is_same and not may_differ:
        return {key: description.get(key) for key in ("layers", "prefix_tokens")}
    settings = {
        key: backbone.get(key) for key in ("network", "weights", "include_top", "image_size")
    }
    return _built(json.dumps(settings)) if is_needed else None


@cache
def _built(settings):
    command = [sys.executable, "-c", _BUILD, settings]
    environment = job_environment(os.environ, LIBRARY.parent) | {"CUDA_VISIBLE_DEVICES": ""}
    options = {"capture_output": True, "text": True, "timeout": _LONGEST, "check": True}
    try:
        built = subprocess.run(command, env=environment, **options)
    except (OSError, subprocess.SubprocessError):
        return None
    return json.loads(built.stdout.splitlines()[-1])
