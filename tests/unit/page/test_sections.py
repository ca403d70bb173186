import pytest

from fewshot.page.answers import Answer
from fewshot.page.pictures import Picture
from fewshot.page.sections import SECTIONS, arrange, take_leads
from fewshot.study.figure_kinds import KINDS


def picture(file, dataset=""):
    names = {"file": file, "dataset": dataset or file.partition("/")[0]}
    empty = dict.fromkeys(Picture._fields, "") | {"width": 1, "height": 1, "rest": []}
    return Picture(**empty | names)


def test_every_kind_of_figure_has_its_section():
    assert {kind.section for kind in KINDS.values()} <= {*SECTIONS}


def test_sections_follow_the_story_and_unknown_ones_come_last():
    pictures = {name: [picture("a")] for name in ("Cost", "Novel", "Layers", "Learning curves")}
    answers = [Answer("a", "End to end against cached", "equal"), Answer("a", "Cost", "x")]
    found = arrange(pictures, answers)
    titles = [section.title for section in found]
    assert titles == ["Layers", "Cost", "End to end against cached", "Learning curves", "Novel"]
    sentences = [[each.text for each in section.sentences] for section in found]
    assert sentences == [[], ["x"], ["equal"], [], []]
    assert found[2].anchor == "end-to-end-against-cached"


def test_classes_images_and_map_come_before_the_experiments():
    pictures = {name: [picture("a")] for name in ("Layers", "Map", "Classes")}
    found = arrange(pictures, [], galleries=[("a", ["gallery"]), ("b", [])])
    assert [section.title for section in found] == ["Classes", "Images", "Map", "Layers"]
    assert found[1].galleries == [("a", ["gallery"])]
    assert not any(section.galleries for section in found if section.title != "Images")


def test_the_first_figure_of_two_datasets_is_shown_and_the_rest_is_folded():
    own = [picture("b/curves"), picture("b/accuracy"), picture("a/curves"), picture("c/x")]
    (section,) = arrange({"Layers": own}, [])
    assert [each.file for each in section.shown] == ["a/curves", "b/accuracy"]
    assert [each.file for each in section.folded] == ["b/curves", "c/x"]


def test_all_figures_of_classes_and_of_maps_are_shown():
    own = [picture(f"{dataset}/{name}") for dataset in "abc" for name in ("classes", "confusion")]
    (section,) = arrange({"Classes": own}, [])
    assert section.shown == own[:4]
    assert section.folded == own[4:]


def test_learning_curves_keep_their_order_and_are_all_folded():
    own = [picture("a/16"), picture("a/2")]
    (section,) = arrange({"Learning curves": own}, [], links=[("x.png", "of x")])
    assert (section.shown, section.links) == ([], [("x.png", "of x")])
    assert [each.file for each in section.folded] == ["a/16", "a/2"]


def test_numbers_in_files_sort_as_numbers():
    files = ["a/2-shot", "a/16-shot", "a/", "a/4-shot", "a/10", "a/9b"]
    (section,) = arrange({"Layers": list(map(picture, files))}, [])
    found = [each.file for each in (*section.shown, *section.folded)]
    assert found == ["a/", "a/2-shot", "a/4-shot", "a/9b", "a/10", "a/16-shot"]


@pytest.mark.parametrize("has_forecast", [True, False])
def test_the_curve_of_the_first_screen_stands_nowhere_else(has_forecast):
    shots = picture("figures/a/accuracy_against_shots.png", "a")
    ahead = picture("figures/a/forecast.png", "a")
    other = picture("figures/b/costs.png", "b")
    pictures = {"Forecast": [ahead] * has_forecast, "Accuracy against shots": [shots, other]}
    assert take_leads(pictures, ["a", "b"]) == {"a": ahead if has_forecast else shots}
    left = [shots, other] if has_forecast else [other]
    assert pictures == {"Forecast": [], "Accuracy against shots": left}
