import numpy as np
import pandas as pd
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg

from fewshot.figures.curves import curve_name, curve_title, curves_figure

POINT = {
    "dataset": "a$b_c$",
    "backbone": "vgg16",
    "layer": "conv_pw_11_relu",
    "temperature": 0.5,
    "shots": 8,
    "head": "sgd",
}


def _curves(repeats, epochs=3):
    """Test accuracy 0.1 x epoch in repeat 0, 0.2 more in repeat 1; loss ten times that."""
    rows = [
        (r, e, 0.5 / e, 1.0, e + 2.0 * r, 0.1 * e + 0.2 * r)
        for r in range(repeats)
        for e in range(1, epochs + 1)
    ]
    columns = ["repeat", "epoch", "train_loss", "train_accuracy", "test_loss", "test_accuracy"]
    return pd.DataFrame(rows, columns=columns)


def _inside(figure):
    """Say whether everything that is drawn lies on the figure."""
    renderer = FigureCanvasAgg(figure).get_renderer()
    box = figure.get_tightbbox(renderer)
    width, height = figure.get_size_inches()
    return box.x0 >= 0 and box.y0 >= 0 and box.x1 <= width and box.y1 <= height


def test_panels_show_means_in_percent_and_chance():
    figure = curves_figure(_curves(2), 4, "title")
    loss, accuracy = figure.axes
    assert [loss.get_ylabel(), loss.get_xlabel()] == ["loss: cross-entropy (nats)", "epoch"]
    assert [accuracy.get_ylabel(), accuracy.get_xlabel()] == ["accuracy (%)", "epoch"]
    train, test = loss.get_lines()
    np.testing.assert_allclose(train.get_ydata(), [0.5, 0.25, 0.5 / 3])
    np.testing.assert_allclose(test.get_ydata(), [2, 3, 4])
    train, test, chance = accuracy.get_lines()
    np.testing.assert_allclose(train.get_ydata(), [100, 100, 100])
    np.testing.assert_allclose(test.get_ydata(), [20, 30, 40])
    assert set(chance.get_ydata()) == {25}
    assert chance.get_linestyle() == "--"
    assert chance.get_label() == "chance: 1/4 = 25 %"


def test_lines_differ_in_marker_as_well():
    for axes in curves_figure(_curves(2), 4, "title").axes:
        markers = [line.get_marker() for line in axes.get_lines()[:2]]
        assert len(set(markers)) == 2


@pytest.mark.parametrize(("repeats", "bands"), [(1, 0), (2, 2), (5, 2)])
def test_bands_only_with_several_repeats(repeats, bands):
    figure = curves_figure(_curves(repeats), 4, "title")
    assert [len(axes.collections) for axes in figure.axes] == [bands, bands]
    labels = [text.get_text() for text in figure.legends[0].get_texts()]
    assert labels[:3] == ["train images", "test images", "chance: 1/4 = 25 %"]
    assert len(labels) == (3 if repeats == 1 else 4)


@pytest.mark.parametrize(("classes", "label"), [(2, "50"), (3, "33"), (257, "0.39")])
def test_chance_lies_on_the_accuracy_axis(classes, label):
    accuracy = curves_figure(_curves(2), classes, "title").axes[1]
    bottom, top = accuracy.get_ylim()
    assert bottom < 100 / classes < top
    assert bottom < 0
    assert 100 < top < 105
    assert accuracy.get_lines()[2].get_label() == f"chance: 1/{classes} = {label} %"


def test_band_of_two_repeats_does_not_flatten_the_loss():
    loss = curves_figure(_curves(2), 4, "title").axes[0]
    assert loss.get_ylim()[1] == pytest.approx(1.03 * 1.5 * 4)  # the highest mean is 4


def test_diverged_run_leaves_a_figure():
    curves = _curves(2)
    curves.loc[1:, ["train_loss", "test_loss"]] = np.inf
    curves.loc[2:, ["train_loss", "test_loss"]] = np.nan
    figure = curves_figure(curves, 4, "title")
    assert np.isfinite(figure.axes[0].get_ylim()).all()
    FigureCanvasAgg(figure).draw()


def test_title_is_literal_and_fits():
    assert curve_title(POINT) == "a$b_c$: vgg16 · conv_pw_11_relu · 8-shot · sgd"
    softened = {**POINT, "layer": "predictions"}
    assert curve_title(softened) == "a$b_c$: vgg16 · predictions · T 0.5 · 8-shot · sgd"
    long = {
        key: f"{POINT[key]}_MWMWMWMWMWMWMWMW" for key in ("dataset", "backbone", "layer", "head")
    }
    for text in (curve_title(softened), curve_title({**POINT, **long})):
        figure = curves_figure(_curves(2), 257, text)
        assert figure.get_suptitle() == text
        assert not figure._suptitle.get_parse_math()
        assert _inside(figure)


def test_name_holds_all_but_the_dataset():
    assert curve_name(POINT) == "vgg16__conv_pw_11_relu__T0.5__8-shot__sgd"
