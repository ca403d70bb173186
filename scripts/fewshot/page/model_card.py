"""The model card of a predictor: what it tells apart, how well, and when to trust it."""

import math

from fewshot.data.framing import Framing
from fewshot.figures.words import (
    chance,
    count_repeats,
    intervals,
    listed,
    paragraphs,
    percent_of,
    share,
    span,
)
from fewshot.names import first_few
from fewshot.page.markdown import code, link, plain, table
from fewshot.page.verdicts import count_images
from fewshot.predictor.folder import (
    CHECK,
    DESCRIPTION,
    FORMATS,
    KERAS_HUB,
    MODEL,
    PROGRAM,
    REQUIREMENTS,
)
from fewshot.study.predictors import ALL

_EXAMPLE = 0.9  # probability of the sentence on when to trust it
_MOST = 8  # classes that are named at the top
_UNKNOWN = "not stated"
_FORMS = {
    "onnx": "ONNX, for onnxruntime",
    "saved_model": "SavedModel, for TensorFlow",
    "litert": "LiteRT, once TensorFlow Lite",
}
_FRAMED = {
    "squash": "stretched to {scaled} × {scaled} pixels",
    "crop": "scaled until its shorter edge has {scaled} pixels, and the middle {size} × {size} cut "
    "out",
    "pad": "scaled until its longer edge has {size} pixels, and put on the middle of a black square "
    "of {size} × {size}",
}
_MEASURED = """\
It was measured in the study {study} on {dataset}: {repeats}, {each}with {shots} of each class to \
train on and others to test on{anew}; {tests} different test images in all. Brackets are {intervals}."""
_OF_ALL = """\
The head here was then trained on {images}, {by_class} of each class: all that the study reads, test \
images among them. Those measured had fewer, so this one was not measured itself. With more images \
it should do no worse. Don't test it on these images: it knows them."""
_OF_A_REPEAT = """\
The head here is the first of those measured. It was trained on {images}, {by_class} of each class. \
Its own accuracy may lie a little beside their mean."""
_CALIBRATED = """\
Its probabilities are {points:.1f} points off on average: by so much they differ from how often it \
is right."""
_USE = """\
```sh
pip install -r {requirements}
python {program} photo.jpg
python {program} photos/ -o classes.csv --html classes.html
```

The table has a row an image: file, class, probability, and the class that comes second with its \
own. The page shows the images by class, the surest first. `python {program} --help` has all options.

{with_hub}JAX does as well as TensorFlow: {with_jax} in the place of the first line.

The folder needs nothing else, and may lie anywhere. At every start it names the generated pictures \
of `{check}`. If it does not give the probabilities that it must, as with a damaged file or another \
way to read pictures, it refuses to work."""
_WITH_HUB = """\
Layers of the network are KerasHub's ({package}). With it pip installs what it wants for text and \
downloads, some 240 MB that are never used here. Where that is too much, and with JAX, leave it out \
of {requirements} and add it by {alone}.

"""
_LIMITS = """\
- It knows these {classes} classes and no other. An image of anything else is given one of them, \
sometimes with a high probability.
- It was measured on images of one kind. Images taken otherwise, by another camera, in other light, \
cut in another way, may be named worse. Label a hundred of your own, and count.
- Its probabilities take classes to be as frequent as in the test images. Where one is rarer, it is \
named too often.
- Never let it alone decide about a person."""


def model_card(description):
    """Write what a person wants to know of a predictor before they use it.

    Parameters
    ----------
    description : dict
        See `fewshot.predictor.folder.read_description`; None or NaN where a number is not known.

    Returns
    -------
    str
        Markdown, in which all names are escaped.
    """
    sections = (
        ("How well it does", _accuracy),
        ("Use it", _use),
        ("When to trust it", _trust),
        ("Class by class", _classes),
        ("What it can't do", _limits),
        ("In other software", _forms),
        ("What it is made of", _origin),
    )
    written = (f"## {title}\n\n{write(description)}" for title, write in sections)
    return paragraphs(_summary(description), *written) + "\n"


def _summary(description):
    names, measured = description["classes"], description["measured"]
    right = percent_of(*_numbers(measured))
    return paragraphs(
        f"# {plain(description['name'])}",
        f"A classifier of images. It gives each image one of {len(names)} classes "
        f"({plain(first_few(names, _MOST))}), and says how sure it is.",
        f"**{right} of test images are named rightly** (chance: {chance(len(names))}).",
    )


def _accuracy(description):
    measured, head = description["measured"], description["head"]
    repeats, error = measured["repeats"], _number(measured["calibration_error"])
    several = repeats > 1
    trained = _OF_ALL if head["shots"] == ALL else _OF_A_REPEAT
    return paragraphs(
        _MEASURED.format(
            study=plain(description["study"]),
            dataset=plain(description["dataset"]),
            repeats=count_repeats([repeats]),
            each="each " * several,
            shots=count_images(measured["shots"]),
            anew=", drawn anew each time" * several,
            tests=measured["test_images"],
            intervals=intervals([repeats]),
        ),
        trained.format(images=count_images(head["images"]), by_class=span(head["by_class"])),
        "" if math.isnan(error) else _CALIBRATED.format(points=100 * error),
    )


def _use(description):
    made_with = description["made_with"]
    pinned = {name: f"{name}=={each}" for name, each in made_with.items()}
    others = " ".join(pinned[name] for name in ("keras", "numpy", "pillow"))
    return _USE.format(
        requirements=REQUIREMENTS,
        program=PROGRAM,
        with_hub=_hub(pinned[KERAS_HUB]) if KERAS_HUB in pinned else "",
        with_jax=code(f"pip install {others} jax"),
        check=CHECK,
    )


def _hub(package):
    alone = code(f"pip install --no-deps {package} regex tokenizers")
    return _WITH_HUB.format(package=code(package), requirements=code(REQUIREMENTS), alone=alone)


def _trust(description):
    rows = [row for row in description["trust"] if row["judged"]]
    above, accuracy, part, judged = "probability", "right", "of all images", "judged"
    cells = (
        (
            f"{row['above']:g} or above" if row["above"] else "any",
            _percent(row),
            share(row["share"]),
            str(row["judged"]),
        )
        for row in rows
    )
    found = table([above, accuracy, part, judged], {accuracy, part, judged}, cells)
    example = max((row for row in rows if row["above"] <= _EXAMPLE), key=lambda row: row["above"])
    more = " The heads that were measured had fewer images than the one here, which is sure more often."
    return paragraphs(
        f"At {example['above']:g} or above: {percent_of(*_numbers(example))} right, "
        f"{share(example['share'])} of images.",
        found,
        f"This is of the test images, each counted as often as it was judged. `--min-probability "
        f"{example['above']:g}` writes `?` where the probability is lower: leave those to a person."
        f"{more * (description['head']['shots'] == ALL)}",
    )


def _classes(description):
    heads = ["class", "right", "test images", "right when named", "taken for", "trained on"]
    trained = dict(zip(description["classes"], description["head"]["by_class"], strict=True))
    rows = sorted(description["by_class"], key=lambda row: _order(row["accuracy"]))
    cells = (
        (
            plain(row["class_name"]),
            _percent(row),
            str(row["images"]),
            _share(row["precision"]),
            f"{plain(row['taken_for'])}, {share(row['taken_share'])}" if row["taken_for"] else "",
            str(trained[row["class_name"]]),
        )
        for row in rows
    )
    return paragraphs(
        "The hardest come first. Right: of the test images of the class. Right when named: of those "
        "that were given its name. Taken for: the class that most of the others were given.",
        table(heads, {"right", "test images", "right when named", "trained on"}, cells),
    )


def _limits(description):
    return _LIMITS.format(classes=len(description["classes"]))


def _forms(description):
    framing, forms = Framing(**description["framing"]), description["formats"]
    size = framing.image_size
    framed = _FRAMED[framing.resize].format(size=size, scaled=framing.scaled_edge)
    if framing.resize == "squash" and framing.scaled_edge != size:
        framed += f", and the middle {size} × {size} cut out"
    rows = [
        (f"`{FORMATS[form]}`", _FORMS[form], f"{_number(difference):.1e}")
        for form, difference in forms.items()
    ]
    found = table(["file", "form", "largest difference"], {"largest difference"}, rows)
    differ = (
        "These compute in float32 and round nothing. The largest difference is that from the same "
        f"model of Keras on the pictures of `{CHECK}`, of probabilities."
    )
    return paragraphs(
        f"`{MODEL}` is a Keras model without code of its own. It takes a batch of images as "
        f"n × {size} × {size} × 3 numbers from 0 to 255 (uint8), red, green, blue, and gives "
        f"n × {len(description['classes'])} probabilities, in the order of `classes` in "
        f"`{DESCRIPTION}`. An image is turned as its EXIF says, brought to sRGB, put on white where "
        f"it is transparent, and {framed}, by Pillow's {framing.interpolation} interpolation.",
        paragraphs(found, differ) if rows else "",
    )


def _origin(description):
    backbone, data, head = (description[key] for key in ("backbone", "data", "head"))
    layer, temperature = plain(description["layer"]), description["temperature"]
    versions = description["made_with"].items()
    at = f" at T {plain(temperature)}" * (temperature != "1")
    rows = [
        ("network", f"{plain(backbone['network'])}, weights {plain(backbone['weights'])}"),
        ("licence of the weights", plain(backbone["licence"] or _UNKNOWN)),
        ("layer", f"{layer}{at}, in {plain(description['precision'])}"),
        ("head", f"{plain(head['name'])} (solver {plain(head['solver'])})"),
        ("images", f"{plain(description['dataset'])}, from {link(data['source'])}"),
        ("licence of the images", plain(data["licence"] or _UNKNOWN)),
        ("made with", listed(f"{name} {plain(each)}" for name, each in versions)),
        *(
            (f"digest, {plain(key.replace('_', ' '))}", code(each))
            for key, each in description["sha256"].items()
        ),
    ]
    return table(["", ""], set(), rows)


def _number(value):
    """A number, NaN where it is not known."""
    return math.nan if value is None else value


def _numbers(row):
    return [_number(row[key]) for key in ("accuracy", "low", "high")]


def _percent(row):
    accuracy, *ends = _numbers(row)
    return "" if math.isnan(accuracy) else percent_of(accuracy, *ends)


def _share(value):
    return "" if math.isnan(_number(value)) else share(value)


def _order(accuracy):
    """Sort what is not known last."""
    return math.inf if math.isnan(_number(accuracy)) else accuracy
