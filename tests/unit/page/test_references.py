import re

import pytest

from fewshot.page.references import NETWORKS, bibliography, cited_keys, network_key, references


def study(network="VGG16", weights="imagenet", role=None, name="birds"):
    return {
        "backbones": {"net": {"network": network, "weights": weights}},
        "datasets": {name: {"role": role}},
    }


def test_every_key_has_an_entry_and_every_entry_is_whole():
    known = bibliography()
    used = {*NETWORKS.values(), "russakovsky2015imagenet", "griffin2007caltech256"}
    assert used | {"kwak2013bikers", "fewshot"} == {*known}
    for key, entry in known.items():
        assert entry.startswith("@"), key
        assert entry.endswith("\n}"), key
        assert entry.count("{") == entry.count("}")
        fields = re.findall(r"^  (\w+) = \{", entry, re.MULTILINE)
        assert {"author", "title"} <= {*fields}
        assert len(fields) == len({*fields})


@pytest.mark.parametrize(
    ("network", "word"),
    [
        ("VGG19", "Very Deep"),
        ("ResNet101", "Deep Residual Learning"),
        ("ResNet152V2", "Identity Mappings"),
        ("MobileNet", "{MobileNets}"),
        ("MobileNetV2", "Inverted Residuals"),
        ("MobileNetV3Small", "Searching for"),
        ("InceptionV3", "Rethinking the Inception"),
        ("InceptionResNetV2", "{Inception-ResNet}"),
        ("EfficientNetB7", "Rethinking Model Scaling"),
        ("EfficientNetV2M", "Smaller Models"),
        ("ConvNeXtTiny", "2020s"),
        ("DenseNet201", "Densely"),
        ("NASNetMobile", "Transferable Architectures"),
        ("Xception", "Depthwise"),
    ],
)
def test_networks_have_the_paper_of_their_own_version(network, word):
    assert word in bibliography()[network_key(network)]


def test_weights_are_cited_where_it_is_known_what_they_saw():
    assert "russakovsky2015imagenet" in cited_keys(study())
    for weights in ("none", "mine.weights.h5", "characters"):
        assert "russakovsky2015imagenet" not in cited_keys(study(weights=weights))


def test_a_dataset_is_cited_where_it_is_no_stand_in():
    assert "griffin2007caltech256" in cited_keys(study(role="caltech256", name="caltech256"))
    assert cited_keys(study(role="caltech256")) == cited_keys(study())


def test_what_is_unknown_leaves_this_project():
    text = references(study("SmallVGG", "characters"))
    assert text.startswith("@software{fewshot,")
    assert text.count("@") == 1
