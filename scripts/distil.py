"""Train students that learn from a teacher, for every repeat of a teacher and every temperature."""

import numpy as np

from fewshot.backbone.coordinates import read_coordinates
from fewshot.data.draws import read_draws
from fewshot.heads.distillation import train_students, transfer_rows
from fewshot.heads.fitted import head_scores, read_head
from fewshot.heads.head_files import read_results
from fewshot.heads.predictions import predict, write_predictions
from fewshot.heads.student_files import DISTILLED_COLUMNS, beside
from fewshot.metrics import accuracy, cross_entropy
from fewshot.progress import Progress
from fewshot.records import write_table


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
    predictions,
    results_path,
    predictions_path,
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
    predictions : {"all", "tests"}
        Images whose predictions are kept.
    results_path : str
        CSV written: for each repeat the student at each T, and the three without soft targets.
    predictions_path : str
        HDF5 written: predictions of each student in the order of `results_path`.

    Raises
    ------
    InputError
        If coordinates, weights or results are not whole.
    """
    draws = read_draws(draws_path)
    every = np.arange(len(draws.labels))
    coordinates = read_coordinates(coordinates_path, index_path, every)
    spoken = read_coordinates(teacher_coordinates_path, teacher_index_path, every)
    rows, judged = beside("alone", read_results(alone_path)), []
    heads = read_head(teacher_weights_path)
    progress = Progress(len(heads) * len(temperatures), "students")
    for repeat, head in enumerate(heads):
        own, tested = draws.training_rows(repeat, shots), draws.test_rows(repeat)
        taught = transfer_rows(draws, repeat, shots, transfer)
        logits = head_scores(spoken, head, centred=True)[taught]
        roles = draws.roles(repeat, taught)
        labelled = np.searchsorted(taught, own), draws.labels[own]
        students = train_students(coordinates, taught, logits, *labelled, temperatures, hard_weight)
        for temperature, student in zip(temperatures, progress.over(students), strict=True):
            scores, l2, seconds = student
            said, _ = predict(scores, draws.labels, draws.groups, roles, kept=predictions)
            judged.append(said)
            tests = scores[tested], draws.labels[tested]
            measures = accuracy(*tests), cross_entropy(*tests)
            rows.append([repeat, "distilled", f"{temperature:g}", l2, *measures, seconds])
            print(
                f"repeat {repeat}, T {temperature:g}: test accuracy {measures[0]:.4f}", flush=True
            )
    for kind, path in (("labelled", labelled_path), ("teacher", teacher_path)):
        rows += beside(kind, read_results(path))
    write_predictions(predictions_path, judged)
    write_table(results_path, DISTILLED_COLUMNS, rows)


def main(snakemake):
    """Do what the rule says."""
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
        predictions_path=snakemake.output.predictions,
    )
