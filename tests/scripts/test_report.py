import hashlib
from base64 import b64decode, b64encode
from html.parser import HTMLParser
from urllib.parse import unquote

import pytest
from made_study import make_study
from markupsafe import escape
from report_world import CURVE, HOSTILE, TRAPS, default_accuracy, write_world
from told_numbers import stray_numbers

from fewshot.data.manifest import ManifestRow
from fewshot.errors import InputError
from fewshot.records import read_records, write_records
from report import report


class Page(HTMLParser):
    """Elements and text of a page, and the text inside scripts and styles."""

    def __init__(self, path):
        super().__init__()
        self.elements, self.text, self.code, self._inside = [], [], {}, None
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        self._inside = tag

    def handle_endtag(self, tag):
        self._inside = None

    def handle_data(self, data):
        if self._inside in ("script", "style"):
            self.code[self._inside] = self.code.get(self._inside, "") + data
        else:
            self.text.append(data)

    def all(self, tag, key):
        return [attrs[key] for name, attrs in self.elements if name == tag and key in attrs]


@pytest.fixture
def world(tmp_path):
    return write_world(tmp_path)


def made(world):
    report(**world)
    return Page(world["report_path"])


def test_names_and_captions_are_text_and_nothing_else(world):
    page = made(world)
    tags = {tag for tag, _ in page.elements}
    assert not tags & {"iframe", "object", "form", "link", "base", "foreignobject", "image"}
    assert [tag for tag, _ in page.elements].count("script") == 1
    assert not [key for _, attrs in page.elements for key in attrs if key.startswith("on")]
    assert not [attrs for _, attrs in page.elements if "style" in attrs]
    text = "".join(page.text)
    for trap in TRAPS:
        assert trap in text
        assert text.count(f"{trap}/0.png") > 1  # in galleries
    assert "49 &" not in text


def test_page_loads_nothing_and_allows_only_its_own_script_and_style(world):
    page = made(world)
    pictures = ("data:image/png;base64,", "data:image/jpeg;base64,")
    assert all(source.startswith(pictures) for source in page.all("img", "src"))
    assert all(href.startswith("#") for href in page.all("use", "href"))
    policy = next(each for each in page.all("meta", "content") if "default-src" in each)
    assert "default-src 'none'; img-src data:" in policy
    assert "unsafe" not in policy
    for kind in ("script", "style"):
        digest = b64encode(hashlib.sha256(page.code[kind].encode()).digest()).decode()
        assert f"{kind}-src 'sha256-{digest}'" in policy


@pytest.mark.parametrize(
    ("draws", "said"),
    [
        (
            {},
            "6 images of each class are drawn into a pool. 2 times, 2 of each class become test "
            "images, and the others training images in an order",
        ),
        (
            {"test": "rest", "test_at_most": 50, "images_per_class": "all"},
            "in the pool. 2 times, as many images of each class as the largest number of shots "
            "become training images, in an order of which k shots take the first k, and the rest, "
            "50 of a class at most, test images. So within",
        ),
        (
            {"test": "official", "images_per_class": 16},
            "16 training images of each class are drawn into a pool, beside all test images. 2 "
            "times, the training images, all of the official training part, are put in an order",
        ),
    ],
)
def test_the_protocol_is_told(world, draws, said):
    world["study"]["draws"] |= draws
    text = "".join(made(world).text)
    assert said in text
    assert "too few images" not in text


def test_classes_that_were_left_out_are_named(world):
    path = world["manifest_paths"][0]
    rows = read_records(path, ManifestRow)
    small = ("small & <b>", "tiny")
    rows += [ManifestRow(f"{name}/1", name, "0" * 64) for name in small]
    write_records(path, ManifestRow, rows)
    text = "".join(made(world).text)
    assert "Of plain 2 classes have too few images and are left out: small & <b>, tiny." in text


def test_every_link_leads_somewhere(world):
    page = made(world)
    anchors = [attrs["id"] for _, attrs in page.elements if "id" in attrs]
    assert len(set(anchors)) == len(anchors)
    links = {*page.all("a", "href"), *page.all("use", "href")}
    assert {href[1:] for href in links if href.startswith("#")} <= set(anchors)
    folder = world["report_path"].parent
    written = {"summary.md", "summary.tex", "references.bib"}  # by another rule
    files = {unquote(href) for href in links if not href.startswith("#")} - written
    assert CURVE.format("b") in files
    assert all((folder / file).is_file() for file in files)


def test_each_figure_stands_once_at_its_size_with_its_numbers(world):
    page = made(world)
    svgs = [attrs for tag, attrs in page.elements if tag == "svg"]
    images = [attrs for tag, attrs in page.elements if tag == "img" and "png" in attrs["src"]]
    # 300 x 150 pixels at 150 dpi are 2 x 1 inches, of 96 pixels each on a page
    sizes = {(each["width"], each["height"]) for each in (*svgs, *images)}
    assert sizes == {("192", "96")}
    # What holds a picture is shown as PNG.
    assert (len(svgs), len(images)) == (2, 1)
    folder = world["index_path"].parents[1]
    data = b64decode(images[0]["src"].partition(",")[2])
    assert data == (folder / CURVE.format("a")).read_bytes()
    text = "".join(page.text)
    assert "approach 1: end to end · answers figures 1, 5 of the original" in text
    assert "not in this study: Urban Tribes" in text


def test_learning_curves_are_folded_and_those_without_a_number_are_files(world):
    html = made(world) and world["report_path"].read_text(encoding="utf-8")
    curves = html[html.index('<h2 id="learning-curves">') :]
    folded = curves.index("1 further figure</summary>")
    assert folded < curves.index('id="figure-1"') < curves.index("</details>", folded)
    assert f'<a href="{CURVE.format("b")}">plain: of a layer</a>' in curves
    assert 'id="figure-4"' not in html


def test_the_first_screen_has_what_to_take_before_anything_else(world):
    page = made(world)
    text = " ".join("".join(page.text).replace("\N{NO-BREAK SPACE}", " ").split())
    says = [
        "60.5 % [54.1, 66.9] of test images are named rightly by fc2 of small with tuned after 4",
        "Take fc2 of small with tuned: the best of 3 choices, and the cheapest of the 2",
        "It is chosen on the same test images as its accuracy.",
        "More images are worth it: twice as many, 8, should give 80.0 % [70.0, 85.0], +20.0 points",
        "From 2 to 4 images a class it changed by +10.0 points",
        "90 % lies beyond 8 images a class: collect to there, and run again.",
        "50.5 recommended[44.1, 56.9]",
        "Hardest is",
        "Wrong most surely",
        "What was asked",
    ]
    places = [text.index(each) for each in says]
    assert places == sorted(places)


def test_answers_for_a_terminal_are_short_and_of_visible_letters(world):
    report(**world)
    text = world["answers_path"].read_text(encoding="utf-8")
    lines = text.splitlines()
    assert len(lines) <= 10
    assert max(map(len, lines)) <= 100
    assert text.startswith("plain: 60.5 % [54.1, 66.9]")
    assert "\u202e" not in text


def test_every_number_stands_in_a_table(world):
    report(**world)
    page, study = world["report_path"], world["study"]
    told, stray = stray_numbers(page, study, [len(TRAPS)])
    assert told > 50
    assert stray == []
    html = page.read_text(encoding="utf-8").replace("[54.1, 66.9]", "[54.2, 66.9]")
    page.write_text(html, encoding="utf-8")
    assert ("60.5", "54.2", "66.9") in stray_numbers(page, study, [len(TRAPS)])[1]


def test_without_thumbnails_there_are_names_and_no_pictures(world):
    world["thumbnails_paths"] = []
    page = made(world)
    assert not [source for source in page.all("img", "src") if "jpeg" in source]
    assert "Wrong most surely" in "".join(page.text)


@pytest.mark.parametrize(
    ("classes", "most_megabytes"),
    [
        (2, 1),
        pytest.param(66, 10, marks=pytest.mark.slow),
        pytest.param(257, 15, marks=pytest.mark.slow),
    ],
)
def test_a_study_of_few_and_of_many_classes(tmp_path, classes, most_megabytes):
    world = make_study(tmp_path, classes)
    report(**world)
    assert world["report_path"].stat().st_size < most_megabytes * 1e6
    told, stray = stray_numbers(world["report_path"], world["study"], [classes])
    assert told > 40
    assert stray == []


def test_no_picture_of_the_data_is_shown_where_none_may_be(tmp_path):
    world = make_study(tmp_path, 3, gallery=False)
    page = made(world)
    assert page.all("img", "src") == []
    assert "image" not in {tag for tag, _ in page.elements}
    text = "".join(page.text)
    assert "Labels to look at first" in text
    assert "a map of its test images" in text


def test_several_datasets_have_a_list_of_headlines_first(tmp_path):
    world = make_study(tmp_path, 2, datasets=("first", "second"))
    html = made(world) and world["report_path"].read_text(encoding="utf-8")
    listed = html.index('<ul class="headlines said">')
    for number, name in enumerate(("first", "second"), 1):
        link = html.index(f'<a href="#dataset-{number}"><bdi>{name}</bdi></a>: ')
        assert listed < link < html.index(f'id="dataset-{number}"')


def test_data_quality_counts_what_the_manifest_holds(world):
    text = " ".join("".join(made(world).text).split())
    # 7 classes of 6 images, an exact copy with the same label, one with another, 7 rejected
    assert "51 files found, 43 usable, 7 quarantined, 1 disputed." in text
    assert "more than once under one label: 1, with 1 exact and 0 near copies" in text
    assert "under several labels: 1, with 1 images" in text


def test_answers_follow_the_results(world, tmp_path):
    text = "".join(made(world).text)
    assert "60.5\N{NO-BREAK SPACE}% [54.1, 66.9]; from 2 to 4 shots it" in text
    assert "from 2 to 4 shots it changes by +10.0 points" in text

    def fallen(*point):
        return default_accuracy(*point) - 0.2 * (point[4] == 4)

    other = "".join(made(write_world(tmp_path / "other", fallen)).text)
    assert "40.5\N{NO-BREAK SPACE}% [34.1, 46.9]; from 2 to 4 shots it" in other
    assert "it changes by -10.0 points" in other


def test_tables_that_a_study_lacks_are_left_out(world):
    text = "".join(made(world).text)
    assert "Gradient check" in text
    assert "1.2e-09" in text
    assert "Cost of both approaches" not in text


def test_versions_and_digests_are_those_in_use(world):
    import numpy

    text = "".join(made(world).text)
    assert numpy.__version__ in text
    for path in (world["accuracy_path"], *world["pool_paths"], *world["manifest_paths"]):
        assert hashlib.sha256(path.read_bytes()).hexdigest() in text
    assert "a folder with 51 files" in text


def test_same_study_same_bytes(world):
    report(**world)
    first = world["report_path"].read_bytes()
    report(**world)
    assert world["report_path"].read_bytes() == first


def test_figure_without_a_caption_leaves_no_report(world):
    (world["index_path"].parents[1] / "figures/plain/shots.txt").unlink()
    with pytest.raises(InputError, match=r"shots\.txt"):
        report(**world)
    assert not world["report_path"].exists()


def test_a_trap_as_a_dataset_is_a_dataset(world):
    html = made(world) and world["report_path"].read_text(encoding="utf-8")
    assert f'<h2><bdi>{escape(HOSTILE)}</bdi></h2>\n<p class="headline said">' in html


@pytest.mark.parametrize(
    ("repeats", "expected"),
    [(1, "Of one repeat they know of new test images alone"), (2, "over 2 repeats")],
)
def test_reading_the_figures_depends_on_the_repeats(world, repeats, expected):
    world["study"]["draws"]["repeats"] = repeats
    text = "".join(made(world).text)
    assert expected in text
    assert "hold for new images of the same classes" in text
    assert ("Of one repeat" in text) == (repeats == 1)


def test_a_dataset_of_another_name_stands_in(world):
    assert "stands in for Caltech-256" in "".join(made(world).text)


def test_a_study_without_a_role_does_not_speak_of_the_original(world):
    text = "".join(made(world).text)
    assert "role in the original" in text
    assert "The original, beside which this study stands, is a course report of 2017" in text
    world["study"]["datasets"]["plain"]["role"] = None
    page = made(world)
    text = "".join(page.text)
    assert "role in the original" not in text
    assert "beside which this study stands" not in text
    assert "approach 2" not in text.partition("answers figures")[0]
    assert "not in this study" not in text


def test_differences_are_shown_with_what_they_ask(world):
    text = " ".join("".join(made(world).text).split())
    assert "What each question compares" in text
    assert "a network with itself at random weights." in text
    assert "a head end to end with a cached one" not in text  # which the study lacks


def test_the_menu_has_the_words_of_the_headings(world):
    html = made(world) and world["report_path"].read_text(encoding="utf-8")
    assert '<a href="#classes">Classes</a>' in html
    assert '<h2 id="classes">Classes</h2>' in html
