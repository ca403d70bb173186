"""What a network sees, on networks of a few layers made by hand."""

import numpy as np
import pytest


def network_of(model, like="SmallVGG"):
    """A network of a model made by hand, preprocessed as one of those known."""
    from fewshot.backbone.networks import build_network
    from fewshot.backbone.sources.network import Network, named_outputs

    asked = {"network": like, "include_top": False, "image_size": 32}
    return Network(model, named_outputs(model), build_network(asked).preprocess)


@pytest.fixture(scope="module")
def first_red():
    """A network whose one filter sees, of each pixel, twice its red and once that to its right.

    It is preprocessed as SmallVGG, from 0..255 to -1..1.
    """
    import keras

    images = keras.Input((5, 5, 3))
    layer = keras.layers.Conv2D(1, 3, padding="same", name="red", activation="relu")
    model = keras.Model(images, layer(images))
    kernel = np.zeros((3, 3, 3, 1))
    kernel[1, 1:, 0, 0] = 2, 1
    layer.set_weights([kernel, np.zeros(1)])
    return model


def chain(*sizes, kind="Conv2D"):
    """Make a network of convolutions whose outputs have those edges, from the first to the last."""
    import keras

    x = images = keras.Input((sizes[0], sizes[0], 3))
    for number, (before, size) in enumerate(zip((sizes[0], *sizes), sizes, strict=False)):
        layer = getattr(keras.layers, kind)
        strides = before // size
        arguments = {} if kind == "DepthwiseConv2D" else {"filters": 2}
        name = f"layer{number}"
        x = layer(kernel_size=1, strides=strides, padding="same", name=name, **arguments)(x)
    return keras.Model(images, x)


@pytest.mark.parametrize(
    ("sizes", "chosen"),
    [
        ([8, 8, 8, 4, 4, 2], [0, 1, 3, 5]),  # two of the first resolution, one of each other
        ([8, 4, 4, 1, 1], [0, 1]),  # none of a single place
        ([128, 128, 64, 32, 16, 8, 4, 2], [0, 1, 2, 3, 4, 5]),  # six at most
        ([128, 64, 32, 16, 8, 4, 2], [0, 1, 2, 3, 4, 5]),
    ],
)
@pytest.mark.parametrize("kind", ["Conv2D", "SeparableConv2D", "DepthwiseConv2D"])
def test_two_layers_of_the_first_resolution_and_one_of_each_other_are_chosen(sizes, chosen, kind):
    from fewshot.backbone.network_views import choose_layers

    found = choose_layers(chain(*sizes, kind=kind))
    assert found == [f"layer{number}" for number in chosen]


def test_a_map_is_the_filter_on_the_preprocessed_image_after_its_activation(first_red):
    from fewshot.backbone.network_views import feature_maps

    images = np.full((2, 5, 5, 3), 255, np.uint8)  # red 1
    images[1, 2, 2, 0] = 0  # red -1
    (maps,) = feature_maps(network_of(first_red), ["red"], images)
    assert (maps.shape, maps.dtype) == ((2, 5, 5, 1), np.float32)
    expected = np.full((2, 5, 5), 2 + 1)
    expected[:, :, 4] = 2  # nothing to the right of the last column
    expected[1, 2, 2] = 0  # -2 + 1, rectified
    expected[1, 2, 1] = 2 - 1
    np.testing.assert_allclose(maps[..., 0], expected, atol=1e-6)


def test_several_layers_come_in_the_order_asked_for(first_red):
    import keras

    from fewshot.backbone.network_views import feature_maps

    half = keras.layers.AveragePooling2D(5, name="mean")(first_red.output)
    model = keras.Model(first_red.input, half)
    images = np.full((1, 5, 5, 3), 255, np.uint8)
    mean, red = feature_maps(network_of(model), ["mean", "red"], images)
    assert (mean.shape, red.shape) == ((1, 1, 1, 1), (1, 5, 5, 1))
    # Four columns of 3 and one of 2.
    np.testing.assert_allclose(mean, 2.8, rtol=1e-6)


def test_a_filter_is_told_for_a_pixel_from_0_to_255(first_red):
    from fewshot.backbone.network_views import first_filters

    layer, filters = first_filters(network_of(first_red))
    expected = np.zeros((3, 3, 3, 1))
    expected[1, 1:, 0, 0] = 2 / 127.5, 1 / 127.5
    assert layer == "red"
    np.testing.assert_allclose(filters, expected, atol=1e-7)


def test_of_a_network_that_wants_blue_first_a_filter_is_told_in_red_green_and_blue(first_red):
    from fewshot.backbone.network_views import first_filters

    # VGG16's own preprocessing turns the colours round and scales nothing.
    _, filters = first_filters(network_of(first_red, "VGG16"))
    expected = np.zeros((3, 3, 3, 1))
    expected[1, 1:, 2, 0] = 2, 1
    np.testing.assert_allclose(filters, expected, atol=1e-4)


def test_the_first_convolution_is_that_of_three_channels_wherever_it_stands():
    import keras

    from fewshot.backbone.network_views import first_filters

    images = keras.Input((4, 4, 3))
    padded = keras.layers.ZeroPadding2D()(keras.layers.Rescaling(1 / 255)(images))
    seen = keras.layers.Conv2D(2, 3, name="seen")(padded)
    model = keras.Model(images, keras.layers.Conv2D(3, 1, name="later")(seen))
    # EfficientNet's own preprocessing does nothing: the layers of the network scale.
    layer, filters = first_filters(network_of(model, "EfficientNetB0"))
    assert layer == "seen"
    kernel = np.asarray(model.get_layer("seen").kernel)
    np.testing.assert_allclose(filters, kernel / 255, rtol=1e-3, atol=1e-6)
