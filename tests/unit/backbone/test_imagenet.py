"""ImageNet weights: for one call of a constructor Keras asks us for the file, and then no more."""

import hashlib

import h5py
import pytest
from served import serving

from fewshot.errors import InputError

BODY = b"weights of a network"
MD5 = hashlib.md5(BODY).hexdigest()
URL = "https://nowhere.invalid/net.h5"


@pytest.fixture
def models(tmp_path, monkeypatch):
    """The folder of Keras' weights, with one file in it, and no server to ask."""
    monkeypatch.setenv("FEWSHOT_MODELS", str(tmp_path / "models"))
    monkeypatch.setenv("FEWSHOT_MIRROR", "http://127.0.0.1:1")
    (tmp_path / "models").mkdir()
    (tmp_path / "models/net.h5").write_bytes(BODY)
    return tmp_path / "models"


@pytest.fixture
def file_utils():
    """The module of Keras in which constructors look for `get_file`, which must be put back."""
    import sys

    import keras

    module = sys.modules[keras.utils.get_file.__module__]
    before = module.get_file
    yield module
    assert module.get_file is before
    assert keras.utils.get_file is before


def constructor_that(file_utils, ending):
    """Make a constructor that asks for a file as keras.applications do and ends in some way."""

    def Network(**arguments):
        path = file_utils.get_file("net.h5", URL, cache_subdir="models", file_hash=MD5)
        return ending(path, arguments)

    return Network


def test_a_constructor_is_given_the_file_and_its_own_arguments(models, file_utils):
    from fewshot.backbone.imagenet import with_imagenet_weights

    network = constructor_that(file_utils, lambda *given: given)
    path, arguments = with_imagenet_weights(network, include_top=False, input_shape=(8, 8, 3))
    assert path == str(models / "net.h5")
    expected = {"weights": "imagenet", "include_top": False, "input_shape": (8, 8, 3)}
    assert arguments == expected


def fail_with(error):
    def fail(path, arguments):
        raise error

    return fail


@pytest.mark.usefixtures("models")
def test_a_file_that_does_not_fit_is_named(file_utils):
    from fewshot.backbone.imagenet import with_imagenet_weights

    network = constructor_that(file_utils, fail_with(ValueError("axes\ndo not match")))
    words = r"weights of Network must fit it\. Received: .*net\.h5 \(axes\)\. Hint: delete the file"
    with pytest.raises(InputError, match=words):
        with_imagenet_weights(network)


@pytest.mark.usefixtures("models")
@pytest.mark.parametrize("error", [KeyboardInterrupt(), MemoryError("no room")])
def test_other_errors_stay_what_they_are(file_utils, error):
    from fewshot.backbone.imagenet import with_imagenet_weights

    with pytest.raises(type(error)) as caught:
        with_imagenet_weights(constructor_that(file_utils, fail_with(error)))
    assert caught.value is error


def test_an_error_before_any_file_is_asked_for_stays_what_it_is(file_utils):
    from fewshot.backbone.imagenet import with_imagenet_weights

    def Network(**arguments):
        raise ValueError("no such size")

    with pytest.raises(ValueError, match="no such size") as caught:
        with_imagenet_weights(Network)
    assert not isinstance(caught.value, InputError)


def test_a_file_that_cannot_be_had_is_told_and_not_said_to_misfit(models, file_utils, monkeypatch):
    from fewshot.backbone.imagenet import with_imagenet_weights

    (models / "net.h5").unlink()
    network = constructor_that(file_utils, lambda *given: given)
    with serving() as server:
        monkeypatch.setenv("FEWSHOT_MIRROR", server.url)
        with pytest.raises(InputError, match=r"net\.h5 must be downloaded.*404"):
            with_imagenet_weights(network)


def test_a_whole_file_of_no_known_digest_is_taken_without_asking_anyone(models, capsys):
    from fewshot.backbone.imagenet import take_weights

    with h5py.File(models / "whole.h5", "w") as file:
        file["kernel"] = [1.0, 2.0]
    path = take_weights("whole.h5", URL)
    assert path == models / "whole.h5"
    assert capsys.readouterr().out == f"{path} taken, which is there\n"


@pytest.mark.parametrize("algorithm", ["md5", "sha256"])
def test_a_download_is_held_against_either_kind_of_digest(models, monkeypatch, algorithm):
    from fewshot.backbone.imagenet import take_weights

    body = b"new weights"
    digest = hashlib.new(algorithm, body).hexdigest()
    with serving(net__h5=body) as server:
        monkeypatch.setenv("FEWSHOT_MIRROR", server.url)
        wrong = hashlib.new(algorithm, b"others").hexdigest()
        words = rf"must have the digest {wrong}\. Received: {digest} from"
        with pytest.raises(InputError, match=words):
            take_weights("net.h5", URL, wrong)
        assert (models / "net.h5").read_bytes() == BODY  # what was there before
        assert take_weights("net.h5", URL, digest).read_bytes() == body
    assert [path.name for path in models.iterdir()] == ["net.h5"]
