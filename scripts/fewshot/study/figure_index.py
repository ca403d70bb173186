"""The index of figures: under the numbers that they have in the original, then all others."""

from fewshot.study.figure_kinds import FOLDER, KINDS
from fewshot.study.forward_passes import SCORES
from fewshot.study.grid import network_order
from fewshot.study.original import APPROACHES, FIGURES, ROLE_NAMES
from fewshot.study.solvers import solver_of

INDEX_COLUMNS = ("figure", "category", "dataset", "approach", "shows", "file")


def index_rows(study, figures):
    """List the original's figures with what answers each, then the study's other figures.

    Parameters
    ----------
    study : dict
        From `fewshot.study.read.read_study`.
    figures : list of fewshot.study.figure_kinds.Figure

    Returns
    -------
    list of tuple
        In the order of `INDEX_COLUMNS`; the file, seen from reports/<study>/, is empty where the
        study does not draw a number.
        Where several figures could answer a number, that of the deepest layer of the first
        backbone does, at T = 1.
    """
    roles = {name: each["role"] for name, each in study["datasets"].items() if each["role"]}
    rows, used = [], set()
    for wanted in FIGURES:
        answers = [each for each in figures if _answers(study, roles, each, wanted)]
        approach = _name_approach(wanted.approach, roles)
        shows = wanted.shows or KINDS[wanted.kind].shows
        if answers:
            chosen = _deepest(study, answers)
            used.add(chosen.file)
            place = KINDS[chosen.kind].section, chosen.dataset
            rows.append((wanted.number, *place, approach, shows, f"{FOLDER}/{chosen.file}"))
        else:
            dataset = next((name for name, role in roles.items() if role == wanted.role), "")
            shows = f"not in this study: {ROLE_NAMES[wanted.role]}, {shows}"
            rows.append((wanted.number, "", dataset, approach, shows, ""))
    others = (each for each in figures if each.file not in used)
    return rows + [_unnumbered(study, roles, each) for each in others]


def _answers(study, roles, figure, wanted):
    """Say whether a figure shows what a number of the original does."""
    if figure.kind != wanted.kind or roles.get(figure.dataset) != wanted.role:
        return False
    approaches = {point: solver_of(study, point.head).approach for point in figure.points}
    if figure.kind == "shots":
        own = {point.shots for point in figure.points if approaches[point] == wanted.approach}
        return len(own) > 1
    if figure.kind != "curves":
        return True
    (point,) = figure.points
    return (approaches[point], point.shots, point.temperature) == (
        wanted.approach,
        wanted.shots,
        "1",
    ) and point.layer not in SCORES


def _deepest(study, answers):
    first, order = answers[0], network_order(study)
    alike = [each for each in answers if each.backbone == first.backbone]
    depths = [order.index(each.points[0].layer) if each.kind == "curves" else 0 for each in alike]
    return alike[depths.index(max(depths))]


def _name_approach(approach, roles):
    """Name an approach; it has its number only in a study that stands beside the original."""
    return f"{APPROACHES[approach]}: {approach}" if roles and approach else approach


def _unnumbered(study, roles, figure):
    shows, approach = KINDS[figure.kind].shows, ""
    if figure.kind == "curves":
        (point,) = figure.points
        shows += f": {point.label('backbone', 'layer', 'temperature', 'shots', 'head')}"
        approach = _name_approach(solver_of(study, point.head).approach, roles)
    elif figure.backbone:
        shows += f", {figure.backbone}"
    place = KINDS[figure.kind].section, figure.dataset
    return "", *place, approach, shows, f"{FOLDER}/{figure.file}"
