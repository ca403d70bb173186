"""The listing: images below a folder with their labels, and what is none."""

import os
import pickle
import tarfile

import pytest

from fewshot.data.listing import (
    check_excluded,
    describe_listing,
    hint_at_labels,
    list_folders,
    list_images,
)
from fewshot.errors import InputError


def place(root, *names, content=b"x"):
    for name in names:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


def listed(root, classes):
    return [(row.image, row.class_name, row.reason) for row in list_images(root, classes).rows]


def test_folders_name_the_classes_at_any_depth(tmp_path):
    place(tmp_path, "dog/1.jpg", "cat/deep/er/2.png", "cat/1.jpg")
    place(tmp_path, "cat/photo", content=b"GIF89a")
    assert listed(tmp_path, "folders") == [
        ("cat/1.jpg", "cat", ""),
        ("cat/deep/er/2.png", "cat", ""),
        ("cat/photo", "cat", ""),
        ("dog/1.jpg", "dog", ""),
    ]


def test_where_no_image_is_the_hint_is_at_what_may_hold_some(tmp_path):
    place(tmp_path, "a/README.txt", content=b"Images of cats")
    assert "check datasets.<name>.source" in hint_at_labels(list_images(tmp_path, "folders"))
    place(tmp_path, "b/data_batch_1", content=pickle.dumps([1, 2]))
    hint = hint_at_labels(list_images(tmp_path, "folders"))
    assert hint.startswith("b/data_batch_1 is a pickle of Python: save each image in it as a PNG")
    (tmp_path / "a/n01440764.tar").write_bytes(b"")
    with tarfile.open(tmp_path / "a/n01440764.tar", "w") as archive:
        archive.add(tmp_path / "a/README.txt")
    hint = hint_at_labels(list_images(tmp_path, "folders"))
    assert hint.startswith("a/n01440764.tar is an archive: unpack it, and those beside it, each")
    # What there is beside images holds no others.
    place(tmp_path, "cat/1.jpg")
    assert "check datasets.<name>.source" in hint_at_labels(list_images(tmp_path, "folders"))


def test_prefixes_name_the_classes(tmp_path):
    place(tmp_path, "biker_group_pic1.jpg", "all/goth_2.jpg", "plain.jpg", "_3.jpg")
    assert listed(tmp_path, "prefix") == [
        ("_3.jpg", "", "no class before an underscore"),
        ("all/goth_2.jpg", "goth", ""),
        ("biker_group_pic1.jpg", "biker", ""),
        ("plain.jpg", "", "no class before an underscore"),
    ]


def test_what_is_no_image_is_left_out_by_its_kind(tmp_path):
    place(tmp_path, "cat/1.jpg", "cat/Thumbs.db", ".DS_Store", "cat/.ipynb_checkpoints/1.jpg")
    place(tmp_path, "readme.txt", "__MACOSX/cat/1.jpg", "cat/._1.jpg", "LICENSE", "cat/1.xml")
    place(tmp_path, "notes/a.txt", "loose.jpg")
    (tmp_path / "ibis" / "nested").mkdir(parents=True)
    listing = list_images(tmp_path, "folders")
    expected = [("cat/1.jpg", "cat", ""), ("loose.jpg", "", "no class folder")]
    assert listed(tmp_path, "folders") == expected
    assert listing.others == ["LICENSE", "cat/1.xml", "notes/a.txt", "readme.txt"]
    assert describe_listing(tmp_path, listing, "folders") == [
        "left out, hidden or no class: __MACOSX",
        "left out, no image by name or content: 2 .txt, 1 no ending, 1 .xml: "
        "LICENSE, cat/1.xml, notes/a.txt, readme.txt",
        "left out, folders without an image: ibis, notes",
    ]


def test_links_are_followed_but_not_in_circles_and_pipes_not_opened(tmp_path):
    place(tmp_path, "root/cat/1.jpg", "elsewhere/dog.jpg")
    cat = tmp_path / "root" / "cat"
    (tmp_path / "root" / "dog").symlink_to(tmp_path / "elsewhere")
    (cat / "back").symlink_to(tmp_path / "root")
    (cat / "broken.jpg").symlink_to("nowhere.jpg")
    os.mkfifo(cat / "pipe.jpg")
    assert listed(tmp_path / "root", "folders") == [
        ("cat/1.jpg", "cat", ""),
        ("cat/back", "cat", "link to a folder above it"),
        ("cat/broken.jpg", "cat", "not a regular file"),
        ("cat/pipe.jpg", "cat", "not a regular file"),
        ("dog/dog.jpg", "dog", ""),
    ]


def test_links_to_themselves_and_folders_that_link_to_each_other(tmp_path):
    place(tmp_path, "a/1.jpg", "b/2.jpg")
    (tmp_path / "loop").symlink_to("loop")
    for one, other in ("ab", "ba"):
        (tmp_path / one / "there").symlink_to(tmp_path / other)
    assert listed(tmp_path, "folders") == [
        ("a/1.jpg", "a", ""),
        ("a/there/2.jpg", "a", ""),
        ("a/there/there", "a", "link to a folder above it"),
        ("b/2.jpg", "b", ""),
        ("b/there/1.jpg", "b", ""),
        ("b/there/there", "b", "link to a folder above it"),
        ("loop", "", "Too many levels of symbolic links"),
    ]


def test_of_many_folders_that_link_to_each_other_no_endless_list_is_made(tmp_path):
    names = [f"{number:02}" for number in range(14)]
    for name in names:
        place(tmp_path, f"{name}/1.jpg")
        for other in names:
            (tmp_path / name / f"to {other}").symlink_to(tmp_path / other)
    rows = listed(tmp_path, "folders")
    # Of each folder its image, and through each of 14 links an image, or one link refused.
    images = [image for image, _, reason in rows if not reason]
    assert len(images) == 14 * 14
    assert len(rows) < 14 * 14 * 16


def test_a_name_that_is_no_text_is_refused(tmp_path):
    place(tmp_path, "cat/1.jpg")
    os.rename(tmp_path / "cat" / "1.jpg", os.fsencode(tmp_path) + b"/cat/\xff.jpg")
    assert listed(tmp_path, "folders") == [("cat/\\xff.jpg", "cat", "name is not UTF-8")]


def test_class_folders_whose_names_are_no_text_are_refused(tmp_path):
    place(tmp_path, "cat/1.jpg", "dog/1.jpg")
    root = os.fsencode(tmp_path)
    os.rename(root + b"/dog", root + b"/d\xe9g")
    os.mkdir(root + b"/\xff")
    expected = [("\\xff", "\\xff"), ("cat/1.jpg", "cat"), ("d\\xe9g/1.jpg", "d\\xe9g")]
    found = list_images(tmp_path, "folders").rows
    assert [(entry.image, entry.class_name) for entry in found] == expected
    refused = ["name is not UTF-8", "", "name is not UTF-8"]
    assert [entry.reason for entry in found] == refused


def test_folders_that_no_class_is_read_from_are_listed(tmp_path):
    place(tmp_path, "cat/1.jpg", ".NET/1.jpg", "__MACOSX/1.jpg", "cat/.deep/1.jpg", ".DS_Store")
    os.mkdir(os.fsencode(tmp_path) + b"/.\xff")
    assert list_folders(tmp_path) == [".NET", ".\\xff", "__MACOSX", "cat"]
    lines = describe_listing(tmp_path, list_images(tmp_path, "folders"), "folders")
    hidden = (".NET", ".\\xff", "__MACOSX")
    assert lines == [f"left out, hidden or no class: {name}" for name in hidden]


def test_a_table_says_what_it_leaves_out(tmp_path):
    place(tmp_path, "1.jpg", "2.jpg", "deep/3.jpg", "note.txt")
    table = b"image,class,fold,site\n1.jpg,cat,test,a\ndeep/3.jpg,dog,train,a\n4.jpg,dog,,b\n"
    place(tmp_path, "labels.csv", content=table)
    classes = {"table": "labels.csv", "part": "fold", "group": "site"}
    listing = list_images(tmp_path, classes)
    rows = [(r.image, r.class_name, r.part, r.group, r.reason) for r in listing.rows]
    assert rows == [
        ("1.jpg", "cat", "test", "a", ""),
        ("4.jpg", "dog", "", "b", "no such image"),
        ("deep/3.jpg", "dog", "train", "a", ""),
    ]
    assert listing.others == ["labels.csv", "note.txt"]
    assert listing.unlabelled == ["2.jpg"]
    lines = describe_listing(tmp_path, listing, classes)
    assert "left out, without a label: 1 images: 2.jpg" in lines
    assert hint_at_labels(listing).endswith("or a table, perhaps labels.csv")
    # Groups may come from paths, too.
    rows = list_images(tmp_path, {"table": "labels.csv"}, group="(?P<group>deep)").rows
    assert {row.image: row.group for row in rows if not row.reason} == {
        "1.jpg": "",
        "deep/3.jpg": "deep",
    }


def test_a_broken_image_of_a_table_has_one_row_and_one_without_a_row_none_but_its_reason(tmp_path):
    place(tmp_path, "labels.csv", content=b"image,class\n1.jpg,cat\n2.jpg,dog\n")
    place(tmp_path, "1.jpg")
    for name in ("2.jpg", "3.jpg"):
        (tmp_path / name).symlink_to("nowhere.jpg")
    assert listed(tmp_path, {"table": "labels.csv"}) == [
        ("1.jpg", "cat", ""),
        ("2.jpg", "dog", "not a regular file"),
        ("3.jpg", "", "not a regular file"),
    ]


def test_merged_prefixes_and_versions_by_name_are_told(tmp_path):
    place(tmp_path, "big_cat_1.jpg", "big_dog_1.jpg", "fox_jpg.rf.12.jpg")
    lines = describe_listing(tmp_path, list_images(tmp_path, "prefix"), "prefix")
    assert lines == [
        "one class by its prefix, big: big_cat, big_dog; classes: {pattern: ...} tells them apart",
        "versions of one picture, by their names: datasets.<name>.group: "
        r"'(?P<group>.+)\.rf\.' keeps them together",
    ]
    grouped = list_images(tmp_path, "prefix", group=r"(?P<group>.+)\.rf\.")
    assert len(describe_listing(tmp_path, grouped, "prefix")) == 1


def test_only_what_might_be_a_class_can_be_excluded(tmp_path):
    place(tmp_path, "257.clutter/1.jpg", "256.toad/1.jpg", "annotations/1.xml")
    (tmp_path / "empty").mkdir()
    listing = list_images(tmp_path, "folders")
    check_excluded(tmp_path, listing, ["256.toad", "annotations", "empty"])
    with pytest.raises(InputError, match=r"Received: 'clutter'.*did you mean 257\.clutter\?$"):
        check_excluded(tmp_path, listing, ["clutter"])


def test_an_unreadable_folder_is_named_and_not_passed_over(tmp_path):
    place(tmp_path, "cat/1.jpg")
    (tmp_path / "dog").symlink_to("dog")
    assert ("dog", "", "Too many levels of symbolic links") in listed(tmp_path, "folders")


def test_classes_that_hardly_differ_are_named(tmp_path):
    place(tmp_path, "Cat/1.jpg", "cat/1.jpg", "cat /1.jpg", "dog/1.jpg")
    (line,) = describe_listing(tmp_path, list_images(tmp_path, "folders"), "folders")
    assert line == "classes that differ in capitals or spaces alone: 'Cat', 'cat', 'cat '"


def test_images_without_folders_want_two_classes(tmp_path):
    place(tmp_path, "1.jpg", "2.jpg")
    assert hint_at_labels(list_images(tmp_path, "folders")).startswith(
        "classes: folders wants a folder for each of two classes or more; "
    )
    place(tmp_path, "cat/3.jpg")
    assert "two classes" not in hint_at_labels(list_images(tmp_path, "folders"))
