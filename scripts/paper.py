"""Write what a paper on a study needs: tables of accuracies, a sentence on protocol, references."""

from fewshot.data.draws import read_draws
from fewshot.files import write_text
from fewshot.page.paper import paper_tables, to_latex, to_markdown
from fewshot.page.references import references
from fewshot.records import read_records
from fewshot.results.choices import Choice
from fewshot.results.tables import read_summary


def paper(
    *,
    study,
    summary_path,
    choices_path,
    draws_paths,
    markdown_path,
    latex_path,
    references_path,
):
    """Write accuracies with protocol and result in Markdown and LaTeX, and what to cite in BibTeX.

    Parameters
    ----------
    study : dict
        Every key of the study, with its defaults filled in.
    summary_path : str
        Results of the study, a row a grid point.
    choices_path : str
        CSV of `fewshot.results.choices.Choice`.
    draws_paths : list of str
        Draws of each dataset, in the order of the study.
    markdown_path, latex_path, references_path : str
        Files written.
    """
    draws = {
        name: read_draws(path) for name, path in zip(study["datasets"], draws_paths, strict=True)
    }
    tables = paper_tables(read_summary(summary_path), read_records(choices_path, Choice), draws)
    write_text(markdown_path, to_markdown(tables))
    write_text(latex_path, to_latex(tables))
    write_text(references_path, references(study))


def main(snakemake):
    """Do what the rule says."""
    paper(
        **snakemake.params.arguments,
        summary_path=snakemake.input.summary,
        choices_path=snakemake.input.choices,
        draws_paths=snakemake.input.draws,
        markdown_path=snakemake.output.markdown,
        latex_path=snakemake.output.latex,
        references_path=snakemake.output.references,
    )
