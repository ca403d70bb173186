"""What the log says of images that are used."""

from fewshot.data.manifest import ManifestRow, ScannedImage
from fewshot.data.remarks import describe_remarks


def scanned(name, **found):
    return ScannedImage(ManifestRow(name, "cat"), **found)


def test_nothing_to_say():
    assert describe_remarks([scanned("1.png")]) == []


def test_images_are_counted_and_some_are_named():
    images = [scanned(f"{n}.png", bits=12) for n in range(7)]
    images += [
        scanned("dark.png", bits=8, profile="converted"),
        scanned("odd.jpg", profile="unusable"),
    ]
    lines = describe_remarks(images)
    assert lines[0].startswith("1 images with a colour profile that is damaged")
    assert lines[0].endswith("read as sRGB, as if they had none: odd.jpg")
    assert lines[1] == "1 images with another colour profile than sRGB: converted to sRGB: dark.png"
    assert "1 images keep 8 bits in 16" in lines[2]
    assert lines[3].startswith("7 images keep 12 bits in 16")
    assert "multiply these by 16" in lines[3]
    assert lines[3].endswith(": 0.png, 1.png, 2.png, 3.png, 4.png, ...")
