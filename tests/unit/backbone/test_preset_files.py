"""Files of presets: from a hub that sends on to a store, from a mirror, or from a folder by hand."""

import hashlib
import json

import h5py
import numpy as np
import pytest
from served import serving
from served_hub import HOST, STORE, serving_hub

from fewshot.backbone.sources.preset_files import take_preset
from fewshot.errors import InputError

PRESET = "dinov2_small"
GATED = "dinov3_vit_small_lvd1689m"
CONFIG = json.dumps({"class_name": "DINOV2Backbone", "config": {}}).encode()
CONVERTER = json.dumps({"class_name": "DINOV2ImageConverter", "config": {}}).encode()
NAMES = ["config.json", "image_converter.json", "model.weights.h5"]


@pytest.fixture(scope="module")
def weights(tmp_path_factory):
    path = tmp_path_factory.mktemp("weights") / "a.h5"
    with h5py.File(path, "w") as file:
        file["layers/dense/vars/0"] = np.random.default_rng(0).normal(size=400_000)
    return path.read_bytes()


def sha256(body):
    return hashlib.sha256(body).hexdigest()


@pytest.fixture
def models(tmp_path, monkeypatch):
    monkeypatch.setenv("FEWSHOT_MODELS", str(tmp_path / "models"))
    return tmp_path / "models"


@pytest.fixture
def hub(tmp_path, monkeypatch, models, weights):
    bodies = dict(zip(NAMES, (CONFIG, CONVERTER, weights), strict=True))
    files = {
        f"{preset}/{name}": body for preset in (PRESET, GATED) for name, body in bodies.items()
    }
    with serving_hub(tmp_path, monkeypatch, files) as running:
        yield running


def place_by_hand(models, weights, preset=PRESET):
    folder = models / preset
    folder.mkdir(parents=True)
    for name, body in zip(NAMES, (CONFIG, CONVERTER, weights), strict=True):
        (folder / name).write_bytes(body)
    return folder


def asked(server, **wanted):
    return [each for each in server.asked if wanted.items() <= each.items()]


def files_in(folder):
    return sorted(path.name for path in folder.iterdir())


def test_a_preset_comes_file_by_file_and_once(hub, models, weights, capsys):
    folder = take_preset(PRESET)
    assert folder == models / PRESET
    assert files_in(folder) == NAMES
    assert (folder / "config.json").read_bytes() == CONFIG
    assert (folder / "model.weights.h5").read_bytes() == weights
    out = capsys.readouterr().out
    assert f"the server says the sha256 {sha256(weights)}\n" in out
    assert f"to pin these weights: backbones.<name>.sha256: {sha256(weights)}\n" in out
    # Nobody else was asked, and no file that is not needed.
    assert {each["host"] for each in hub.asked} == {HOST, STORE}
    first = [each["path"] for each in asked(hub, host=HOST, method="GET")]
    assert [path for path in first if "/resolve/" in path] == [
        f"/keras/{PRESET}/resolve/main/{name}" for name in NAMES
    ]
    assert not any("Authorization" in each or "Cookie" in each for each in hub.asked)
    hub.asked.clear()
    assert take_preset(PRESET) == folder
    assert hub.asked == []
    out = capsys.readouterr().out
    assert out.count("taken, which is there") == 3
    assert f"to pin these weights: backbones.<name>.sha256: {sha256(weights)}\n" in out


def test_configuration_and_preprocessing_can_come_alone(hub):
    assert files_in(take_preset(PRESET, with_weights=False)) == NAMES[:2]
    assert asked(hub, host=STORE) == []


@pytest.mark.parametrize("is_pinned", [False, True])
def test_a_break_is_gone_on_from_by_the_next_run(hub, models, weights, is_pinned):
    pinned = sha256(weights) if is_pinned else None
    hub.faults += [("cut", 2_000_000), 404]
    with pytest.raises(InputError, match=r"model\.weights\.h5 must be downloaded.*404") as caught:
        take_preset(PRESET, pinned)
    assert f"copy it to {models / PRESET}" in str(caught.value)
    hub.asked.clear()
    folder = take_preset(PRESET, pinned)
    assert (folder / "model.weights.h5").read_bytes() == weights
    assert [each["Range"] for each in asked(hub, host=STORE)] == ["bytes=2000000-"]
    assert len(asked(hub, method="HEAD")) == (0 if is_pinned else 1)


def test_what_is_not_as_the_study_pins_it_is_not_taken(hub, models, weights):
    words = rf"must have the digest {'0' * 64}\. Received: {sha256(weights)} from https://{HOST}"
    with pytest.raises(InputError, match=words):
        take_preset(PRESET, "0" * 64)
    assert files_in(models / PRESET) == NAMES[:2]


def test_what_is_not_as_the_hub_says_is_not_taken(hub, models, weights):
    hub.stated["model.weights.h5"] = "1" * 64
    words = rf"must have the digest {'1' * 64}\. Received: {sha256(weights)} from"
    with pytest.raises(InputError, match=words):
        take_preset(PRESET)
    assert files_in(models / PRESET) == NAMES[:2]


@pytest.mark.parametrize("said", ["", "d41d8cd98f00b204e9800998ecf8427e", "x" * 64])
def test_a_hub_that_says_no_sha256_is_no_obstacle(hub, weights, said, capsys):
    hub.stated["model.weights.h5"] = said
    take_preset(PRESET)
    out = capsys.readouterr().out
    assert "the server says no digest\n" in out
    assert f"backbones.<name>.sha256: {sha256(weights)}\n" in out


def test_without_a_converter_the_one_of_hugging_face_is_taken(hub, models):
    hub.files[f"{PRESET}/preprocessor_config.json"] = b"{}"
    del hub.files[f"{PRESET}/image_converter.json"]
    names = ["config.json", "model.weights.h5", "preprocessor_config.json"]
    assert files_in(take_preset(PRESET)) == names
    hub.asked.clear()
    take_preset(PRESET)
    assert hub.asked == []


def test_without_any_preprocessing_there_is_no_preset(hub):
    del hub.files[f"{PRESET}/image_converter.json"]
    with pytest.raises(InputError, match=r"preprocessor_config\.json must be downloaded.*404"):
        take_preset(PRESET)
    assert asked(hub, host=STORE) == []


def test_a_missing_file_is_named_with_the_way_out(hub, models):
    del hub.files[f"{PRESET}/model.weights.h5"]
    words = (
        rf"model\.weights\.h5 must be downloaded, but the server did not give it\. Received: .*404.*"
        rf"Hint: open https://{HOST}/keras/{PRESET}, download model\.weights\.h5 and copy it to "
        rf"{models / PRESET}"
    )
    with pytest.raises(InputError, match=words):
        take_preset(PRESET)


@pytest.mark.parametrize("status", [401, 403])
def test_a_gated_preset_says_where_to_agree_and_sends_no_token(hub, models, monkeypatch, status):
    for name in ("HF_TOKEN", "HUGGING_FACE_HUB_TOKEN"):
        monkeypatch.setenv(name, "hf_secret")
    hub.gated[GATED] = status
    words = (
        rf"as to somebody who has not agreed to its terms\. Received: .*{status}.*Hint: open "
        rf"https://{HOST}/keras/{GATED}, agree there to https://ai\.meta\.com\S+dinov3-license, "
        rf"download config\.json and copy it to {models / GATED}"
    )
    with pytest.raises(InputError, match=words):
        take_preset(GATED)
    assert "hf_secret" not in str(hub.asked)
    assert len(hub.asked) == 1


def test_a_gated_preset_placed_by_hand_is_taken(hub, models, weights):
    hub.gated[GATED] = 401
    place_by_hand(models, weights, GATED)
    assert files_in(take_preset(GATED)) == NAMES
    assert hub.asked == []


def test_a_mirror_is_asked_and_nobody_else(hub, models, monkeypatch, weights, capsys):
    names = zip(NAMES, (CONFIG, CONVERTER, weights), strict=True)
    with serving() as mirror:
        mirror.files = {f"/few/{PRESET}/{name}": body for name, body in names}
        monkeypatch.setenv("FEWSHOT_MIRROR", f"{mirror.url}/few/")
        take_preset(PRESET)
        assert [each["path"] for each in mirror.asked] == [f"/few/{PRESET}/{n}" for n in NAMES]
        mirror.files = {}
        with pytest.raises(InputError, match="put it on the mirror, or unset FEWSHOT_MIRROR; or"):
            take_preset("dinov2_base")
    assert hub.asked == []
    out = capsys.readouterr().out
    assert "the server says no digest\n" in out
    assert f"backbones.<name>.sha256: {sha256(weights)}\n" in out


def test_offline_a_folder_placed_by_hand_is_enough(models, weights, monkeypatch, capsys):
    monkeypatch.setenv("FEWSHOT_MIRROR", "http://127.0.0.1:1")
    folder = place_by_hand(models, weights)
    assert take_preset(PRESET) == folder
    assert take_preset(PRESET, sha256(weights)) == folder
    assert "downloading" not in capsys.readouterr().out


def test_a_file_placed_by_hand_is_held_against_the_study(hub, models, weights):
    place_by_hand(models, weights + bytes(8))
    folder = take_preset(PRESET, sha256(weights))
    assert (folder / "model.weights.h5").read_bytes() == weights


@pytest.mark.parametrize("name", NAMES)
def test_damage_is_mended_by_a_download(hub, models, weights, name, capsys):
    path = place_by_hand(models, weights) / name
    path.write_bytes(path.read_bytes()[:-9])
    take_preset(PRESET)
    assert "is damaged, so it is downloaded anew" in capsys.readouterr().out
    assert path.read_bytes() == hub.files[f"{PRESET}/{name}"]


def test_a_link_out_of_the_folder_is_replaced_and_not_followed(hub, models, weights, tmp_path):
    path = place_by_hand(models, weights) / "config.json"
    secret = tmp_path / "secret.json"
    secret.write_text("{}")
    path.unlink()
    path.symlink_to(secret)
    take_preset(PRESET)
    assert not path.is_symlink()
    assert secret.read_text() == "{}"


def test_what_comes_in_the_place_of_a_configuration_is_not_kept(hub, models):
    hub.files[f"{PRESET}/config.json"] = b"<!doctype html><p>Sign in</p>"
    with pytest.raises(InputError, match=r"config\.json \(Expecting value"):
        take_preset(PRESET)
    assert files_in(models / PRESET) == []


def test_a_configuration_of_100_megabytes_is_not_received(hub, models):
    hub.files[f"{PRESET}/config.json"] = bytes(100_000_000)
    with pytest.raises(InputError, match=r"config\.json must not exceed 16777216 bytes"):
        take_preset(PRESET)
    assert sum(path.stat().st_size for path in (models / PRESET).iterdir()) < 2**24


@pytest.mark.parametrize("name", ["../secret", "a/b", "", "A", "preset@main", "dinov2_small\n"])
def test_other_names_are_refused_before_anything_is_made(hub, models, name):
    with pytest.raises(InputError, match="A preset is named by small letters"):
        take_preset(name)
    assert not models.exists()
    assert hub.asked == []
