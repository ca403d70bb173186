"""Which figures a study calls for, of which grid points, and where they lie."""

from fewshot.study.forward_passes import SCORES, stored_layer
from fewshot.study.read import experiment_points, is_end_to_end, points, students, unique

CATEGORIES = {
    "shots": "Accuracy against shots",
    "layer": "Layers",
    "layer_curves": "Layers",
    "temperature": "Temperature",
    "temperature_curves": "Temperature",
    "distillation": "Distillation",
    "feature_maps": "What the network sees",
    "filters": "What the network sees",
    "excitations": "What the network sees",
    "comparison": "Comparison",
    "costs": "Cost",
    "curves": "Learning curves",
}
_IN_EPOCHS = ("sgd", "end_to_end")  # solvers that leave learning curves
_PENALISED = ("logistic", "ridge")  # solvers that bring inputs to one scale


def figures(study):
    """List the figures of a study.

    Parameters
    ----------
    study : dict
        From `study.read_study`.

    Returns
    -------
    list of dict
        With kind and category (see `CATEGORIES`), dataset and backbone (empty where a figure is
        not of one alone) and file, a PNG; for kind curves the folder of a dataset's curves.
    """
    folder = f"reports/{study['study']}/figures"
    listed = []

    def add(kind, file, dataset="", backbone=""):
        place = {"dataset": dataset, "backbone": backbone, "file": f"{folder}/{file}"}
        listed.append({"kind": kind, "category": CATEGORIES[kind], **place})

    for dataset, settings in study["datasets"].items():
        for axis in ("shots", "layer", "temperature"):
            if against(study, dataset, axis):
                add(axis, f"{dataset}/accuracy_against_{axis}.png", dataset)
        for axis in ("layer", "temperature"):
            for name, grid in curves_by(study, dataset, axis).items():
                file = f"{dataset}/curves_by_{axis}/{name}.png"
                add(f"{axis}_curves", file, dataset, grid[0]["backbone"])
        if any(student["alone"]["dataset"] == dataset for student in students(study)):
            add("distillation", f"{dataset}/distillation.png", dataset)
        for name, backbone in study["backbones"].items():
            if shows_features(backbone):
                add("feature_maps", f"{dataset}/{name}_feature_maps.png", dataset, name)
            if backbone["excitations"]:
                add("excitations", f"{dataset}/{name}_excitations.png", dataset, name)
        if settings["role"] and deepest_points(study, dataset):
            add("comparison", f"{dataset}/comparison.png", dataset)
        if compared_costs(study, dataset):
            add("costs", f"{dataset}/costs.png", dataset)
        if curve_points(study, dataset):
            add("curves", f"{dataset}/curves", dataset)
    for name, backbone in study["backbones"].items():
        if shows_features(backbone):
            add("filters", f"{name}_filters.png", backbone=name)
    return listed


def shows_features(backbone):
    """Tell whether feature maps and filters of a backbone are drawn."""
    return backbone["feature_maps"] != []


def curve_points(study, dataset):
    """List a dataset's grid points that are trained in epochs."""
    heads = _heads(study, _IN_EPOCHS)
    return [p for p in points(study) if p["dataset"] == dataset and p["head"] in heads]


def _heads(study, solvers):
    return {name for name, head in study["heads"].items() if head["solver"] in solvers}


def against(study, dataset, axis):
    """List a dataset's grid points in the experiments that vary `axis`.

    Against layer stand those that vary nothing else, where there are any. Against temperature
    stand also the levels that the class probabilities are held against: heads with the same shots
    on the logits that are left of them, and on the deepest layer.
    """
    grids = [experiment_points(study, each) for each in study["experiments"]]
    grids = [[point for point in grid if point["dataset"] == dataset] for grid in grids]
    varied = [
        {key for key in ("shots", "layer", "temperature") if len({p[key] for p in grid}) > 1}
        for grid in grids
    ]
    chosen = [grid for grid, keys in zip(grids, varied, strict=True) if axis in keys]
    if axis == "layer":
        alone = [grid for grid, keys in zip(grids, varied, strict=True) if keys == {"layer"}]
        chosen = alone or chosen
    grid = unique(point for grid in chosen for point in grid)
    return unique(grid + _levels(study, grid)) if axis == "temperature" else grid


def _levels(study, grid):
    tuned = _heads(study, _PENALISED)
    wanted = {(point["backbone"], point["shots"]) for point in grid}
    same = [
        point
        for point in points(study)
        if grid
        and point["dataset"] == grid[0]["dataset"]
        and point["head"] in tuned
        and (point["backbone"], point["shots"]) in wanted
    ]
    deepest = deepest_layers(study, same)
    return [
        point
        for point in same
        if point["layer"] in ("centred_logits", deepest.get(point["backbone"]))
    ]


def network_order(study):
    """List the layers of all backbones, in the order in which the study names them."""
    entries = [entry for backbone in study["backbones"].values() for entry in backbone["layers"]]
    named = [layer for entry in entries for layer in entry]
    return list(dict.fromkeys([*named, *SCORES]))


def deepest_layers(study, grid):
    """Find for each backbone the last layer of a grid, class scores aside.

    Returns
    -------
    dict of str to str
    """
    order = network_order(study)
    grid = [point for point in grid if point["layer"] not in SCORES]
    return {
        point["backbone"]: point["layer"]
        for point in sorted(grid, key=lambda point: order.index(point["layer"]))
    }


def shallowest_place(study):
    """Find where gradients are checked: the first layer that heads read on the first dataset.

    Returns
    -------
    dict
        dataset, backbone, layer and temperature.
    """
    every = points(study)
    grid = [p for p in every if p["dataset"] == every[0]["dataset"]]
    grid = [p for p in grid if not is_end_to_end(study["heads"][p["head"]])] or grid
    order = network_order(study)
    first = min(grid, key=lambda point: order.index(point["layer"]))
    place = {key: first[key] for key in ("dataset", "backbone")}
    return {**place, "layer": stored_layer(first["layer"]), "temperature": "1"}


def deepest_points(study, dataset):
    """List a dataset's grid points on the deepest layer of each backbone, for all shots."""
    grid = against(study, dataset, "shots")
    deepest = deepest_layers(study, grid)
    return [point for point in grid if point["layer"] == deepest.get(point["backbone"])]


def compared_costs(study, dataset):
    """List a dataset's grid points of both approaches: end to end, and sgd on the same layer."""
    grid = curve_points(study, dataset)
    ends = [point for point in grid if is_end_to_end(study["heads"][point["head"]])]
    places = {(p["backbone"], p["layer"], p["shots"]) for p in ends}
    cached = [
        point
        for point in grid
        if point not in ends and (point["backbone"], point["layer"], point["shots"]) in places
    ]
    return ends + cached if cached else []


def curves_by(study, dataset, axis):
    """Group a dataset's learning curves that differ in `axis` alone.

    Parameters
    ----------
    study : dict
    dataset : str
    axis : {"layer", "temperature"}

    Returns
    -------
    dict of str to list of dict
        Grid points by the name of their figure, in the order of the network or of T.
    """
    groups, heads = {}, _heads(study, _IN_EPOCHS)
    for point in against(study, dataset, axis):
        if point["head"] in heads and (axis == "temperature") == (point["layer"] == "predictions"):
            name = f"{point['backbone']}__{point['shots']}-shot__{point['head']}"
            groups.setdefault(name, []).append(point)
    order = network_order(study)
    place = {
        "layer": lambda point: order.index(point["layer"]),
        "temperature": lambda point: float(point["temperature"]),
    }[axis]
    groups = {name: sorted(grid, key=place) for name, grid in groups.items()}
    return {name: grid for name, grid in groups.items() if len({*map(place, grid)}) > 1}
