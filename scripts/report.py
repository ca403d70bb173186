"""Put a study on one page: question, answers, figures, tables, data and digests."""

import yaml

from fewshot.files import file_sha256, write_text
from fewshot.page.content import study_content
from fewshot.page.description import describe_study
from fewshot.page.rendering import render_page
from fewshot.page.tables import read_tables
from fewshot.page.verdicts import tell_briefly
from fewshot.results.study_tables import TABLES, read_study_tables
from fewshot.study.grid import network_order

# Of `tables`, those that the page shows as they are.
_SHOWN = (
    *("summary", "choices", "forecast", "wanted", "classes", "confusion", "contrasts"),
    *("depth", "distillation", "costs", "comparison", "surpassed"),
)


def report(
    *,
    study,
    index_path,
    accuracy_path,
    gradients_path,
    timings_path,
    manifest_paths,
    draws_paths,
    pool_paths,
    source_paths,
    backbone_paths,
    template_path,
    thumbnails_paths,
    table_paths,
    report_path,
    answers_path,
):
    """Write the report of a study, a single HTML file that loads nothing.

    Parameters
    ----------
    study : dict
        Every key of the study, with its defaults filled in.
    index_path : str
        Index of figures, at reports/<study>/figures/. The caption of a figure lies beside it,
        under its name with the ending .txt.
    accuracy_path : str
        Results of the study, a row a repeat.
    gradients_path, timings_path : str or None
        Further tables, None for those that the study does not have.
    manifest_paths, draws_paths, pool_paths, source_paths : list of str
        A file for each dataset, in the order of the study.
    backbone_paths : list of str
        A file for each backbone, in the order of the study.
    template_path : str
        Jinja template of the page. What it imports, style and script lie beside it.
    thumbnails_paths, table_paths
        See `fewshot.results.study_tables.read_study_tables`.
    report_path : str
        File written.
    answers_path : str
        Text written: the answers in at most ten lines, for a terminal.
    """
    found = read_study_tables(
        table_paths,
        thumbnails_paths=thumbnails_paths,
        draws_paths=draws_paths,
        solvers={name: head["solver"] for name, head in study["heads"].items()},
        roles={name: dataset["role"] for name, dataset in study["datasets"].items()},
        layers=network_order(study),
    )
    basis = describe_study(
        study, source_paths, manifest_paths, pool_paths, draws_paths, backbone_paths
    )
    content = study_content(study, found, index_path, manifest_paths, pool_paths)
    page = render_page(
        template_path,
        **basis,
        **content,
        study=study,
        tables=read_tables(
            gradients=gradients_path,
            timings=timings_path,
            **{name: table_paths[name] for name in _SHOWN},
        ),
        config=yaml.safe_dump(study, sort_keys=False, allow_unicode=True, width=100),
        accuracy_sha256=file_sha256(accuracy_path),
    )
    write_text(report_path, page)
    write_text(answers_path, tell_briefly(content["verdicts"]))


def main(snakemake):
    """Do what the rule says."""
    report(
        **snakemake.params.arguments,
        index_path=snakemake.input.index,
        accuracy_path=snakemake.input.accuracy,
        table_paths={name: snakemake.input.get(name) or None for name in TABLES},
        thumbnails_paths=snakemake.input.thumbnails,
        gradients_path=snakemake.input.gradients or None,
        timings_path=snakemake.input.timings or None,
        manifest_paths=snakemake.input.manifests,
        draws_paths=snakemake.input.draws,
        pool_paths=snakemake.input.pools,
        source_paths=snakemake.input.sources,
        backbone_paths=snakemake.input.backbones,
        template_path=snakemake.input.template,
        report_path=snakemake.output.report,
        answers_path=snakemake.output.answers,
    )
