"""The classifiers of a study that are taken away: what each may be made of."""

from operator import attrgetter
from pathlib import PurePath
from typing import NamedTuple

from fewshot.errors import unknown
from fewshot.point import SOFTENED, Point, write_temperature
from fewshot.study.grid import points, unique
from fewshot.study.solvers import solver_of
from fewshot.study.timed_jobs import layers_read

ALL = "all"  # images of the pool to train on
FOLDER = "predictors"  # of all studies
_TOGETHER = ("backbone", "layer", "head")
# By kind of file, what candidates that share one have in common.
FILE_KEYS = {
    **dict.fromkeys(("predictions", "results", "heads"), tuple),
    **dict.fromkeys(("indexes", "coordinates"), attrgetter("folder")),
    **dict.fromkeys(("backbones", "weights"), attrgetter("backbone")),
}


class Predictor(NamedTuple):
    """A classifier to take away.

    Attributes
    ----------
    name : str
    dataset : str
    shots : int or "all"
        Training images of each class, or every image of the pool.
    formats : tuple of str
        Further forms: "onnx", "saved_model", "litert".
    candidates : tuple of Point
        Grid points that tell how accurate it is: where several differ in more than shots, the one
        that the study recommends is meant, of those that differ in shots the one with most.
    """

    name: str
    dataset: str
    shots: object
    formats: tuple
    candidates: tuple

    @property
    def is_new(self):
        """Whether its head is trained for it, and not one of a repeat."""
        return self.shots == ALL

    def distinct(self, key):
        """List what `key` gives of each candidate, each once."""
        return unique(map(key, self.candidates))

    def files(self, point, paths):
        """Find the files of one of the candidates.

        Parameters
        ----------
        point : Point
        paths : dict of str to list of str
            By kind, as `FILE_KEYS` has them: of the candidates in their order, what several share once.
            Kinds without paths are passed over.

        Returns
        -------
        dict of str to str
        """
        return {
            kind: dict(zip(self.distinct(key), paths[kind], strict=True))[key(point)]
            for kind, key in FILE_KEYS.items()
            if paths[kind]
        }

    def plain(self):
        """Give its fields as Snakemake's params want them: grid points as tuples."""
        return *self[:-1], [*map(tuple, self.candidates)]


def to_predictor(fields):
    """Make a predictor of what `Predictor.plain` gave."""
    return Predictor(*fields[:-1], tuple(Point(*each) for each in fields[-1]))


def predictors(study):
    """List the classifiers of a study.

    Parameters
    ----------
    study : dict
        From `fewshot.study.read.read_study`.

    Returns
    -------
    list of Predictor
    """
    return [
        Predictor(
            name,
            _dataset(study, settings),
            settings["shots"],
            tuple(settings["formats"]),
            tuple(_candidates(study, settings)),
        )
        for name, settings in study["predictors"].items()
    ]


def predictor_settings(study, predictor):
    """Give what a predictor tells of its study, and what decides its head beside coordinates.

    Parameters
    ----------
    study : dict
    predictor : Predictor

    Returns
    -------
    dict
        study, draws, extraction, data (source, licence and max_megapixels), and by name backbones
        (network, weights, licence) and heads. Of a file the name alone is told.
    """
    data, backbones = study["datasets"][predictor.dataset], predictor.distinct(lambda p: p.backbone)
    is_address = "://" in data["source"]
    return {
        **{key: study[key] for key in ("study", "draws", "extraction")},
        "data": {
            "source": data["source"] if is_address else PurePath(data["source"]).name,
            **{key: data[key] for key in ("licence", "max_megapixels")},
        },
        "backbones": {name: _backbone_settings(study["backbones"][name]) for name in backbones},
        "heads": {name: study["heads"][name] for name in predictor.distinct(lambda p: p.head)},
    }


def predictor_layers(study, predictor):
    """List the layers that a predictor may read, as `layers_read` does."""
    wanted = predictor.distinct(lambda point: point[:3])
    return [layer for layer in layers_read(study) if layer[:3] in wanted]


def _backbone_settings(backbone):
    weights = PurePath(backbone["weights"]).name
    return {"network": backbone["network"], "weights": weights, "licence": backbone["licence"]}


def _dataset(study, settings):
    """Name of its dataset, None where it names none of several."""
    known = [*study["datasets"]]
    return settings.get("dataset") or (known[0] if len(known) == 1 else None)


def _candidates(study, settings):
    given = {key: settings[key] for key in _TOGETHER if settings.get(key)}
    if given:
        given["temperature"] = write_temperature(settings.get("temperature") or 1)
    if settings.get("shots") != ALL:
        given["shots"] = settings.get("shots")
    given["dataset"] = _dataset(study, settings)
    return [
        point
        for point in points(study)
        if all(getattr(point, key) == value for key, value in given.items())
        and not solver_of(study, point.head).runs_network
    ]


def predictor_errors(study):
    """Yield what the schema can't see of the predictors: see `fewshot.study.checks.study_errors`.

    Parameters
    ----------
    study : dict
        Filled in and normalised; values that the schema refuses are None.
    """
    for name, settings in study["predictors"].items():
        path, wrong = ["predictors", name], False
        for kind, key in (("datasets", "dataset"), ("backbones", "backbone"), ("heads", "head")):
            rule = f"the study has no such entry under {kind}"
            if settings.get(key) and (found := unknown(settings[key], study[kind], rule)):
                yield [*path, key], *found
                wrong = True
        if _dataset(study, settings) is None:
            hint = f"add its dataset: {' or '.join(study['datasets'])}"
            yield path, "must say of which dataset it is", "none", hint
        elif not wrong:
            yield from _choice_errors(study, path, settings)


def _choice_errors(study, path, settings):
    given = [key for key in _TOGETHER if settings.get(key)]
    if given and len(given) < len(_TOGETHER):
        hint = "give all three, or none for what the study recommends"
        yield path, "backbone, layer and head go together", " and ".join(given), hint
        return
    if settings.get("temperature") not in (None, 1) and settings.get("layer") != SOFTENED:
        received = f"{settings.get('layer') or 'no layer'} at T = {settings['temperature']:g}"
        yield (
            [*path, "temperature"],
            f"only {SOFTENED} take temperatures other than 1",
            received,
            "remove it",
        )
    elif given and solver_of(study, settings["head"]).runs_network:
        rule = "its head must be one on cached activations"
        yield [*path, "head"], rule, settings["head"], "take another, or leave it to the study"
    elif _is_known(study, settings) and not _candidates(study, settings):
        chosen = {**{key: settings[key] for key in given}, "shots": settings.get("shots")}
        received = ", ".join(f"{key} {value}" for key, value in chosen.items())
        hint = "add it to an experiment: what isn't measured can't say how accurate it is"
        yield path, "no experiment measures such a head", received, hint


def _is_known(study, settings):
    """Tell whether nothing of it, and nothing of the grid, is spoilt by other errors."""
    axes = ("datasets", "backbones", "layers", "temperatures", "shots", "heads")
    grids = study["experiments"].values()
    return settings.get("shots") and all(grid.get(axis) for grid in grids for axis in axes)
