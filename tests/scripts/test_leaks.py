"""Copies planted in a dataset, from the image files to the draws: none is on both sides."""

import re
from collections import Counter
from itertools import combinations, pairwise

import numpy as np
import pytest
from PIL import Image

from draw import draw
from fewshot.data.draws import read_draws
from fewshot.data.images import difference_hash, read_image
from fewshot.data.manifest import ManifestRow
from fewshot.data.pool import PoolRow
from fewshot.errors import InputError
from fewshot.files import write_json
from fewshot.records import read_records
from pool import pool
from scan import scan

pytestmark = pytest.mark.slow

BITS = 4
REPEATS, SEEDS = 25, 4  # 100 draws
PICTURES = 10  # of each class, named p0 to p9
LINKS = 5  # of a chain


def picture(number):
    """Smooth shapes as in a photograph: noise of 12 x 12 pixels, enlarged."""
    pixels = np.random.default_rng(number).integers(0, 256, (12, 12, 3), dtype=np.uint8)
    return Image.fromarray(pixels).resize((400, 300), Image.Resampling.BICUBIC)


def hash_of(path):
    return difference_hash(read_image(path.read_bytes()))


def plant_copies(folder, image):
    """Save copies of picture 0: renamed, smaller, as other formats, at several qualities."""
    (folder / "renamed p0.png").write_bytes((folder / "p0.png").read_bytes())
    (folder / "deep").mkdir()
    (folder / "deep/p0.png").write_bytes((folder / "p0.png").read_bytes())
    for quality in (95, 75, 50, 30):
        image.save(folder / f"quality{quality} p0.jpg", quality=quality)
    image.resize((200, 150)).save(folder / "half p0.png")
    for kind in ("webp", "tiff", "bmp"):
        image.save(folder / f"format p0.{kind}")


def plant_chain(folder, image):
    """Save picture 1 moved step by step: each near the one before, the ends far apart."""
    paths, shift = [folder / "p1.png"], 0
    while len(paths) < LINKS:
        # The largest step that is still near.
        for step in range(12, 0, -1):
            path = folder / f"chain{len(paths)} p1.png"
            image.transform(image.size, Image.Transform.AFFINE, (1, 0, shift + step, 0, 1, 0)).save(
                path
            )
            if (hash_of(path) ^ hash_of(paths[-1])).bit_count() <= BITS:
                break
        shift += step
        paths.append(path)
    apart = [(hash_of(a) ^ hash_of(b)).bit_count() for a, b in combinations(paths, 2)]
    assert max(apart) > 2 * BITS
    assert all((hash_of(a) ^ hash_of(b)).bit_count() <= BITS for a, b in pairwise(paths))


@pytest.fixture(scope="module")
def dataset(tmp_path_factory):
    """Three classes of ten pictures, copies within the first two and across the last two."""
    root = tmp_path_factory.mktemp("leaks")
    for label, name in enumerate(("cat", "dog", "ibis")):
        folder = root / "photos" / name
        folder.mkdir(parents=True)
        for number in range(PICTURES):
            picture(100 * label + number).save(folder / f"p{number}.png")
        plant_chain(folder, picture(100 * label + 1))
        if name != "ibis":
            plant_copies(folder, picture(100 * label))
    across = picture(109)
    across.save(root / "photos/ibis/crossed p9 of dog.jpg", quality=75)
    (root / "photos/cat/stray p8 of ibis.png").write_bytes(
        (root / "photos/ibis/p8.png").read_bytes()
    )
    write_json(root / "source.json", {"root": str(root / "photos")})
    scan(
        source_path=root / "source.json",
        classes="folders",
        manifest_path=root / "manifest.csv",
        max_rejected_fraction=0,
        copy_bits=BITS,
        threads=2,
    )
    return root


def drawn(root, images_per_class, test_per_class, seed, exclude=()):
    pool(
        manifest_path=root / "manifest.csv",
        images_per_class=images_per_class,
        exclude=list(exclude),
        seed=seed,
        least=images_per_class,
        official=False,
        skip_small=False,
        pool_path=root / "pool.csv",
    )
    draw(
        pool_path=root / "pool.csv",
        test=test_per_class,
        test_at_most=None,
        shots=1,
        repeats=REPEATS,
        seed=seed,
        draws_path=root / "draws.csv",
    )
    return read_records(root / "pool.csv", PoolRow), read_draws(root / "draws.csv")


def planted(row):
    """Which picture an image shows, as its name tells: class and number of the original."""
    number, original = re.search(r"\bp(\d)(?: of (\w+))?", row.image).groups()
    return original or row.class_name, number


def rows(root):
    return read_records(root / "manifest.csv", ManifestRow)


def test_copies_across_classes_are_disputed_and_no_other_image_is(dataset):
    disputed = {row.image for row in rows(dataset) if row.status == "disputed"}
    assert disputed == {
        *("dog/p9.png", "ibis/crossed p9 of dog.jpg"),
        *("ibis/p8.png", "cat/stray p8 of ibis.png"),
    }


def test_copies_within_a_class_are_one_group_each(dataset):
    found = rows(dataset)
    assert len(found) == 3 * PICTURES + 3 * (LINKS - 1) + 2 * 10 + 2
    used = [row for row in found if row.status != "disputed"]
    groups = {}
    for row in used:
        groups.setdefault(row.group, set()).add(planted(row))
    assert all(len(pictures) == 1 for pictures in groups.values())
    assert len(groups) == 3 * PICTURES - 2
    assert Counter(row.status for row in used) == {"ok": 28, "copy": 3 * (LINKS - 1) + 2 * 10}


# 9 pictures of each class at least, so 13 images a class hold copies in every draw.
@pytest.mark.parametrize(("images_per_class", "test_per_class"), [(8, 3), (13, 5), (13, 8)])
@pytest.mark.parametrize("exclude", [(), ("ibis",)])
def test_none_of_100_draws_parts_a_picture_from_its_copy(
    dataset, images_per_class, test_per_class, exclude
):
    copies = 0
    for seed in range(SEEDS):
        chosen, draws = drawn(dataset, images_per_class, test_per_class, seed, exclude)
        copies += len(chosen) - len({planted(row) for row in chosen})
        assert draws.places.shape == ((3 - len(exclude)) * images_per_class, REPEATS)
        for places in draws.places.T:
            for label in range(3 - len(exclude)):
                train = range(1, images_per_class - test_per_class + 1)
                assert sorted(places[draws.labels == label]) == [0] * test_per_class + [*train]
            tested = {planted(row) for row, k in zip(chosen, places, strict=True) if k == 0}
            trained = {planted(row) for row, k in zip(chosen, places, strict=True) if k > 0}
            assert not tested & trained
    assert (copies > 0) == (images_per_class > PICTURES)


def test_a_class_that_lacks_images_is_named(dataset):
    with pytest.raises(InputError, match=r"^Class 'ibis' has 13 usable images beside 2 whose"):
        drawn(dataset, 14, 8, 0)


def test_without_grouping_by_chains_the_ends_would_be_told_apart(dataset):
    """The test above could fail: the planted ends are no near copies of each other."""
    ends = [dataset / "photos/cat" / name for name in ("p1.png", f"chain{LINKS - 1} p1.png")]
    assert int.bit_count(hash_of(ends[0]) ^ hash_of(ends[1])) > BITS
