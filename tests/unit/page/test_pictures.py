import xml.etree.ElementTree as ElementTree

import pytest
from matplotlib.figure import Figure

from fewshot.errors import InputError
from fewshot.figures.style import publish_figure
from fewshot.files import write_text
from fewshot.page.pictures import linked_curves, read_index, read_pictures

HEADER = "figure,category,dataset,approach,shows,file\n"


def write_figure(path, caption="Drawn.", pictures=0, points=1):
    """Write a figure of 151 x 75 pixels at 150 dpi."""
    figure = Figure(figsize=(151.5 / 150, 75.5 / 150))
    axes = figure.subplots()
    axes.plot(range(points), range(points), ".")
    for place in range(pictures):
        figure.add_axes((place / 2, 0, 0.4, 0.4)).imshow([[0, 1]])
    publish_figure(figure, caption, path)


def read(tmp_path, *rows):
    write_text(tmp_path / "index.csv", HEADER + "".join(f"{row}\n" for row in rows))
    index = read_index(tmp_path / "index.csv")
    return index, read_pictures(index, tmp_path)


def test_rows_of_one_file_share_a_picture(tmp_path):
    write_figure(tmp_path / "a.png", "Drawn, ünï 文字.\n\nShown.\n\nMore.\n")
    index, pictures = read(
        tmp_path,
        "1,Curves,birds,1: end to end,accuracy,a.png",
        "2,,fish,,not in this study,",
        "5,Curves,birds,1: end to end,loss,a.png",
    )
    assert [row["anchor"] for row in index] == ["figure-1", "", "figure-1"]
    assert [row["link"] for row in index] == ["#figure-1", "#", "#figure-1"]
    ((title, [only]),) = pictures.items()
    assert title == "Curves"
    # What it finds, then what is drawn.
    assert (only.lead, only.rest) == ("Shown.", ["Drawn, ünï 文字.", "More."])
    assert (only.width, only.height) == (97, 48)  # 96 pixels for 150
    assert only.label == "approach 1: end to end · answers figures 1, 5 of the original"
    assert (only.dataset, only.link, only.vector) == ("birds", "a.png", "a.svg")


def test_a_caption_of_one_paragraph_is_all_there_is(tmp_path):
    write_figure(tmp_path / "a.png")
    _, pictures = read(tmp_path, ",Curves,birds,cached,accuracy,a.png")
    (only,) = pictures["Curves"]
    assert (only.lead, only.rest, only.label) == ("Drawn.", [], "cached")


@pytest.mark.parametrize(
    ("changes", "is_chart", "is_raster"),
    [
        ({}, True, False),
        ({"pictures": 1}, True, False),  # a bar of colours
        ({"pictures": 2}, False, True),
        ({"points": 6_000}, False, False),
    ],
)
def test_charts_are_markup_and_pictures_or_what_is_large_are_png(
    tmp_path, changes, is_chart, is_raster
):
    write_figure(tmp_path / "a b.png", **changes)
    _, pictures = read(tmp_path, ",Layers,birds,,what <it> shows,a b.png")
    (only,) = pictures["Layers"]
    assert bool(only.chart) == is_chart == (not only.source)
    assert only.raster == is_raster
    assert only.link == "a%20b.png"
    if is_chart:
        assert ElementTree.fromstring(only.chart).get("aria-label") == "what <it> shows"
    else:
        assert only.source.startswith("data:image/png;base64,")


def test_learning_curves_without_a_number_are_linked_and_not_read(tmp_path):
    write_figure(tmp_path / "a.png")
    index, pictures = read(
        tmp_path,
        "1,Learning curves,birds,,of fc1,a.png",
        ",Learning curves,birds,,of fc2,absent & b.png",
    )
    assert [each.file for each in pictures["Learning curves"]] == ["a.png"]
    assert linked_curves(index) == [("absent%20%26%20b.png", "birds: of fc2")]
    assert index[1]["link"] == "absent%20%26%20b.png"


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
    write_figure(tmp_path / file)
    index, pictures = read(tmp_path, f",Layers,{dataset},cached,accuracy,{file}")
    assert [*pictures] == ["Layers"]
    (tmp_path / file).write_bytes(b"damaged")
    with pytest.raises(InputError) as error:
        read_pictures(index, tmp_path)
    removed = str(error.value).rpartition("then run again")[0]
    assert removed.endswith(f"/{named}, ")
