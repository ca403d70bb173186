"""The figures of the original report, and which figure of a study answers each of them."""

from typing import NamedTuple

from fewshot.figures.curves import curve_name

INDEX_COLUMNS = ("figure", "category", "dataset", "approach", "shows", "file")
GRID = "grid"  # in the place of a number: the report's grids of feature maps have none
CALTECH256, URBAN_TRIBES = "caltech256", "urban_tribes"
ROLE_NAMES = {CALTECH256: "Caltech-256", URBAN_TRIBES: "Urban Tribes"}
APPROACHES = {"end_to_end": "1: end to end", "sgd": "2: cached"}  # by solver
CLASS_SCORES = ("logits", "centred_logits", "predictions")
# What a figure shows that answers no number, or several at once.
_SHOWS = {
    "shots": "test accuracy against training images a class",
    "layer": "test accuracy against layer",
    "temperature": "test accuracy against temperature",
    "layer_curves": "loss and accuracy against epoch, a line a layer",
    "temperature_curves": "loss and accuracy against epoch, a line a temperature",
    "distillation": "test accuracy of distilled students against temperature",
    "feature_maps": "an image and the first six outputs of convolutions",
    "excitations": "images that excite channels of a layer most",
    "filters": "filters of the first convolution",
    "comparison": "test accuracy beside the report's and published numbers",
    "costs": "time of both approaches against training images a class",
}


class ReportFigure(NamedTuple):
    """A figure of the report: its number, what it is of and how a study draws the same."""

    number: str
    role: str
    kind: str
    shows: str
    solver: str = ""
    shots: int | None = None


def _curves(first, role, solver, measure, panel):
    shows = "test and train {} against epoch, {} shots ({} panel)"
    return [
        ReportFigure(
            str(first + step), role, "curves", shows.format(measure, shots, panel), solver, shots
        )
        for step, shots in enumerate((2, 4, 8, 16))
    ]


def _panels(first, role, kind, lines, measures):
    shows = f"{{}} against epoch, a line a {lines} (one panel of four)"
    return [
        ReportFigure(str(first + step), role, kind, shows.format(measure), "sgd")
        for step, measure in enumerate(measures)
    ]


_BY_SET = ("train accuracy", "train loss", "test accuracy", "test loss")
_BY_MEASURE = ("train accuracy", "test accuracy", "train loss", "test loss")
REPORT_FIGURES = (
    *_curves(1, CALTECH256, "end_to_end", "accuracy", "right"),
    *_curves(5, CALTECH256, "end_to_end", "loss", "left"),
    *_curves(9, CALTECH256, "sgd", "loss", "left"),
    *_curves(13, CALTECH256, "sgd", "accuracy", "right"),
    ReportFigure("17", CALTECH256, "shots", _SHOWS["shots"], "end_to_end"),
    ReportFigure("18", CALTECH256, "shots", _SHOWS["shots"], "sgd"),
    *_panels(19, CALTECH256, "layer_curves", "layer", _BY_SET),
    *_curves(23, URBAN_TRIBES, "sgd", "loss", "left"),
    *_curves(27, URBAN_TRIBES, "sgd", "accuracy", "right"),
    ReportFigure("31", URBAN_TRIBES, "shots", _SHOWS["shots"], "sgd"),
    *_panels(32, URBAN_TRIBES, "layer_curves", "layer", _BY_SET),
    *_panels(36, CALTECH256, "temperature_curves", "temperature", _BY_MEASURE),
    ReportFigure(GRID, CALTECH256, "feature_maps", _SHOWS["feature_maps"]),
    ReportFigure(GRID, URBAN_TRIBES, "feature_maps", _SHOWS["feature_maps"]),
)


def index_rows(points, heads, layers, roles, figures):
    """List the report's figures with what answers each, then the study's other figures.

    Parameters
    ----------
    points : list of dict
        Grid points that have learning curves.
    heads : dict of str to str
        Solver of each head.
    layers : list of str
        All layers, in the order of the network.
    roles : dict of str to str
        Role of each dataset that has one: a key of `ROLE_NAMES`.
    figures : list of dict
        Figures of the study: kind, category, dataset, backbone, file. The file of the kind
        "curves" is a folder with a figure for each of the dataset's `points`.

    Returns
    -------
    list of dict
        Rows with the keys `INDEX_COLUMNS`; ``file`` is empty where the study does not draw a
        number. Where several points could answer a number, the deepest layer of the first
        backbone does, at T = 1.
    """
    drawn = [each for figure in figures for each in _single_figures(figure, points)]
    rows, used = [], set()
    for wanted in REPORT_FIGURES:
        answers = [each for each in drawn if _answers(each, wanted, points, heads, roles)]
        row = {"figure": wanted.number, "approach": _approach(wanted.solver, roles)}
        if answers:
            chosen = _deepest(answers, layers)
            used.add(chosen["file"])
            rows.append({**row, **_place(chosen), "shows": wanted.shows})
        else:
            dataset = next((name for name, role in roles.items() if role == wanted.role), "")
            shows = f"not in this study: {ROLE_NAMES[wanted.role]}, {wanted.shows}"
            rows.append({**row, "category": "", "dataset": dataset, "shows": shows, "file": ""})
    others = (each for each in drawn if each["file"] not in used)
    return rows + [_unnumbered(each, heads, roles) for each in others]


def _single_figures(figure, points):
    """Give each figure a grid point, or None; a folder of curves becomes one figure a point."""
    if figure["kind"] != "curves":
        return [{**figure, "point": None}]
    own = [point for point in points if point["dataset"] == figure["dataset"]]
    return [
        {
            **figure,
            "backbone": point["backbone"],
            "file": f"{figure['file']}/{curve_name(point)}.png",
            "point": point,
        }
        for point in own
    ]


def _answers(each, wanted, points, heads, roles):
    """Say whether a figure shows what a number of the report does."""
    if each["kind"] != wanted.kind or roles.get(each["dataset"]) != wanted.role:
        return False
    if wanted.kind == "shots":
        own = [point for point in points if point["dataset"] == each["dataset"]]
        return len({p["shots"] for p in own if heads[p["head"]] == wanted.solver}) > 1
    point = each["point"]
    return point is None or (
        heads[point["head"]] == wanted.solver
        and point["shots"] == wanted.shots
        and float(point["temperature"]) == 1
        and point["layer"] not in CLASS_SCORES
    )


def _deepest(answers, layers):
    first = answers[0]
    alike = [
        each
        for each in answers
        if (each["dataset"], each["backbone"]) == (first["dataset"], first["backbone"])
    ]
    points = [each["point"] for each in alike]
    depths = [0 if point is None else layers.index(point["layer"]) for point in points]
    return alike[depths.index(max(depths))]


def _place(each):
    return {key: each[key] for key in ("category", "dataset", "file")}


def _approach(solver, roles):
    """Name an approach; it has its number only in a study that stands beside the report."""
    named = APPROACHES.get(solver, "")
    return named if roles else named.partition(": ")[2]


def _unnumbered(each, heads, roles):
    point, row = each["point"], {"figure": "", **_place(each)}
    if point is None:
        shows = ", ".join(filter(None, (_SHOWS[each["kind"]], each["backbone"])))
        return {**row, "approach": "", "shows": shows}
    of = f"{point['backbone']}, {point['layer']}, T {point['temperature']}, {point['shots']} shots"
    shows = f"test and train loss and accuracy against epoch: {of}, {point['head']}"
    return {**row, "approach": _approach(heads[point["head"]], roles), "shows": shows}
