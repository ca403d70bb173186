from made_study import make_study

from fewshot.results.tables import read_summary


def test_a_study_has_tables_a_sentence_and_references(tmp_path):
    world = make_study(tmp_path, 2, datasets=("first", "second"))
    folder = world["report_path"].parent
    markdown, latex, references = (
        (folder / name).read_text(encoding="utf-8")
        for name in ("summary.md", "summary.tex", "references.bib")
    )
    results = read_summary(world["table_paths"]["summary"])
    assert len(results) == 2 * 2 * 4 * 2
    for point, row in results.items():
        cell = f"{100 * row['test_accuracy_mean']:.1f} [{100 * row['test_accuracy_low']:.1f}, "
        assert cell in latex, point
        assert cell.replace("[", "\\[") in markdown, point
    for text in (markdown, latex):
        assert "chosen on the same test images" in text
        assert text.count("Test accuracy on") == 2
    assert "@software{fewshot," in references
