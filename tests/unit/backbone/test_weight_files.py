"""Weights files from elsewhere: what HDF5 could hide in them is refused, and damage is named."""

import os
import resource
from pathlib import Path

import h5py
import numpy as np
import pytest

from fewshot.backbone.weight_files import (
    check_weights_file,
    load_described,
    load_weights,
    weights_digest,
)
from fewshot.errors import InputError

SECRET = np.arange(12, dtype=np.float32)


@pytest.fixture(scope="module")
def networks():
    """Two networks of the same form with other weights, and a third of another form."""
    import keras

    keras.utils.set_random_seed(0)

    def build(width):
        layers = keras.layers
        images = keras.Input((8, 8, 3))
        outputs = layers.Conv2D(4, 3, name="conv")(images)
        outputs = layers.BatchNormalization(name="norm")(outputs)
        outputs = layers.Dense(width, name="head")(layers.Flatten()(outputs))
        return keras.Model(images, outputs)

    return build(5), build(5), build(6)


@pytest.fixture
def whole(networks, tmp_path):
    """A good weights file."""
    path = tmp_path / "net.weights.h5"
    networks[0].save_weights(path)
    return path


def save_legacy(model, path, root=None):
    """Write weights as keras.applications offers them and Keras 2 wrote them."""
    with h5py.File(path, "w") as file:
        group = file.create_group(root) if root else file
        names = [layer.name for layer in model.layers]
        group.attrs["layer_names"] = np.array([name.encode() for name in names])
        group.attrs["keras_version"] = "2.4.0"
        for layer in model.layers:
            place = group.create_group(layer.name)
            variables = [f"{layer.name}/{each.name}:0" for each in layer.weights]
            place.attrs["weight_names"] = np.array([each.encode() for each in variables])
            for name, value in zip(variables, layer.get_weights(), strict=True):
                place[name] = value


@pytest.mark.parametrize("kind", ["new", "legacy", "model"])
def test_good_files_of_every_kind_give_the_same_weights(networks, tmp_path, kind):
    first, second, _ = networks
    path = tmp_path / ("a.weights.h5" if kind == "new" else "a.h5")
    if kind == "new":
        first.save_weights(path)
    else:
        save_legacy(first, path, "model_weights" if kind == "model" else None)
    second.set_weights([np.zeros(each.shape, np.float32) for each in second.get_weights()])
    load_weights(second, path)
    for one, other in zip(first.get_weights(), second.get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)


def replace(path, make):
    """Put something else in the place of the dense layer's kernel."""
    with h5py.File(path, "r+") as file:
        group = file["layers/dense/vars"]
        del group["0"]
        make(group, path.parent)
    return path


def other_file(folder):
    with h5py.File(folder / "secret.h5", "w") as file:
        file["secret"] = SECRET
    return folder / "secret.h5"


def external_link(group, folder):
    group["0"] = h5py.ExternalLink(other_file(folder), "/secret")


def soft_link(group, _):
    group["0"] = h5py.SoftLink("/layers/conv2d/vars/0")


def dangling_link(group, _):
    group["0"] = h5py.SoftLink("/nowhere")


def second_name(group, _):
    group["0"] = group.file["layers/conv2d/vars/0"]


def cycle(group, _):
    group["again"] = group.file["layers"]


def external_storage(group, folder):
    (folder / "secret.bin").write_bytes(SECRET.tobytes())
    group.create_dataset("0", (12,), "f4", external=[(folder / "secret.bin", 0, 48)])


def virtual_array(group, folder):
    layout = h5py.VirtualLayout((12,), "f4")
    layout[:] = h5py.VirtualSource(other_file(folder), "secret", (12,))
    group.create_virtual_dataset("0", layout)


def unwritten(group, _):
    group.create_dataset("0", (2**20, 2**20), "f4")


def compressed(group, _):
    group.create_dataset("0", data=np.zeros((144, 5), "f4"), compression="gzip")


def compressed_bomb(group, _):
    group.create_dataset("0", (2**40,), "f4", chunks=(2**20,), compression="gzip", fillvalue=1)


def chunked(group, _):
    group.create_dataset("0", data=np.zeros((144, 5), "f4"), chunks=(12, 5))


def texts(group, _):
    group.create_dataset("0", data=["text"], dtype=h5py.string_dtype())


def references(group, _):
    group.create_dataset("0", data=[group.ref], dtype=h5py.ref_dtype)


def ragged(group, _):
    array = group.create_dataset("0", (2,), h5py.vlen_dtype("f4"))
    array[0] = [1, 2]


def compound(group, _):
    group.create_dataset("0", data=np.zeros(3, [("a", "f4"), ("b", "i4")]))


def opaque(group, _):
    group.create_dataset("0", data=np.zeros(3, "V8"))


def named_type(group, _):
    group["0"] = np.dtype("f4")


def nothing(group, _):
    group["0"] = h5py.Empty("f4")


def reference_attribute(group, _):
    group.attrs["name"] = group.ref


def ragged_attribute(group, _):
    rows = np.empty(1, object)
    rows[0] = np.array([1, 2], "i4")
    group.attrs.create("name", rows, (1,), h5py.vlen_dtype("i4"))


def shared_texts(group, _):
    # 4,000 names and ten megabytes that are in no array: if all were one text, 40 GB.
    group.attrs["names"] = ["x"] * 4000
    group.attrs["text"] = "x" * 60_000
    group.file.flush()
    with open(group.file.filename, "ab") as file:
        file.write(bytes(10 * 2**20))


def deep(group, _):
    for _ in range(40):
        group = group.create_group("g")


ONLY_NUMBERS = "must hold numbers, not"
HOSTILE = {
    external_link: "no soft or external links.*layers/dense/vars/0",
    soft_link: "no soft or external links",
    dangling_link: "no soft or external links",
    second_name: "hold everything once",
    cycle: "hold everything once",
    external_storage: "must lie in the weights file itself",
    virtual_array: "must lie in the weights file itself",
    unwritten: r"shape \(1048576, 1048576\) needs its 4398046511104 bytes",
    compressed: "in one piece, uncompressed",
    compressed_bomb: "in one piece, uncompressed",
    chunked: "in one piece, uncompressed",
    texts: ONLY_NUMBERS,
    references: ONLY_NUMBERS,
    ragged: ONLY_NUMBERS,
    compound: ONLY_NUMBERS,
    opaque: ONLY_NUMBERS,
    named_type: "only groups and arrays",
    nothing: "in one piece, uncompressed",
    reference_attribute: "must be text or numbers",
    ragged_attribute: "must be text or numbers",
    deep: "at most 100000 objects, 32 deep",
}


@pytest.mark.parametrize("make", HOSTILE, ids=lambda make: make.__name__)
def test_hostile_files_are_refused_by_name_and_load_nothing(networks, whole, make):
    before = weights_digest(networks[1])
    replace(whole, make)
    with pytest.raises(InputError, match=f"(?s){HOSTILE[make]}.*net.weights.h5"):
        load_weights(networks[1], whole)
    assert weights_digest(networks[1]) == before


def test_texts_that_could_share_their_bytes_are_refused_before_they_are_read(whole):
    replace(whole, shared_texts)
    with pytest.raises(InputError, match="must not share their bytes"):
        check_weights_file(whole)


def test_an_array_that_ends_behind_the_file_is_refused(whole):
    """The file is cut and says so itself: only sizes and places of its arrays tell."""
    with h5py.File(whole, "r+") as file:
        file["late"] = np.ones(4096, "f4")
    data = whole.read_bytes()
    size = data.index(len(data).to_bytes(8, "little"))
    cut = len(data) - 8192
    whole.write_bytes(data[:size] + cut.to_bytes(8, "little") + data[size + 8 : cut])
    with pytest.raises(InputError, match=r"net\.weights\.h5"):
        check_weights_file(whole)


@pytest.mark.parametrize("name", ["net.keras", "net.weights.json", "net.npz", "net"])
def test_other_formats_are_refused_before_they_are_opened(tmp_path, name):
    (tmp_path / name).write_bytes(b"PK")
    with pytest.raises(InputError, match=r"must end in \.weights\.h5 or \.h5"):
        check_weights_file(tmp_path / name)


@pytest.mark.parametrize("data", [b"", b"<html>sign in</html>" * 99, b"\x89HDF\r\n\x1a\n", b"PK"])
def test_what_is_no_weights_file(networks, whole, data):
    whole.write_bytes(data)
    with pytest.raises(InputError, match=r"must be a whole HDF5 file.*net\.weights\.h5"):
        load_weights(networks[1], whole)


@pytest.mark.parametrize("part", [0.01, 0.3, 0.6, 0.99])
def test_truncated_files(networks, whole, part):
    os.truncate(whole, int(part * whole.stat().st_size))
    with pytest.raises(InputError, match=r"must be a whole HDF5 file.*net\.weights\.h5"):
        load_weights(networks[1], whole)


def test_a_file_of_another_network(networks, whole):
    with pytest.raises(InputError, match=r"must fit its network.*net\.weights\.h5"):
        load_weights(networks[2], whole)


def test_a_replaced_file_is_noticed_when_it_is_loaded_again(networks, whole):
    first, second, _ = networks
    digest = weights_digest(first)
    load_described(second, whole, digest)
    assert weights_digest(second) == digest
    second.get_layer("conv").bias.assign([1, 2, 3, 4])
    second.save_weights(whole)
    words = rf"changed or damaged since it was described.*rm -f {whole}, then run again"
    with pytest.raises(InputError, match=words):
        load_described(second, whole, digest)


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["new", "legacy"])
def test_one_bit_flipped_anywhere_is_named_or_changes_nothing(networks, tmp_path, kind):
    first, second, _ = networks
    path = tmp_path / ("a.weights.h5" if kind == "new" else "a.h5")
    first.save_weights(path) if kind == "new" else save_legacy(first, path)
    data, digest = path.read_bytes(), weights_digest(first)
    # Without a limit a size that a flip made huge could fill the memory of the machine.
    limits = resource.getrlimit(resource.RLIMIT_AS)
    used = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (used + 2**31, limits[1]))
    messages = []
    try:
        for bit in np.random.default_rng(0).choice(8 * len(data), 300, replace=False).tolist():
            bent = bytearray(data)
            bent[bit // 8] ^= 1 << bit % 8
            path.write_bytes(bent)
            try:
                load_described(second, path, digest)
            except InputError as error:
                messages.append(str(error))
            else:
                assert weights_digest(second) == digest
    finally:
        resource.setrlimit(resource.RLIMIT_AS, limits)
    assert len(messages) > 50
    assert all(str(path) in message for message in messages)
