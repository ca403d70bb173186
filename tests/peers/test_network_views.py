"""Feature maps and filters beside what Keras gives for the same pixels."""

import json

import numpy as np
import pytest
from settings_of import settings_of

from fewshot.data.decoding import read_pool_image
from fewshot.data.framing import Framing
from fewshot.data.pool import PoolRow
from fewshot.errors import InputError
from fewshot.files import read_json, write_json
from fewshot.records import read_records, write_records
from plot_network import plot_network
from weights import weights

pytestmark = pytest.mark.slow

VGG16 = ["block1_conv1", "block1_conv2", "block2_conv1", "block3_conv1", "block4_conv1"]
VGG16 += ["block5_conv1"]
CHOSEN = {
    "VGG16": VGG16,
    "SmallVGG": VGG16,
    # Each depthwise convolution is followed by an ordinary one at its resolution.
    "MobileNet": ["conv1", "conv_pw_1", "conv_pw_2", "conv_pw_4", "conv_pw_6", "conv_pw_12"],
    # One convolution alone stands at the first resolution.
    "ResNet50": ["conv1_conv", *(f"conv{stage}_block1_1_conv" for stage in (2, 3, 4, 5))],
    # Squeeze-and-excitation convolves single places.
    "EfficientNetB0": [
        "stem_conv",
        "block1a_project_conv",
        "block2a_project_conv",
        "block3a_project_conv",
        "block4a_project_conv",
        "block6a_project_conv",
    ],
}


@pytest.fixture(scope="module")
def networks():
    """Return a function that builds a network with random weights, once."""
    built = {}

    def get(network):
        from fewshot.backbone.networks import build_network

        if network not in built:
            asked = {"network": network, "include_top": network == "SmallVGG"}
            built[network] = build_network(asked | {"image_size": size_of(network)})
        return built[network]

    return get


def size_of(network):
    return 32 if network == "SmallVGG" else 64


@pytest.mark.parametrize("network", CHOSEN)
def test_the_first_convolution_at_each_resolution_is_chosen(networks, network):
    from fewshot.backbone.network_views import choose_layers

    model = networks(network).model
    chosen = choose_layers(model)
    assert chosen == CHOSEN[network]
    edges = [model.get_layer(layer).output.shape[1] for layer in chosen]
    assert edges == sorted(edges, reverse=True)


def test_a_depthwise_convolution_stands_in_and_none_at_all_is_told():
    import keras

    from fewshot.backbone.network_views import choose_layers, first_filters
    from fewshot.backbone.sources.network import Network

    images = keras.Input((8, 8, 4))
    wide = keras.layers.Conv2D(4, 3, padding="same", name="wide")(images)
    deep = keras.layers.DepthwiseConv2D(3, strides=2, padding="same", name="deep")(wide)
    assert choose_layers(keras.Model(images, deep)) == ["wide", "deep"]
    with pytest.raises(InputError, match="of 3 input channels"):
        first_filters(Network(keras.Model(images, deep), {}, lambda pixels: pixels))
    dense = keras.layers.Dense(2)(keras.layers.Flatten()(images))
    with pytest.raises(InputError, match="network with convolutions"):
        choose_layers(keras.Model(images, dense))


@pytest.mark.parametrize("network", ["VGG16", "MobileNet"])
def test_feature_maps_are_what_predict_gives(networks, network):
    import keras

    from fewshot.backbone.network_views import feature_maps

    model, layers = networks(network).model, CHOSEN[network]
    images = np.random.default_rng(0).integers(0, 256, (2, 64, 64, 3), dtype=np.uint8)
    maps = feature_maps(networks(network), layers, images)
    preprocess = getattr(keras.applications, network.lower()).preprocess_input
    outputs = [model.get_layer(layer).output for layer in layers]
    expected = keras.Model(model.input, outputs).predict(
        preprocess(images.astype(np.float32)), verbose=0
    )
    for ours, theirs in zip(maps, expected, strict=True):
        assert ours.shape == theirs.shape
        np.testing.assert_allclose(ours, theirs, atol=1e-4 * np.abs(theirs).max())
    if network == "VGG16":  # rectified by the layer itself
        assert min(each.min() for each in maps) == 0


@pytest.mark.parametrize("network", ["VGG16", "ResNet50", "MobileNet", "DenseNet121"])
def test_filters_are_in_red_green_and_blue(networks, network):
    from fewshot.backbone.network_views import first_filters

    layer, filters = first_filters(networks(network))
    kernel = np.asarray(networks(network).model.get_layer(layer).kernel)
    # Caffe's networks want blue first; MobileNet pixels from -1 to 1; torch's one deviation each.
    deviations = np.array([0.229, 0.224, 0.225])[:, None]
    expected = {
        "VGG16": kernel[:, :, ::-1],
        "ResNet50": kernel[:, :, ::-1],
        "MobileNet": kernel / 127.5,
        "DenseNet121": kernel / 255 / deviations,
    }
    assert np.abs(kernel - kernel[:, :, ::-1]).max() > 0.01
    np.testing.assert_allclose(filters, expected[network], rtol=1e-3, atol=1e-6)


def test_a_filter_tells_how_an_output_follows_a_pixel(networks):
    from fewshot.backbone.network_views import feature_maps, first_filters

    # EfficientNet scales the image by layers of its own.
    network = networks("EfficientNetB0")
    layer, filters = first_filters(network)
    images = np.full((4, 64, 64, 3), 100, np.uint8)
    images[1:, 31, 31] += 50 * np.eye(3, dtype=np.uint8)
    (maps,) = feature_maps(network, [layer], images)
    changes = (maps[1:] - maps[0]) / 50  # (colour, height, width, filters)
    # Stride 2: a pixel meets one of the weights of every output near it.
    reached = np.argwhere(np.abs(changes).max(axis=(0, 3)) > 0)
    assert len(reached)
    for place in reached:
        change = changes[:, *place]
        distance = np.abs(filters - change).max(axis=(2, 3))
        assert distance.min() < 1e-3 * np.abs(filters).max()


@pytest.fixture(scope="module")
def folder(tmp_path_factory, write_images):
    folder = tmp_path_factory.mktemp("images")
    write_images(folder, 6)
    weights(
        settings=settings_of("SmallVGG"),
        seed=0,
        weights_path=folder / "net.weights.h5",
        backbone_path=folder / "net.json",
    )
    return folder


@pytest.fixture
def plot(folder, tmp_path):
    """Return a function that draws for two datasets, the second in reverse order of the first."""
    pool = read_records(folder / "pool.csv", PoolRow)
    write_records(tmp_path / "pool.csv", PoolRow, pool[::-1])

    def plot(layers, backbone=folder / "net.json", datasets=("ones", "others")):
        pictures = [tmp_path / f"{name}.png" for name in (*datasets, "filters")]
        plot_network(
            datasets=[*datasets],
            backbone="net",
            layers=layers,
            source_paths=[folder / "source.json" for _ in datasets],
            pool_paths=[folder / "pool.csv", tmp_path / "pool.csv"][: len(datasets)],
            backbone_path=backbone,
            weights_path=folder / "net.weights.h5",
            maps_paths=pictures[:-1],
            filters_path=pictures[-1],
        )
        return [path.with_suffix(".txt").read_text() for path in pictures]

    return plot


def test_the_first_image_of_each_pool_is_drawn(folder, plot, tmp_path):
    *captions, filters = plot(None)
    pool = read_records(folder / "pool.csv", PoolRow)
    for caption, row in zip(captions, (pool[0], pool[-1]), strict=True):
        assert f"{row.image} of class {row.class_name}" in caption
        assert "the first 6 outputs of " in caption
    drawn = (tmp_path / "ones.svg").read_text()
    layers = ("block1_conv1", "block1_conv2", "block2_conv1", "block3_conv1")
    assert all(f">{layer}<" in drawn for layer in layers)
    assert "small_vgg" not in filters
    assert "net's first convolution, block1_conv1: all 16 filters, 3 x 3 pixels" in filters
    names = ("ones.png", "ones.svg", "others.png", "others.svg", "filters.png", "filters.svg")
    assert all((tmp_path / name).stat().st_size > 1000 for name in names)


def test_where_no_image_may_be_shown_filters_are_drawn_alone(plot, tmp_path):
    (filters,) = plot(None, datasets=())
    assert "net's first convolution, block1_conv1: all 16 filters" in filters
    drawn = {path.name for path in tmp_path.glob("[!.]*")}
    assert drawn == {"pool.csv", "filters.png", "filters.svg", "filters.txt"}


def test_a_picture_is_drawn_as_the_network_sees_it(folder, plot, tmp_path):
    plot(["block1_conv1"])
    squashed = (tmp_path / "ones.png").read_bytes()
    write_json(tmp_path / "net.json", read_json(folder / "net.json") | {"resize": "pad"})
    plot(["block1_conv1"], tmp_path / "net.json")
    assert (tmp_path / "ones.png").read_bytes() != squashed


def test_maps_are_dead_where_keras_finds_them_dead(folder):
    import keras

    from fewshot.backbone.network_views import feature_maps
    from fewshot.backbone.networks import build_network
    from fewshot.backbone.sources.small_vgg import SmallVGG

    layers = ["block5_conv2", "block5_pool"]
    model = SmallVGG()
    model.load_weights(folder / "net.weights.h5")
    reader = keras.Model(model.input, [model.get_layer(layer).output for layer in layers])
    image = read_pool_image(
        folder / "images", read_records(folder / "pool.csv", PoolRow)[0], Framing(32)
    )
    network = build_network(read_json(folder / "net.json"))
    network.model.set_weights(model.get_weights())
    ours = feature_maps(network, layers, image[None])
    theirs = reader.predict(image[None] / np.float32(127.5) - 1, verbose=0)
    for mine, keras_ in zip(ours, theirs, strict=True):
        alive = keras_.any(axis=(1, 2))
        assert not alive.all()
        np.testing.assert_array_equal(mine.any(axis=(1, 2)), alive)


@pytest.mark.parametrize(
    ("layer", "message"),
    [
        (
            "block1_conv3",
            r"one of SmallVGG's .*Received: block1_conv3\. Hint: did you mean block\d_conv\d\?$",
        ),
        ("fc1", r"height, width and channels\. Received: fc1\. Hint: try .*block5_pool\.$"),
    ],
)
def test_a_layer_that_cannot_be_drawn_is_told(plot, tmp_path, layer, message):
    with pytest.raises(InputError, match=message):
        plot(["block1_conv1", layer])
    assert [path.name for path in tmp_path.glob("[!.]*")] == ["pool.csv"]


def test_the_description_has_the_shapes_that_the_script_checks(folder):
    assert json.loads((folder / "net.json").read_text())["layers"]["block5_pool"] == [1, 1, 96]
