"""Where weights come from: the schema explains each word, and files are found."""

from fewshot.study.read import read_schema
from fewshot.study.weights import CHARACTERS, OWN_FILE, WORDS, weights_files


def test_the_schema_explains_each_word():
    backbones = read_schema()[0]["properties"]["backbones"]["additionalProperties"]
    key = backbones["properties"]["weights"]
    assert all(f"{word} (" in key["description"] for word in WORDS)


def test_words_are_no_files_but_that_of_what_comes_with_the_project():
    others = [word for word in WORDS if word != CHARACTERS]
    assert [weights_files(word) for word in others] == [[]] * len(others)
    (own,) = weights_files(CHARACTERS)
    assert OWN_FILE.samefile(own)


def test_of_a_folder_what_is_read_counts_alone(tmp_path):
    for name in ("config.json", "model.weights.h5", "model.safetensors", "README.md", "tf.msgpack"):
        (tmp_path / name).touch()
    found = [path.removeprefix(f"{tmp_path}/") for path in weights_files(str(tmp_path))]
    assert found == ["config.json", "model.safetensors", "model.weights.h5"]
    assert weights_files("a/b.h5") == ["a/b.h5"]
