"""Train students that learn from a teacher, for every repeat of a teacher and every temperature."""

import time

import numpy as np

from fewshot.backbone.coordinates import read_coordinates
from fewshot.data.draws import read_draws
from fewshot.heads.distillation import head_logits, train_student, transfer_rows
from fewshot.heads.eigenbasis import make_features
from fewshot.heads.fitted import read_head
from fewshot.metrics import accuracy, cross_entropy
from fewshot.progress import Progress
from fewshot.results.distillation import DISTILLED_COLUMNS, beside
from fewshot.results.tables import read_results, write_table


def distil(
    *,
    coordinates_path,
    index_path,
    teacher_coordinates_path,
    teacher_index_path,
    teacher_weights_path,
    draws_path,
    alone_path,
    teacher_path,
    labelled_path,
    shots,
    temperatures,
    hard_weight,
    transfer,
    results_path,
):
    """Train a student on the class probabilities of a teacher and on its own labels, and test it.

    Parameters
    ----------
    coordinates_path, index_path, teacher_coordinates_path, teacher_index_path, draws_path : str
        Coordinates of the student's and the teacher's layer with their indices, and the draws.
    teacher_weights_path : str
        HDF5 that `train_head` left for the teacher, whose repeats students have.
    alone_path, teacher_path, labelled_path : str
        Results of the student's head without a teacher, of the teacher, and of the student's head
        without a teacher but with as many labels as the teacher had.
    shots : int
        Training images of each class that the student has with their labels.
    temperatures, hard_weight, transfer
        See `fewshot.study.grid.Student`; each temperature makes a student of its own.
    results_path : str
        CSV written: for each repeat the student at each T, and the three without soft targets.

    Raises
    ------
    InputError
        If coordinates, weights or results are not whole.
    """
    draws = read_draws(draws_path)
    every = np.arange(len(draws.labels))
    coordinates = read_coordinates(coordinates_path, index_path, every)
    spoken = read_coordinates(teacher_coordinates_path, teacher_index_path, every)
    rows = beside("alone", read_results(alone_path))
    heads = read_head(teacher_weights_path)
    progress = Progress(len(heads) * len(temperatures), "students")
    parts = draws.first(len(heads)).parts(shots)
    for repeat, (head, (own, tested)) in enumerate(zip(heads, parts, strict=True)):
        taught = transfer_rows(draws, repeat, shots, transfer)
        logits = head_logits(spoken, *head)[taught]
        chosen = taught, own, tested
        students = _teach(coordinates, draws.labels, chosen, logits, temperatures, hard_weight)
        for temperature, student in zip(temperatures, progress.over(students), strict=True):
            rows.append([repeat, "distilled", f"{temperature:g}", *student])
            print(f"repeat {repeat}, T {temperature:g}: test accuracy {student[1]:.4f}", flush=True)
    for kind, path in (("labelled", labelled_path), ("teacher", teacher_path)):
        rows += beside(kind, read_results(path))
    write_table(results_path, DISTILLED_COLUMNS, rows)


def _teach(coordinates, labels, rows, logits, temperatures, hard_weight):
    """Give penalty, test accuracy, test loss and seconds of the student at each T."""
    taught, own, tested = rows
    features = make_features(coordinates[taught], coordinates[tested])
    labelled = np.searchsorted(taught, own)
    for temperature in temperatures:
        start = time.perf_counter()
        weights, bias, l2 = train_student(
            features,
            logits,
            labelled,
            labels[own],
            temperature=temperature,
            hard_weight=hard_weight,
        )
        scores = features.test @ weights + bias
        measures = accuracy(scores, labels[tested]), cross_entropy(scores, labels[tested])
        yield l2, *measures, time.perf_counter() - start


if __name__ == "__main__":
    from fewshot.job import job

    with job(snakemake.log[0], snakemake.threads):
        distil(
            **snakemake.params.arguments,
            coordinates_path=snakemake.input.coordinates,
            index_path=snakemake.input.index,
            teacher_coordinates_path=snakemake.input.teacher_coordinates,
            teacher_index_path=snakemake.input.teacher_index,
            teacher_weights_path=snakemake.input.teacher_weights,
            draws_path=snakemake.input.draws,
            alone_path=snakemake.input.alone,
            teacher_path=snakemake.input.teacher,
            labelled_path=snakemake.input.labelled,
            results_path=snakemake.output.results,
        )
