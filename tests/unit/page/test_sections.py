import pytest
from PIL import Image

from fewshot.errors import InputError
from fewshot.files import whole_file, write_text
from fewshot.page.answers import Answer
from fewshot.page.sections import (
    SECTIONS,
    Picture,
    arrange,
    read_index,
    read_pictures,
    render_page,
)
from fewshot.study.figure_kinds import KINDS

HEADER = "figure,category,dataset,approach,shows,file\n"


def picture(file, numbered=False):
    return Picture(file, "figure-1", "", numbered, "", [], 1, 1, "data:")


def test_every_kind_of_figure_has_its_section():
    assert {kind.section for kind in KINDS.values()} <= {*SECTIONS}


def test_sections_follow_the_story_and_unknown_ones_come_last():
    pictures = {name: [picture("a")] for name in ("Cost", "Novel", "Layers", "Learning curves")}
    found = arrange(
        pictures, [Answer("a", "End to end against cached", "equal"), Answer("a", "Cost", "x")]
    )
    titles = [section["title"] for section in found]
    assert titles == ["End to end against cached", "Layers", "Cost", "Learning curves", "Novel"]
    assert [section["answers"] for section in found] == [["a: equal"], [], [], [], []]
    assert found[0]["anchor"] == "end-to-end-against-cached"


def test_learning_curves_keep_their_order_and_others_follow_their_files():
    curves = [picture("16", numbered=True), picture("2", numbered=True), picture("other")]
    layers = [picture("b/curves"), picture("b/accuracy"), picture("a/curves")]
    layered, learned = arrange({"Learning curves": curves, "Layers": layers}, [])
    assert [each.file for each in layered["shown"]] == ["a/curves", "b/accuracy", "b/curves"]
    assert layered["folded"] == []
    assert [each.file for each in learned["shown"]] == ["16", "2"]
    assert [each.file for each in learned["folded"]] == ["other"]


def test_numbers_in_files_sort_as_numbers():
    files = ["a/2-shot", "a/16-shot", "a", "a/4-shot", "10", "9b"]
    ((_, shown),) = [
        (each["title"], each["shown"])
        for each in arrange({"Layers": list(map(picture, files))}, [])
    ]
    assert [each.file for each in shown] == ["9b", "10", "a", "a/2-shot", "a/4-shot", "a/16-shot"]


def test_rows_of_one_file_share_a_picture(tmp_path):
    with whole_file(tmp_path / "a.png") as path:
        Image.new("RGB", (151, 75)).save(path)
    write_text(tmp_path / "a.txt", "Drawn, ünï 文字.\n\nShown.\n\n")
    write_text(
        tmp_path / "index.csv",
        f"{HEADER}1,Curves,birds,1: end to end,accuracy,a.png\n"
        "2,,fish,,not in this study,\n5,Curves,birds,1: end to end,loss,a.png\n",
    )
    index = read_index(tmp_path / "index.csv")
    assert [row["anchor"] for row in index] == ["figure-1", "", "figure-1"]
    ((title, [only]),) = read_pictures(index, tmp_path).items()
    assert title == "Curves"
    assert only.caption == ["Drawn, ünï 文字.", "Shown."]
    assert (only.width, only.height) == (97, 48)  # 96 pixels for 150
    assert only.label == "birds · approach 1: end to end · answers figures 1, 5 of the original"
    assert only.numbered


@pytest.mark.parametrize(
    ("dataset", "file", "named"),
    [
        ("birds", "figures/birds/curves/by_layer__net.png", "figures/birds/curves"),
        (
            "curves",
            "figures/curves/costs.png",
            "figures/curves/costs.png",
        ),  # a dataset of this name
    ],
)
def test_of_a_damaged_curve_its_folder_is_to_be_removed(tmp_path, dataset, file, named):
    with whole_file(tmp_path / file) as path:
        Image.new("RGB", (15, 15)).save(path)
    write_text((tmp_path / file).with_suffix(".txt"), "Drawn.")
    write_text(tmp_path / "index.csv", f"{HEADER},Layers,{dataset},cached,accuracy,{file}\n")
    index = read_index(tmp_path / "index.csv")
    assert [*read_pictures(index, tmp_path)] == ["Layers"]
    (tmp_path / file).write_bytes(b"damaged")
    with pytest.raises(InputError) as error:
        read_pictures(index, tmp_path)
    removed = str(error.value).rpartition("then run again")[0]
    assert removed.endswith(f"/{named}, ")


def test_an_approach_without_a_number_is_named_alone(tmp_path):
    with whole_file(tmp_path / "a.png") as path:
        Image.new("RGB", (15, 15)).save(path)
    write_text(tmp_path / "a.txt", "Drawn.")
    write_text(tmp_path / "index.csv", f"{HEADER},Curves,birds,cached,accuracy,a.png\n")
    ((only,),) = read_pictures(read_index(tmp_path / "index.csv"), tmp_path).values()
    assert only.label == "birds · cached"


@pytest.mark.parametrize("text", ["<b>", "\"'><i>", "{{ 1 }}", "</script>"])
def test_text_is_escaped(text):
    page = render_page("<p>{{ name }}</p>", name=text)
    assert page.count("<") == 2
    assert "{{ 1 }}" in page or "{{" not in text


def test_a_name_that_the_template_lacks_is_an_error():
    with pytest.raises(Exception, match="'nothing' is undefined"):
        render_page("{{ nothing }}")
