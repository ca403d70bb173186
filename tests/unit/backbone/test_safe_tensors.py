"""Files of safetensors: lies in the header, links and other folders are refused before all else."""

import json
import os

import ml_dtypes
import numpy as np
import pytest
from safetensors.numpy import save_file

from fewshot.backbone.sources.safe_tensors import check_tensors_file, open_tensors
from fewshot.errors import InputError

ONE = {"dtype": "F32", "shape": [2, 3], "data_offsets": [0, 24]}
TWO = {"dtype": "F32", "shape": [2], "data_offsets": [24, 32]}


def write(path, header, size=32, length=None):
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    length = len(text) if length is None else length
    path.write_bytes(length.to_bytes(8, "little") + text + bytes(size))
    return path


def read_all(folder):
    with open_tensors(folder) as readers:
        return {name: read() for name, read in readers.items()}


@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.float16, ml_dtypes.bfloat16])
def test_tensors_of_every_floating_type_come_as_float32(tmp_path, dtype):
    values = np.linspace(-2, 2, 6).reshape(2, 3).astype(dtype)
    numbers = np.arange(3)
    tensors = {"a": values, "b": values[0], "c": np.array(1.5, "f4"), "ids": numbers}
    save_file(tensors, tmp_path / "model.safetensors", metadata={"format": "pt"})
    found = read_all(tmp_path)
    assert {name: each.dtype for name, each in found.items()} == dict.fromkeys("abc", np.float32)
    np.testing.assert_array_equal(found["a"], values.astype(np.float32))
    assert found["c"] == 1.5


def test_an_index_names_the_files_of_its_tensors(tmp_path):
    for number, name in enumerate("ab"):
        save_file({name: np.full(2, number, "f4")}, tmp_path / f"model-0000{number}.safetensors")
    index = {"a": "model-00000.safetensors", "b": "model-00001.safetensors"}
    path = tmp_path / "model.safetensors.index.json"
    path.write_text(json.dumps({"metadata": {"total_size": 16}, "weight_map": index}))
    assert {name: each.tolist() for name, each in read_all(tmp_path).items()} == {
        **{"a": [0, 0], "b": [1, 1]},
    }
    path.write_text(json.dumps({"weight_map": index | {"c": "model-00001.safetensors"}}))
    with pytest.raises(InputError, match="no tensor 'c'"):
        read_all(tmp_path)


@pytest.mark.parametrize(
    "name",
    [
        *("../model.safetensors", "/etc/passwd", "a/model.safetensors", "..", "", ".safetensors"),
        *("model.bin", "model.safetensors\n", "\0.safetensors", 1, None, ["model.safetensors"]),
    ],
)
def test_an_index_names_no_file_elsewhere(tmp_path, name):
    folder = tmp_path / "net"
    folder.mkdir()
    save_file({"a": np.ones(2, "f4")}, tmp_path / "model.safetensors")
    (folder / "model.safetensors.index.json").write_text(json.dumps({"weight_map": {"a": name}}))
    with pytest.raises(InputError, match=r"nothing else.*a file called"):
        read_all(folder)


@pytest.mark.parametrize("content", [{}, {"weight_map": {}}, {"weight_map": []}])
def test_an_index_has_a_map(tmp_path, content):
    (tmp_path / "model.safetensors.index.json").write_text(json.dumps(content))
    with pytest.raises(InputError, match="no weight_map"):
        read_all(tmp_path)


def test_a_file_that_is_a_link_out_of_the_folder(tmp_path):
    folder = tmp_path / "net"
    folder.mkdir()
    save_file({"a": np.ones(2, "f4")}, tmp_path / "other.safetensors")
    (folder / "model.safetensors").symlink_to(tmp_path / "other.safetensors")
    with pytest.raises(InputError, match="must lie in it"):
        read_all(folder)


def test_a_whole_file_is_let_through(tmp_path):
    path = write(tmp_path / "a.safetensors", {"a": ONE, "b": TWO, "__metadata__": {"x": "y"}})
    assert check_tensors_file(path) == {"a", "b"}
    assert check_tensors_file(write(path, {}, size=0)) == set()


@pytest.mark.parametrize(
    "header",
    [
        {"a": ONE},  # 8 bytes left over
        {"a": ONE, "b": TWO | {"data_offsets": [23, 31]}},  # overlapping
        {"a": ONE, "b": ONE, "c": TWO},  # twice the same bytes
        {"a": ONE, "b": TWO | {"data_offsets": [25, 33]}},  # a gap, and one behind the end
        {"a": ONE, "b": TWO | {"shape": [3]}},
        {"a": ONE, "b": TWO | {"shape": [2**62, 2**62]}},
        {"a": ONE, "b": TWO | {"shape": [-2]}},
        {"a": ONE, "b": TWO | {"shape": [-2, -1]}},
        {"a": ONE, "b": TWO | {"shape": [2.0]}},
        {"a": ONE, "b": TWO | {"shape": [True, 2]}},
        {"a": ONE, "b": TWO | {"shape": [1] * 9 + [2]}},
        {"a": ONE, "b": TWO | {"shape": "2"}},
        {"a": ONE, "b": TWO | {"data_offsets": [32, 24]}},
        {"a": ONE, "b": TWO | {"data_offsets": [24]}},
        {"a": ONE, "b": TWO | {"data_offsets": [24, 10**30]}},
        {"a": ONE, "b": TWO | {"dtype": "F8_E4M3"}},
        {"a": ONE, "b": TWO | {"dtype": "object"}},
        {"a": ONE, "b": TWO | {"dtype": None}},
        {"a": ONE, "b": TWO | {"dtype": ["F32"]}},
        {"a": ONE, "b": [1, 2]},
        {"a": ONE, "b": None},
        [1],
        b"\x80\x04\x95",  # the beginning of a pickle
        b'{"a": ' * 100_000,
        b'{"a": {}, "a": {}}',
    ],
)
def test_headers_that_lie(tmp_path, header):
    path = write(tmp_path / "model.safetensors", header)
    with pytest.raises(InputError, match=r"must.*Received: .*model\.safetensors.*Hint: "):
        read_all(path.parent)


@pytest.mark.parametrize("length", [0, 5, 10**6, 2**63, 2**64 - 1])
def test_a_length_that_lies(tmp_path, length):
    write(tmp_path / "model.safetensors", {"a": ONE, "b": TWO}, length=length)
    with pytest.raises(InputError, match="must"):
        read_all(tmp_path)


@pytest.mark.parametrize("size", [0, 3, 8])
def test_what_is_too_short(tmp_path, size):
    (tmp_path / "model.safetensors").write_bytes(bytes(size))
    with pytest.raises(InputError, match="must"):
        read_all(tmp_path)


def test_a_huge_header_is_not_read(tmp_path):
    path = tmp_path / "model.safetensors"
    path.write_bytes((2**30).to_bytes(8, "little"))
    os.truncate(path, 2**31)
    with pytest.raises(InputError, match=f"{2**31} bytes, of which {2**30} should be its header"):
        read_all(tmp_path)


def test_a_truncated_file(tmp_path):
    save_file({"a": np.ones(2000, "f4")}, tmp_path / "model.safetensors")
    whole = (tmp_path / "model.safetensors").read_bytes()
    for part in (0.001, 0.01, 0.5, 0.999):
        (tmp_path / "model.safetensors").write_bytes(whole[: int(part * len(whole))])
        with pytest.raises(InputError, match="must"):
            read_all(tmp_path)
