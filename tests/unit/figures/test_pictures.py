import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg

from fewshot.backbone.excitations import Excitation
from fewshot.data.pool import PoolRow
from fewshot.figures.pictures import draw_excitations, draw_feature_maps, draw_filters

RNG = np.random.default_rng(0)
LONG = "145.motorbikes-of-$very$_many_kinds-101"


def texts(figure):
    return [text.get_text() for text in figure.findobj(lambda artist: hasattr(artist, "get_text"))]


def assert_nothing_is_clipped(figure):
    renderer = FigureCanvasAgg(figure).get_renderer()
    figure.draw(renderer)
    for text in figure.findobj(lambda artist: hasattr(artist, "get_text")):
        if text.get_text() and text.get_visible():
            box = text.get_window_extent(renderer)
            assert box.x0 >= -1, text
            assert box.x1 <= figure.bbox.x1 + 1, text
            assert box.y0 >= -1, text
            assert box.y1 <= figure.bbox.y1 + 1, text


def picture(size=32):
    return RNG.integers(0, 256, (size, size, 3), dtype=np.uint8)


IMAGE = picture()


def drawn(figure):
    """Data of the images of a figure, in the order of its axes."""
    return [image.get_array() for axes in figure.axes for image in axes.get_images()]


def pool_row(image="a/1.jpg", class_name="ibis"):
    named = {"row": 0, "image": image, "class_name": class_name, "label": 0}
    return PoolRow(**{**dict.fromkeys(PoolRow._fields, ""), **named})


def draw_maps(layers, maps, class_name="ibis"):
    return draw_feature_maps("birds", "net", pool_row(class_name=class_name), IMAGE, layers, maps)


@pytest.mark.parametrize("name", ["conv", "block2a_expand_convolution_of_a_name"])
def test_feature_maps_by_layer_and_channel(name):
    maps = [RNG.random((8, 8, 16)), RNG.random((4, 4, 2))]
    maps[0][..., 3] = 0
    figure, _ = draw_maps([name, "deep"], maps, LONG)
    found = texts(figure)
    assert {f"{name}\n8 x 8 x 16", "deep\n4 x 4 x 2", "input\n32 x 32 x 3"} <= set(found)
    assert [f"channel {number}" for number in range(1, 7)] == [
        text for text in found if text.startswith("channel")
    ]
    first, *others = drawn(figure)
    np.testing.assert_array_equal(first, IMAGE)
    expected = [maps[0][..., channel] for channel in range(6)] + [maps[1][..., c] for c in (0, 1)]
    for ours, theirs in zip(others, expected, strict=True):
        np.testing.assert_array_equal(ours, theirs)
    assert_nothing_is_clipped(figure)


def test_each_map_has_its_own_range_and_a_dead_one_has_no_colour():
    maps = np.stack([np.eye(4), 100 * np.eye(4), np.zeros((4, 4))], axis=-1)
    figure, _ = draw_maps(["conv"], [maps])
    ranges = [image.get_clim() for axes in figure.axes[1:] for image in axes.get_images()]
    assert ranges[:2] == [(0, 1), (0, 100)]
    visible = [image.get_alpha() for axes in figure.axes[1:] for image in axes.get_images()]
    assert visible == [None, None, 0]


@pytest.mark.parametrize(("count", "shown"), [(1, 1), (5, 5), (64, 64), (96, 64)])
def test_filters_share_one_scale_with_zero_in_the_middle(count, shown):
    filters = RNG.uniform(-1, 1, (3, 3, 3, count))
    filters[0, 0, 0, 0] = -2
    filters[1, 1, :, 0] = 0
    figure, _ = draw_filters("net", "conv1", filters)
    pictures = drawn(figure)
    assert len(pictures) == shown
    assert pictures[0][0, 0, 0] == 0
    assert pictures[0][1, 1].tolist() == [0.5, 0.5, 0.5]
    last = pictures[-1]
    np.testing.assert_allclose(last, 0.5 + filters[..., shown - 1] / 4)
    assert_nothing_is_clipped(figure)


@pytest.mark.parametrize("classes", [2, 257])
def test_strongest_images_with_class_and_response(classes):
    names = {row: f"{row % classes:03}.{LONG}" if row % 2 else "ibis" for row in range(300)}
    images = {row: picture() for row in names}
    excitations = [
        Excitation(filter, RNG.permutation(300)[:5], np.array([5, 4, 3, 2, 1.25e5]))
        for filter in (0, 11, 511)
    ]
    figure, _ = draw_excitations("birds", "net", "conv", excitations, images, names)
    found = texts(figure)
    assert {"filter 1", "filter 12", "filter 512"} <= set(found)
    for (_, rows, _), line in zip(excitations, np.reshape(drawn(figure), (3, 5, -1)), strict=True):
        for row, pixels in zip(rows, line, strict=True):
            np.testing.assert_array_equal(pixels, images[row].ravel())
    labels = [text for text in found if text.endswith("\n5")]
    assert len(labels) == 3
    assert max(len(text.split("\n")[0]) for text in labels) <= 18
    assert_nothing_is_clipped(figure)


# Letters that the font lacks are drawn as boxes; in a job Matplotlib's warning goes to the log.
@pytest.mark.filterwarnings("ignore:Glyph")
@pytest.mark.parametrize(
    "name",
    ["a\n\n\n\nb", "$\\frac{", "\x1b[31m\t\r", "文字" * 40, "\u202eשלום", "👩‍👩‍👧", "x" * 255],
)
def test_no_name_breaks_the_layout(name):
    excitations = [Excitation(n, np.arange(5), RNG.random(5)) for n in range(2)]
    images = {row: picture() for row in range(5)}
    classes = dict.fromkeys(range(5), name)
    maps = [RNG.random((4, 4, 6))]
    for figure, _ in (
        draw_excitations("birds", "net", "conv", excitations, images, classes),
        draw_maps(["conv"], maps, name),
    ):
        assert_nothing_is_clipped(figure)
        labels = {text.partition("\n")[0] for text in texts(figure)}
        plain = name.isprintable() and len(name) < 18
        assert not plain or name in labels
        assert not [text for text in texts(figure) if text.count("\n") > 1]
        assert not {*"\t\r\x1b\u202e"} & {*"".join(texts(figure))}


def test_names_stay_in_their_sentence():
    row = pool_row("a\n\nb.jpg", "i\rb\u202eis")
    _, caption = draw_feature_maps("birds", "net", row, IMAGE, ["conv1"], [np.ones((2, 2, 6))])
    assert r"pool of birds, a\n\nb.jpg of class i\rb\u202eis: the image" in caption
    assert caption.count("\n") == 2
    caption = excitations_caption([[0, 1]], ["x\n\ny", "x\n\ny"])
    assert r"2 of 2 are 'x\n\ny' for filter 1" in caption
    assert caption.count("\n") == 2


def test_feature_maps_are_told_with_their_layers():
    _, caption = draw_maps(["conv1", "conv2"], [np.ones((2, 2, 8)), np.ones((1, 1, 2))])
    assert "first image of the pool of birds, a/1.jpg of class ibis" in caption
    assert "the first 6 outputs of 2 layers." in caption


def test_filters_are_told_with_their_number():
    _, caption = draw_filters("net", "conv1", np.ones((1, 2, 3, 4)))
    assert "net's first convolution, conv1: all 4 filters, 1 x 2 pixels each" in caption
    _, caption = draw_filters("net", "conv1", np.ones((3, 3, 3, 96)))
    assert "the first 64 of 96 filters, 3 x 3 pixels each" in caption


def excitations_caption(rows_of_filters, classes):
    found = [
        Excitation(n, np.array(rows), np.ones(len(rows))) for n, rows in enumerate(rows_of_filters)
    ]
    images = dict.fromkeys(range(len(classes)), IMAGE)
    return draw_excitations("birds", "net", "pool", found, images, dict(enumerate(classes)))[1]


def test_images_of_one_class_are_told():
    classes = ["ibis", "ibis", "owl", "ibis", "swan", "tern", "owl", "swan"]
    caption = excitations_caption([[0, 1, 2, 3], [2, 4, 5, 0]], classes)
    assert (
        "The 4 images in the pool of birds that excite each of 2 filters of net's pool most"
        in caption
    )
    assert caption.endswith("Most of one class: 3 of 4 are 'ibis' for filter 1.")
    caption = excitations_caption([[0, 3, 4], [0, 1, 3]], classes)
    assert caption.endswith("Most of one class: 3 of 3 are 'ibis' for filter 2.")
    caption = excitations_caption([[0, 2, 6, 1, 4]], classes)
    assert "of one class: 2 of 5 are 'ibis' and 2 'owl' for filter 1." in caption
    caption = excitations_caption([[0, 1, 2, 6, 4, 7]], classes)
    assert "of one class: no class has more than 2 of 6 for filter 1." in caption
    caption = excitations_caption([[0, 2, 4]], classes)
    assert "For no filter shown are two of these images of one class." in caption
