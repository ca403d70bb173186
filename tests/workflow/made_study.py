"""A finished study of any number of classes, without a network: scores are a signal and noise.

All that follows from what heads say of images is what the project's own scripts make of it.
"""

import base64
import io

import numpy as np
from PIL import Image
from report_world import TEMPLATE

from choices import choices
from collect import collect
from contrasts import contrasts
from fewshot.data.draws import draw_repeats, read_draws, write_draws
from fewshot.data.manifest import ManifestRow
from fewshot.data.pool import PoolRow
from fewshot.files import write_json
from fewshot.heads.head_files import RESULT_COLUMNS
from fewshot.heads.predictions import predict, read_predictions, write_predictions
from fewshot.metrics import MEASURES
from fewshot.records import read_records, write_records, write_table
from fewshot.results.choices import Choice, recommended
from fewshot.results.galleries import shown_images, wrong_most_surely
from fewshot.results.images import JudgedImage
from fewshot.results.neighbours import Neighbour, Placed, nearest_trained, place_tests
from fewshot.results.study_tables import RECORDS, TABLES
from fewshot.study.figure_grids import COMPARED
from fewshot.study.figure_index import INDEX_COLUMNS, index_rows
from fewshot.study.figure_kinds import KINDS, planned_figures, to_plain
from fewshot.study.grid import controls, network_order, points
from fewshot.study.read import read_study
from forecast import forecast
from mistakes import mistakes
from paper import paper
from plot_tables import plot_tables

TEST, SHOTS = 2, (1, 2, 4, 8)  # of each class
SIGNAL = {"block4_pool": 1.4, "fc2": 2.1}  # of the right class at one shot, in units of the noise


def _study(classes, datasets, changes):
    return read_study(
        {
            "study": f"made-{classes}",
            "datasets": {name: {"source": "data", "classes": "folders"} for name in datasets},
            "backbones": {
                "small": {
                    "network": "SmallVGG",
                    "weights": "characters",
                    "layers": [[*SIGNAL]],
                    "feature_maps": [],
                }
            },
            "draws": {"test": TEST, "images_per_class": TEST + SHOTS[-1], "repeats": 3},
            "heads": {"tuned": {"solver": "logistic"}, "ridge": {"solver": "ridge"}},
            "experiments": {"shots": {"layers": [*SIGNAL], "shots": [*SHOTS]}},
            "wanted_accuracy": 0.9,
            **changes,
        }
    )


class Maker:
    """Writes the files of a made-up study, stage by stage, and knows where they lie.

    Parameters
    ----------
    folder : Path
    classes : int
    datasets : sequence of str
    **changes
        Keys of the study.
    """

    def __init__(self, folder, classes, datasets=("made",), **changes):
        self.study = _study(classes, datasets, changes)
        self.report = folder / "reports" / self.study["study"]
        self.data = {name: folder / "results" / name for name in datasets}
        self.names = [f"class {label:03}" for label in range(classes)]
        self.grid = points(self.study)
        self._folder = folder
        self._generator = np.random.default_rng(classes)

    def make(self):
        """Write all and return the arguments of `report.report`."""
        for name in self.data:
            self._write_images(name)
        self._train()
        self._write_tables()
        self._place()
        self._draw()
        paper(
            study=self.study,
            summary_path=self._table("summary"),
            choices_path=self._table("choices"),
            draws_paths=self._draws,
            markdown_path=self.report / "summary.md",
            latex_path=self.report / "summary.tex",
            references_path=self.report / "references.bib",
        )
        return self._arguments()

    def _table(self, name):
        return self.report / f"{name}.csv"

    def _file(self, point, ending):
        return self._folder / point.file(ending)

    @property
    def _draws(self):
        return [folder / "draws.csv" for folder in self.data.values()]

    def _write_images(self, dataset):
        folder, rows, pool = self.data[dataset], [], []
        folder.mkdir(parents=True)
        for label, name in enumerate(self.names):
            for number in range(TEST + SHOTS[-1]):
                digest, image = f"{label:032x}{number:032x}", f"{name}/{number}.png"
                rows.append(ManifestRow(image, name, digest, status="ok", group=digest))
                pool.append(PoolRow(len(pool), image, name, label, digest, digest))
        write_records(folder / "manifest.csv", ManifestRow, rows)
        write_records(folder / "pool.csv", PoolRow, pool)
        draws = self.study["draws"]
        drawn = draw_repeats(pool, TEST, draws["repeats"], draws["seed"], shots=SHOTS[-1])
        write_draws(drawn, folder / "draws.csv")
        write_json(folder / "source.json", {"root": "images", "sha256": None, "files": len(rows)})

    def _train(self):
        """Write what heads leave: the more shots, the larger the signal of the right class."""
        for dataset in self.data:
            draws = read_draws(self.data[dataset] / "draws.csv")
            shape = len(draws.labels), draws.classes
            # What all heads and repeats share of an image: some are hard.
            shared = self._generator.standard_normal(shape)
            right = np.eye(draws.classes)[draws.labels]
            for point in (each for each in self.grid if each.dataset == dataset):
                repeats = []
                for repeat in range(draws.repeats):
                    noise = shared + 0.5 * self._generator.standard_normal(shape)
                    signal = SIGNAL[point.layer] * (1 + 0.3 * np.log2(point.shots))
                    scores = (noise + signal * right).astype(np.float32)
                    roles = draws.roles(repeat, draws.training_rows(repeat, point.shots))
                    said, _ = predict(scores, draws.labels, draws.groups, roles, kept="all")
                    repeats.append(said)
                write_predictions(self._file(point, ".predictions.h5"), repeats)
                self._write_results(point, draws.repeats)

    def _write_results(self, point, repeats):
        said = read_predictions(self._file(point, ".predictions.h5"))
        tests = said.role == 2
        accuracy = (tests & (said.rank == 0)).sum(axis=1) / tests.sum(axis=1)
        measures = dict.fromkeys(MEASURES, 0.5)
        rows = [
            {"repeat": repeat, "seconds": 0.1, **measures, "test_accuracy": accuracy[repeat]}
            for repeat in range(repeats)
        ]
        cells = [[row.get(name, "") for name in RESULT_COLUMNS] for row in rows]
        write_table(self._file(point, ".csv"), RESULT_COLUMNS, cells)

    @property
    def _grid_arguments(self):
        return {
            "points": [tuple(point) for point in self.grid],
            "datasets": [*self.data],
            "predictions_paths": [self._file(point, ".predictions.h5") for point in self.grid],
            "draws_paths": self._draws,
        }

    @property
    def _figures(self):
        return [
            each
            for each in planned_figures(self.study)
            if KINDS[each.kind].drawn_by == "plot_tables"
        ]

    @property
    def _solvers(self):
        return {name: head["solver"] for name, head in self.study["heads"].items()}

    def _write_tables(self):
        paths = {f"{name}_path": self._table(name) for name in ("accuracy", "summary")}
        collect(
            **self._grid_arguments,
            **paths,
            result_paths=[self._file(point, ".csv") for point in self.grid],
            calibration_path=self._table("calibration"),
        )
        backbone = self._folder / "results/backbones/small.json"
        layers = {"block4_pool": [4, 4, 128], "fc2": [256]}
        network = {"weights": "e" * 64, "image_size": 32, "layers": layers}
        write_json(backbone, network | {"prefix_tokens": 0, "hub": None})
        choices(
            **self._grid_arguments,
            solvers=self._solvers,
            backbones=["small"],
            layers_read=[
                (dataset, "small", layer, layer, []) for dataset in self.data for layer in SIGNAL
            ],
            summary_path=paths["summary_path"],
            backbone_paths=[backbone],
            choices_path=self._table("choices"),
        )
        forecast(
            wanted_accuracy=self.study["wanted_accuracy"],
            **paths,
            forecast_path=self._table("forecast"),
            wanted_path=self._table("wanted"),
        )
        contrasts(
            **self._grid_arguments,
            figures=to_plain([each for each in self._figures if each.kind in COMPARED]),
            in_epochs=[],
            solvers=self._solvers,
            layers=network_order(self.study),
            controls=controls(self.study),
            curves_paths=[],
            distillation_path=None,
            comparison_path=None,
            contrasts_path=self._table("contrasts"),
        )
        mistakes(
            **self._grid_arguments,
            choices_path=self._table("choices"),
            pools_paths=[folder / "pool.csv" for folder in self.data.values()],
            **{f"{name}_path": self._table(name) for name in ("classes", "confusion", "images")},
        )

    def _place(self):
        """Write map, neighbours and thumbnails; what a layer says is a signal and noise, too."""
        images = read_records(self._table("images"), JudgedImage)
        best = recommended(read_records(self._table("choices"), Choice))
        placed, neighbours = [], []
        for dataset, folder in self.data.items():
            draws = read_draws(folder / "draws.csv")
            centres = self._generator.standard_normal((draws.classes, 16))
            values = centres[draws.labels] + self._generator.standard_normal(
                (len(draws.labels), 16)
            )
            said = read_predictions(self._file(best[dataset].point, ".predictions.h5"))
            facts = draws, said, values.astype(np.float32).__getitem__
            placed += place_tests(dataset, *facts)
            own = [each for each in images if each.dataset == dataset]
            wrong = [each.row for each in wrong_most_surely(own)]
            neighbours += nearest_trained(dataset, wrong, best[dataset].shots, *facts)
        write_records(self._table("map"), Placed, placed)
        write_records(self._table("neighbours"), Neighbour, neighbours)
        for dataset in self.data if self.study["gallery"] else ():
            self._write_thumbnails(dataset)

    def _write_thumbnails(self, dataset):
        rows = {
            name: read_records(self._table(name), RECORDS[name])
            for name in ("images", "confusion", "map", "neighbours")
        }
        manifest = read_records(self.data[dataset] / "manifest.csv", ManifestRow)
        pool = read_records(self.data[dataset] / "pool.csv", PoolRow)
        shown = shown_images(dataset, *rows.values(), manifest, pool)
        write_json(self._thumbnails(dataset), {image: self._picture() for image in shown})

    def _thumbnails(self, dataset):
        return self.report / f"thumbnails/{dataset}.json"

    def _picture(self):
        """Make a blurred picture of noise, about as large as that of a photograph."""
        noise = self._generator.integers(0, 256, (24, 24, 3), np.uint8)
        file = io.BytesIO()
        Image.fromarray(noise).resize((96, 96)).save(file, "JPEG", quality=80)
        return base64.b64encode(file.getvalue()).decode()

    @property
    def _shared_arguments(self):
        return {
            "table_paths": {
                name: path if (path := self._table(name)).exists() else None for name in TABLES
            },
            "thumbnails_paths": [
                self._thumbnails(name) for name in self.data if self.study["gallery"]
            ],
            "draws_paths": self._draws,
        }

    def _draw(self):
        figures = self._figures
        write_table(
            self.report / "figures/index.csv", INDEX_COLUMNS, index_rows(self.study, figures)
        )
        plot_tables(
            figures=to_plain(figures),
            png_paths=[self.report / "figures" / each.file for each in figures],
            solvers=self._solvers,
            roles=dict.fromkeys(self.data),
            layers=network_order(self.study),
            **self._shared_arguments,
        )

    def _arguments(self):
        folders = self.data.values()
        return {
            "study": self.study,
            "index_path": self.report / "figures/index.csv",
            "accuracy_path": self._table("accuracy"),
            "gradients_path": None,
            "timings_path": None,
            **self._shared_arguments,
            "manifest_paths": [each / "manifest.csv" for each in folders],
            "pool_paths": [each / "pool.csv" for each in folders],
            "source_paths": [each / "source.json" for each in folders],
            "backbone_paths": [self._folder / "results/backbones/small.json"],
            "template_path": TEMPLATE,
            "report_path": self.report / "report.html",
            "answers_path": self.report / "answers.txt",
        }


def make_study(folder, classes, datasets=("made",), **changes):
    """Write a made-up study and return the arguments of `report.report`.

    Parameters
    ----------
    folder : Path
    classes : int
    datasets : sequence of str
    **changes
        Keys of the study.

    Returns
    -------
    dict
    """
    return Maker(folder, classes, datasets, **changes).make()
