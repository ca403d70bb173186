import re

import numpy as np
import pytest
from rendered_markdown import Rendered

from fewshot.names import shown
from fewshot.page.model_card import model_card

HOSTILE = "<img src=x onerror=owned()> | `a` [b](javascript:c) **d**\n# e \u202ef & $g$ \\"
DIGEST = "0123456789abcdef" * 4


def described(names=("ibis", "jay"), **changes):
    """The description of a predictor, in which every number is another."""
    count = len(names)
    by_class = [
        {
            **{"class_name": name, "images": 20 + place, "judged": 50, "precision": 0.5},
            **{"accuracy": 1 - place / (2 * count), "low": 0.25, "high": 1.0},
            **{"taken_for": names[0] if place else "", "taken_share": 0.125 if place else 0.0},
        }
        for place, name in enumerate(names)
    ]
    trust = [
        (0.0, 0.81, 0.72, 0.9, 1.0, 1000),
        (0.5, 0.85, 0.75, 0.95, 0.9, 900),
        (0.9, 0.97, 0.95, 0.991, 0.71, 710),
        (0.99, None, None, None, 0.0, 0),
    ]
    fields = "above", "accuracy", "low", "high", "share", "judged"
    return {
        **{"format": 1, "name": "birds", "study": "garden", "dataset": "photos"},
        "classes": list(names),
        "framing": {
            **{"image_size": 224, "resize": "crop"},
            **{"interpolation": "bicubic", "crop_fraction": 0.875},
        },
        "max_megapixels": 250,
        "backbone": {
            **{"name": "vgg16", "network": "VGG16", "weights": "imagenet"},
            "licence": "CC BY 4.0",
        },
        "data": {"source": "https://birds.example/photos.zip", "licence": None},
        **{"layer": "fc2", "temperature": "1", "precision": "float32"},
        "head": {
            **{"name": "tuned", "solver": "logistic", "shots": "all", "images": 61 * count},
            **{"by_class": [60, *[62] * (count - 1)], "calibration": 0.7},
        },
        "measured": {
            **{"shots": 16, "repeats": 5, "test_images": 333},
            **{"accuracy": 0.81, "low": 0.72, "high": 0.9, "calibration_error": 0.034},
        },
        "by_class": by_class,
        "trust": [dict(zip(fields, row, strict=True)) for row in trust],
        **{"tolerance": 1e-3, "difference": 2e-7, "formats": {}},
        "sha256": {"model": DIGEST, "training_images": DIGEST[::-1]},
        "made_with": {
            **{"python": "3.12.3", "keras": "3.15.1", "tensorflow": "2.20.0"},
            **{"numpy": "2.3.5", "pillow": "12.0.0"},
        },
        **changes,
    }


def sections(card):
    """Text below each heading of the second level, by heading."""
    _, *parts = re.split(r"^## ", card, flags=re.M)
    return dict(part.split("\n", 1) for part in parts)


def test_it_says_what_it_tells_apart_and_how_well():
    card = model_card(described())
    assert card.startswith("# birds\n\n")
    assert "one of 2 classes (ibis, jay)" in card
    assert "**81.0 % [72.0, 90.0] of test images are named rightly** (chance: 1/2 = 50 %)" in card
    measured = sections(card)["How well it does"]
    assert "in the study garden on photos: 5 repeats, each with 16 images of each class" in measured
    assert "333 different test images" in measured
    assert "95 % intervals over draws and images" in measured
    assert "3.4 points off" in measured


def test_a_head_of_all_images_was_not_measured_itself():
    text = sections(model_card(described()))["How well it does"]
    assert "then trained on 122 images, 60 to 62 of each class" in text
    assert "not measured itself" in text
    head = described()["head"] | {"shots": 16, "images": 32, "by_class": [16, 16]}
    text = sections(model_card(described(head=head)))["How well it does"]
    assert "trained on 32 images, 16 of each class" in text
    assert "not measured itself" not in text


def test_one_repeat_drew_nothing_anew():
    measured = described()["measured"] | {"repeats": 1, "calibration_error": None}
    text = sections(model_card(described(measured=measured)))["How well it does"]
    assert "1 repeat, with 16 images of each class to train on" in text
    assert "anew" not in text
    assert "points off" not in text


def test_when_to_trust_it_has_a_row_a_probability_and_a_sentence():
    text = sections(model_card(described()))["When to trust it"]
    assert text.strip().startswith("At 0.9 or above: 97.0 % [95.0, 99.1] right, 71 % of images.")
    (rows,) = Rendered(text).tables
    assert rows[1:] == [
        ["any", "81.0 % [72.0, 90.0]", "100 %", "1000"],
        ["0.5 or above", "85.0 % [75.0, 95.0]", "90 %", "900"],
        ["0.9 or above", "97.0 % [95.0, 99.1]", "71 %", "710"],
    ]


def test_where_none_is_so_sure_the_sentence_is_of_the_next_probability():
    trust = [row for row in described()["trust"] if row["above"] < 0.9]
    text = sections(model_card(described(trust=trust)))["When to trust it"]
    assert text.strip().startswith("At 0.5 or above: 85.0 % [75.0, 95.0] right, 90 % of images.")
    assert "--min-probability 0.5" in text


@pytest.mark.parametrize("count", [2, 257])
def test_every_class_has_a_row_and_the_hardest_is_first(count):
    names = [f"class {place:03}" for place in range(count)]
    (rows,) = Rendered(sections(model_card(described(names)))["Class by class"]).tables
    assert [row[0] for row in rows[1:]] == names[::-1]
    assert rows[-1] == [names[0], "100.0 % [25.0, 100.0]", "20", "50 %", "", "60"]
    assert rows[-2][2:] == ["21", "50 %", f"{names[0]}, 12 %", "62"]


def test_a_class_that_nothing_is_known_of_comes_last_and_has_empty_cells():
    changed = described()
    changed["by_class"][0] |= dict.fromkeys(("accuracy", "low", "high", "precision"))
    (rows,) = Rendered(sections(model_card(changed))["Class by class"]).tables
    assert rows[-1] == ["ibis", "", "20", "", "", "60"]
    assert "nan" not in model_card(changed)


def test_it_says_how_an_image_becomes_numbers_and_which_forms_there_are():
    text = sections(model_card(described()))["In other software"]
    assert "n × 224 × 224 × 3" in text
    assert "shorter edge has 256 pixels, and the middle 224 × 224" in text
    assert "bicubic" in text
    assert "largest difference" not in text
    forms = {"onnx": 2.5e-7, "saved_model": 0.0, "litert": 1.25e-6}
    (rows,) = Rendered(sections(model_card(described(formats=forms)))["In other software"]).tables
    assert [row[0] for row in rows[1:]] == ["model.onnx", "saved_model", "model.tflite"]
    assert [float(row[2]) for row in rows[1:]] == pytest.approx([*forms.values()], rel=0.05)


def test_licences_versions_and_digests_are_told_as_far_as_known():
    found = Rendered(sections(model_card(described()))["What it is made of"])
    rows = dict(found.tables[0])
    assert rows["licence of the weights"] == "CC BY 4.0"
    assert rows["licence of the images"] == "not stated"
    assert rows["digest, training images"] == DIGEST[::-1]
    assert "tensorflow 2.20.0" in rows["made with"]
    assert found.links == ["https://birds.example/photos.zip"]


@pytest.mark.parametrize("backend", ["TensorFlow", "JAX"])
def test_it_says_how_to_use_it_with(backend):
    text = sections(model_card(described()))["Use it"]
    assert backend in text
    assert "pip install -r requirements.txt\npython predict.py photo.jpg" in text


def test_no_name_is_markup():
    harmless = Rendered(model_card(described()))
    texts = described()
    hostile = described(
        names=[HOSTILE, HOSTILE[::-1]],
        **dict.fromkeys(("name", "study", "dataset", "layer", "precision"), HOSTILE),
        temperature=HOSTILE,
        backbone=dict.fromkeys(texts["backbone"], HOSTILE),
        data=dict.fromkeys(texts["data"], HOSTILE),
        head=texts["head"] | {"name": HOSTILE, "solver": HOSTILE},
        made_with=dict.fromkeys(texts["made_with"], HOSTILE),
    )
    found = Rendered(model_card(hostile))
    assert found.elements | {"a"} == harmless.elements
    assert found.links == []
    assert [np.shape(rows) for rows in found.tables] == [np.shape(rows) for rows in harmless.tables]
    shapes = {row[0] for row in found.tables[1][1:]}
    assert shapes == {shown(HOSTILE), shown(HOSTILE[::-1])}


def test_it_says_what_kerashub_brings_where_its_layers_are_used():
    made_with = described()["made_with"]
    assert "KerasHub" not in model_card(described())
    used = sections(model_card(described(made_with=made_with | {"keras-hub": "0.32.0"})))
    assert "Layers of the network are KerasHub's (`keras-hub==0.32.0`)." in used["Use it"]
    assert "`pip install --no-deps keras-hub==0.32.0 regex tokenizers`" in used["Use it"]
    assert "keras-hub 0.32.0" in used["What it is made of"]
