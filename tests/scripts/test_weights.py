"""The weights stage: ImageNet's files from a mirror, and files that a person gives."""

import ast
import hashlib
import inspect
import json
import threading

import h5py
import numpy as np
import pytest
from served import serving
from settings_of import settings_of

from fewshot.downloads import partial_file
from fewshot.errors import InputError
from weights import weights

NAME = "mobilenet_1_0_224_tf.h5"


@pytest.fixture(scope="module")
def published(tmp_path_factory):
    """A MobileNet as keras.applications offers it, and the digest of its weights."""
    import keras

    from fewshot.backbone.weight_files import weights_digest

    path = tmp_path_factory.mktemp("published") / NAME
    keras.utils.clear_session()
    keras.utils.set_random_seed(1)
    model = keras.applications.MobileNet(weights=None, classifier_activation=None)
    with h5py.File(path, "w") as file:
        layers = model.layers
        file.attrs["layer_names"] = np.array([layer.name.encode() for layer in layers])
        for layer in layers:
            group = file.create_group(layer.name)
            names = [each.path.encode() for each in layer.weights]
            group.attrs["weight_names"] = np.array(names) if names else np.empty(0, "f4")
            for name, value in zip(names, layer.get_weights(), strict=True):
                group[name] = value
    return path.read_bytes(), weights_digest(model)


@pytest.fixture
def models(tmp_path, monkeypatch):
    """The folder in which Keras keeps weights, empty."""
    monkeypatch.setenv("FEWSHOT_MODELS", str(tmp_path / "keras/models"))
    return tmp_path / "keras" / "models"


@pytest.fixture
def server(published, models, monkeypatch):
    with serving() as running:
        running.files[f"/{NAME}"] = published[0]
        monkeypatch.setenv("FEWSHOT_MIRROR", running.url)
        yield running


def made(tmp_path, network="MobileNet", source="imagenet", **changes):
    """Run the stage and return the description that it leaves."""
    layers, seed = changes.pop("layers", ()), changes.pop("seed", 0)
    path = tmp_path / "results" / "net.json"
    weights_path = tmp_path / "results" / "net.weights.h5"
    weights(
        settings=settings_of(network, source, **changes),
        seed=seed,
        layers=layers,
        weights_path=weights_path,
        backbone_path=path,
    )
    return json.loads(path.read_text())


def names(folder):
    return sorted(path.name for path in folder.iterdir()) if folder.exists() else []


def test_weights_come_from_the_mirror_once(published, server, models, tmp_path, capfd):
    body, digest = published
    for _ in range(2):
        assert made(tmp_path)["weights"] == digest
    assert [each["path"] for each in server.asked] == [f"/{NAME}"]
    assert (models / NAME).read_bytes() == body
    assert names(models) == [NAME]
    sha256 = hashlib.sha256(body).hexdigest()
    assert f"no published digest; its sha256 is {sha256}" in capfd.readouterr().out


def test_a_half_file_as_keras_leaves_it_is_replaced(published, server, models, tmp_path, capfd):
    models.mkdir(parents=True)
    (models / NAME).write_bytes(published[0][:9_000_000])
    assert made(tmp_path)["weights"] == published[1]
    assert f"{NAME} is damaged, so it is downloaded anew" in capfd.readouterr().out
    assert (models / NAME).read_bytes() == published[0]


def test_a_download_that_breaks_off_goes_on(published, server, tmp_path):
    from fewshot.backbone.imagenet import take_weights

    server.faults.append(("cut", 9_000_000))
    path = take_weights(NAME, f"https://nowhere.invalid/{NAME}")
    assert [each.get("Range") for each in server.asked] == [None, "bytes=9000000-"]
    assert path.read_bytes() == published[0]


@pytest.mark.parametrize("body", [b"<html>sign in</html>" * 99, b""])
def test_a_page_instead_of_weights_is_refused_and_not_kept(server, models, tmp_path, body):
    server.files[f"/{NAME}"] = body
    with pytest.raises(InputError, match=f"must be a whole HDF5 file.*{NAME}"):
        made(tmp_path)
    assert names(models) == []
    assert names(tmp_path / "results") == []


def test_weights_of_another_digest_than_keras_knows_are_refused(server, models, tmp_path):
    server.files["/efficientnetb0.h5"] = b"other weights"
    md5 = hashlib.md5(b"other weights").hexdigest()
    words = rf"efficientnetb0\.h5 must have the digest \w{{32}}. Received: {md5}.*copy it to"
    with pytest.raises(InputError, match=words):
        made(tmp_path, "EfficientNetB0")
    assert names(models) == []


def test_a_good_file_of_a_known_digest_is_taken_and_a_bad_one_stays_until_a_better_is_there(
    server, models
):
    from fewshot.backbone.imagenet import take_weights

    good, url = b"good weights", "https://nowhere.invalid/known.h5"
    md5 = hashlib.md5(good).hexdigest()
    models.mkdir(parents=True)
    (models / "known.h5").write_bytes(b"bad weights")
    with pytest.raises(InputError, match=r"known\.h5 must be downloaded.*404"):
        take_weights("known.h5", url, md5)
    assert (models / "known.h5").read_bytes() == b"bad weights"
    server.files["/known.h5"] = good
    assert take_weights("known.h5", url, md5).read_bytes() == good
    asked = len(server.asked)
    assert take_weights("known.h5", url, md5).read_bytes() == good
    assert len(server.asked) == asked


def test_weights_of_another_network_under_the_name_are_refused(server, tmp_path):
    import keras

    keras.Sequential([keras.Input((3,)), keras.layers.Dense(2)]).save(tmp_path / "other.h5")
    server.files[f"/{NAME}"] = (tmp_path / "other.h5").read_bytes()
    with pytest.raises(InputError, match=f"of MobileNet must fit it.*{NAME}.*delete the file"):
        made(tmp_path)


def test_two_jobs_download_a_file_once(published, server, models):
    from fewshot.backbone.imagenet import take_weights

    server.faults.append(("stall", len(published[0])))
    found = []

    def take():
        found.append(take_weights(NAME, f"https://nowhere.invalid/{NAME}").read_bytes())

    threads = [threading.Thread(target=take) for _ in range(2)]
    for thread in threads:
        thread.start()
    server.stalls.set()
    for thread in threads:
        thread.join()
    assert found == [published[0]] * 2
    assert len(server.asked) == 1
    assert not partial_file(models / NAME).exists()


def test_no_folder_for_weights(tmp_path, monkeypatch):
    (tmp_path / "file").write_bytes(b"")
    monkeypatch.setenv("FEWSHOT_MODELS", str(tmp_path / "file/models"))
    with pytest.raises(InputError, match="set the environment variable FEWSHOT_MODELS"):
        made(tmp_path)


@pytest.mark.parametrize(("source", "size"), [("imagenet", 100), ("none", 8)])
def test_a_size_that_the_network_does_not_take(tmp_path, models, source, size):
    with pytest.raises(InputError, match=rf"must allow the image size.*image_size={size},"):
        made(tmp_path, "MobileNetV2", source=source, image_size=size)


def test_a_hostile_file_of_a_person_is_refused(published, tmp_path):
    path = tmp_path / "mine.h5"
    path.write_bytes(published[0])
    with h5py.File(path, "r+") as file:
        file["conv1/other"] = h5py.ExternalLink("/etc/passwd", "/")
    with pytest.raises(InputError, match=r"no soft or external links.*conv1/other.*mine\.h5"):
        made(tmp_path, source=str(path))
    assert names(tmp_path / "results") == []


def test_every_network_of_keras_asks_the_function_that_is_replaced():
    """All calls are `file_utils.get_file(name, address, cache_subdir="models", ...)`."""
    import keras

    networks = [each for each in vars(keras.applications).values() if inspect.isfunction(each)]
    modules = {inspect.getmodule(each) for each in networks}
    calls = 0
    for module in modules:
        if "file_utils" not in vars(module):
            continue
        assert module.file_utils.__name__ == keras.utils.get_file.__module__
        for node in ast.walk(ast.parse(inspect.getsource(module))):
            if isinstance(node, ast.Call) and "get_file" in ast.unparse(node.func):
                calls += 1
                assert ast.unparse(node.func) == "file_utils.get_file"
                assert len(node.args) == 2
                options = {each.arg: ast.unparse(each.value) for each in node.keywords}
                assert options.pop("cache_subdir") == "'models'"
                assert {*options} <= {"file_hash"}
    assert calls > len(modules) > 10


def test_layers_that_the_network_lacks_are_named_and_nothing_is_left(tmp_path):
    given = {"network": "SmallVGG", "source": "none"}
    (tmp_path / "results").mkdir()
    with pytest.raises(InputError) as caught:
        made(tmp_path, **given, layers=["fc2", "block4_pol", "fc11", "logits"])
    assert str(caught.value) == (
        "Layers of backbones.net must be SmallVGG's. Received: block4_pol, fc11. "
        "Hint: did you mean block4_pool? did you mean fc1?"
    )
    assert names(tmp_path / "results") == []
    assert "fc2" in made(tmp_path, **given, layers=["fc2", "logits"])["layers"]
