"""The table of presets beside the library's own registry."""

import pytest

from fewshot.study.networks import FAMILIES
from fewshot.study.presets import PRESETS


@pytest.mark.slow
def test_the_presets_are_those_of_the_library():
    import keras_hub

    for class_name, family in FAMILIES.items():
        library = getattr(keras_hub.models, family.whole or class_name)
        own = {name for name, (found, _) in PRESETS.items() if found == class_name}
        assert own == {*library.presets}
