"""Tables and splits: what a file says is found for its image, and what it can't say is refused."""

import json

import pytest

from fewshot.data.label_files import file_labels, read_labels
from fewshot.data.labels import Label
from fewshot.errors import InputError

TABLE = {"table": "labels.csv"}


def write(folder, text, name="labels.csv", encoding="utf-8"):
    (folder / name).parent.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(text, encoding=encoding)


def found(folder, paths, text, **columns):
    write(folder, text)
    return file_labels(paths, {**TABLE, **columns}, [folder])


@pytest.mark.parametrize("between", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_a_table_as_programs_write_it(tmp_path, between, encoding, end):
    lines = ["image,class,fold", '1.jpg,"cat",train', "2.jpg,dög ,Validation", "3.jpg,cat,"]
    write(tmp_path, end.join(lines).replace(",", between) + end, encoding=encoding)
    _, labels = read_labels({**TABLE, "part": "fold"}, [tmp_path])
    assert labels == {
        "1.jpg": Label("cat", "train"),
        "2.jpg": Label("dög", "val"),
        "3.jpg": Label("cat", ""),
    }


def test_columns_have_the_names_of_what_they_hold_unless_others_are_given(tmp_path):
    text = "image,class,part,group\n1.jpg,cat,test,a\n"
    assert found(tmp_path, ["1.jpg"], text)[0] == {"1.jpg": Label("cat", "test", "a")}
    text = "image,class,part,group,fold\n1.jpg,cat,ear,a,train\n"
    labels, _ = found(tmp_path, ["1.jpg"], text, part="fold", group="class")
    assert labels == {"1.jpg": Label("cat", "train", "cat")}
    with pytest.raises(
        InputError, match=r"columns image, class, site\. Received: columns image, class, part"
    ):
        found(tmp_path, ["1.jpg"], text, group="site")


def test_columns_are_named_and_those_there_are_told(tmp_path):
    text = "id,breed,dog\nab,poodle,7\n"
    columns = {"image": "id", "class": "breed", "group": "dog"}
    assert found(tmp_path, ["ab.jpg"], text, **columns)[0] == {"ab.jpg": Label("poodle", group="7")}
    expected = r"columns image, class\. Received: columns id, breed, dog in .*labels\.csv\. Hint"
    with pytest.raises(InputError, match=expected):
        found(tmp_path, ["ab.jpg"], text)


@pytest.mark.parametrize("name", ["a/1.jpg", "a/1", "./a/1.jpg", "a\\1.jpg", "1.jpg", "1"])
def test_an_image_is_found_by_its_path_or_the_end_of_it_with_or_without_ending(tmp_path, name):
    labels, missing = found(tmp_path, ["a/1.jpg", "a/2.jpg"], f"image,class\n{name},cat\n")
    assert (labels, missing) == ({"a/1.jpg": Label("cat")}, {})


def test_a_path_may_begin_with_the_folder_of_the_images(tmp_path):
    root = tmp_path / "train"
    write(tmp_path, "image,class\ntrain/1.jpg,cat\ntest/1.jpg,dog\n")
    root.mkdir()
    labels, missing = file_labels(["1.jpg"], TABLE, [root, tmp_path])
    assert labels == {"1.jpg": Label("cat")}
    assert missing == {"test/1.jpg": Label("dog")}


def test_images_without_a_row_and_rows_without_an_image(tmp_path):
    text = "image,class\n1.jpg,cat\n3.jpg,dog\n4.jpg,\n"
    labels, missing = found(tmp_path, ["1.jpg", "2.jpg", "4.jpg"], text)
    assert labels == {"1.jpg": Label("cat")}
    assert missing == {"3.jpg": Label("dog")}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("image,class\nx.jpg,cat\n", r"must name images of the dataset\. Received: 'x.jpg'.*'a/1"),
        ("", "needs the columns image, class. Received: columns none"),
        ("image,class\na/1.jpg,cat\na/1.jpg,dog\n", "one thing of an image. Received: cat and dog"),
        ("image,class\na/1.jpg,cat\na/1,dog\n", "name each image once. Received: 'a/1' in"),
        ("image,class\n2.jpg,cat\n", "name each image once. Received: '2.jpg'.*a/2.jpg, b/2.jpg"),
        ("image,class\n" + "1" * 200_000 + ",cat\n", "field larger than field limit"),
    ],
)
def test_a_table_that_can_not_be_meant(tmp_path, text, expected):
    with pytest.raises(InputError, match=expected):
        found(tmp_path, ["a/1.jpg", "a/2.jpg", "b/2.jpg"], text)


def test_an_image_may_have_several_rows_that_agree(tmp_path):
    assert found(tmp_path, ["1.jpg"], "image,class\n1.jpg,cat\n1.jpg,cat\n")[0]


def test_an_unknown_part_is_refused(tmp_path):
    with pytest.raises(InputError, match=r"train, val or test\. Received: 'fold 3'"):
        found(tmp_path, ["1.jpg"], "image,class,fold\n1.jpg,cat,fold 3\n", part="fold")


def test_other_bytes_than_text_are_refused(tmp_path):
    write(tmp_path, "image,class\n1.jpg,dög\n", encoding="latin-1")
    with pytest.raises(InputError, match="save it as UTF-8"):
        file_labels(["1.jpg"], TABLE, [tmp_path])


def test_where_a_file_is_looked_for(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InputError, match=r"labels\.csv, neither in root nor seen from the working"):
        read_labels(TABLE, ["root", "top"])
    for folder, name in ((".", "c"), ("top", "b"), ("root", "a")):
        write(tmp_path / folder, f"image,class\n1.jpg,{name}\n")
        assert read_labels(TABLE, ["root", "top"])[1] == {"1.jpg": Label(name)}


SPLIT = {
    "train": [["cat_1.jpg", 0, "cat"], ["dog_1.jpg", 1, "dog"]],
    "val": [["cat_2.jpg", 0, "cat"]],
    "test": [["dog_2.jpg", 1, "dog"]],
}


def test_a_split_of_a_benchmark(tmp_path):
    write(tmp_path, json.dumps(SPLIT), "split_zhou_Pets.json")
    paths = ["cat_1.jpg", "dog_1.jpg", "cat_2.jpg", "dog_2.jpg", "extra.jpg"]
    labels, missing = file_labels(paths, {"splits": "split_zhou_Pets.json"}, [tmp_path])
    assert missing == {}
    assert labels == {
        "cat_1.jpg": Label("cat", "train"),
        "dog_1.jpg": Label("dog", "train"),
        "cat_2.jpg": Label("cat", "val"),
        "dog_2.jpg": Label("dog", "test"),
    }


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("{", "must hold train, val and test"),
        ("[1]", "must hold train, val and test"),
        ('{"train": 1}', "must hold train, val and test"),
        ('{"train": [["a.jpg", "cat"]]}', "must hold train, val and test"),
        ('{"train": [[1, 2, "cat"]]}', "1 for an image"),
        ("[" * 100_000, "must hold train, val and test"),
        ('{"fold": [["a.jpg", 0, "cat"]]}', "train, val or test. Received: 'fold'"),
        (
            '{"train": [["a.jpg", 0, "cat"]], "test": [["a.jpg", 0, "cat"]]}',
            "one thing of an image. Received: cat/train and cat/test of 'a.jpg'",
        ),
    ],
)
def test_a_split_of_another_form(tmp_path, content, expected):
    write(tmp_path, content, "split.json")
    with pytest.raises(InputError, match=expected):
        read_labels({"splits": "split.json"}, [tmp_path])


@pytest.mark.parametrize("on_disk", ["gru\u0308n/1.jpg", "gr\u00fcn/1.jpg"])
@pytest.mark.parametrize("in_table", ["gru\u0308n", "gr\u00fcn"])
def test_names_that_look_the_same_are_the_same(tmp_path, on_disk, in_table):
    text = f"image,{in_table}\n{in_table}/1.jpg,{in_table}\n"
    labels, missing = found(tmp_path, [on_disk], text, **{"class": "gru\u0308n"})
    assert (labels, missing) == ({on_disk: Label("gr\u00fcn")}, {})


@pytest.mark.parametrize("text", ['image,class\n1.jpg,"x\n2.jpg,y\n', "image,class\n1.jpg,a\0b\n"])
def test_a_name_is_on_one_line(tmp_path, text):
    with pytest.raises(InputError, match=r"must be on one line.*close the quotes"):
        found(tmp_path, ["1.jpg", "2.jpg"], text)
