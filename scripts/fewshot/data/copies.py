"""Copies: images that are the same file or nearly the same picture, and what becomes of them."""

from itertools import combinations

# Bits of 128 by which two hashes of one picture may differ, unless the study says otherwise. Of
# 800 photographs of Caltech-101 nine pairs lie within 1 bit, all of them one picture saved twice;
# the first pair of different pictures (two motorbikes) lies at 2. Halving a picture, or saving it
# at JPEG quality 75, leaves 89 and 98 % within 1 bit.
NEAR_BITS = 1
_HASH_BITS = 128
# ASSUME: a hash with fewer ones, or fewer zeros, is that of an almost flat picture and says
# nothing; the photographs above and drawn characters have 19 and more.
_MIN_ONES = 8


def _tells(value):
    return _MIN_ONES <= value.bit_count() <= _HASH_BITS - _MIN_ONES


def near_pairs(values, bits):
    """Find the pairs of hashes that differ in at most `bits` places.

    Two such hashes agree wholly on at least one of bits + 1 disjoint masks, so only those that
    share a masked hash are compared.

    Parameters
    ----------
    values : iterable of int
        Different hashes of 128 bits.
    bits : int

    Yields
    ------
    tuple of (int, int)
        Some pairs come several times. Hashes of almost flat pictures are in none.
    """
    telling = list(filter(_tells, values))
    for first in range(bits + 1):
        # Places that lie apart: neighbouring bits of a hash are alike.
        mask = sum(1 << place for place in range(first, _HASH_BITS, bits + 1))
        buckets = {}
        for value in telling:
            buckets.setdefault(value & mask, []).append(value)
        for bucket in buckets.values():
            for one, other in combinations(bucket, 2):
                if (one ^ other).bit_count() <= bits:
                    yield one, other


def _root(parents, name):
    """Find what stands for a name's group, and shorten the way there."""
    while parents[name] != name:
        parents[name] = parents[parents[name]]
        name = parents[name]
    return name


def _alike(rows, bits):
    """List pairs of sha256 whose pictures are nearly the same, enough to join each to the rest."""
    by_hash = {}
    for row in rows:
        by_hash.setdefault(int(row.dhash, 16), []).append(row.sha256)
    # Of those with one hash the first stands for all; of almost flat pictures it says nothing.
    pairs = [(by_hash[one][0], by_hash[other][0]) for one, other in near_pairs(by_hash, bits)]
    for value, (first, *others) in by_hash.items():
        pairs += [(first, other) for other in others if _tells(value)]
    return pairs


def _components(rows, bits):
    """Give each file's sha256 the smallest sha256 of all that some chain of copies joins to it."""
    parents = {row.sha256: row.sha256 for row in rows}
    joined = [] if bits is None else _alike(rows, bits)
    for one, two in joined:
        low, high = sorted((_root(parents, one), _root(parents, two)))
        parents[high] = low
    return {digest: _root(parents, digest) for digest in parents}


def by_group(rows):
    """Sort images by the group of copies that they belong to.

    Parameters
    ----------
    rows : iterable of ManifestRow or PoolRow

    Returns
    -------
    dict of str to list of ManifestRow or PoolRow
    """
    groups = {}
    for row in rows:
        groups.setdefault(row.group, []).append(row)
    return groups


def first_of(rows):
    """Choose the image that stands for its copies: by content, so that no new name moves it.

    Parameters
    ----------
    rows : iterable of ManifestRow
        Rows of one group.

    Returns
    -------
    ManifestRow
    """
    return min(rows, key=_by_content)


def _by_content(row):
    return row.sha256, row.image


def mark_copies(rows, bits=NEAR_BITS):
    """Put images that are the same file, or nearly the same picture, into groups.

    Groups are the connected components of "same or near": where a is near b and b near c, all
    three are one group, however far c lies from a. So no picture has a near one outside its group.

    Parameters
    ----------
    rows : iterable of ManifestRow
    bits : int or None, default `NEAR_BITS`
        By how many of their 128 bits the hashes of the same picture may differ; None compares
        the files alone.

    Returns
    -------
    list of ManifestRow
        The rows, in their order. A group is named by its smallest sha256. Of a group of one class the image with that sha256 stays "ok" and the others are "copy". Of a group with
        several classes all are "disputed": which label is right, nobody knows.
    """
    rows = list(rows)
    usable = [row for row in rows if row.status == "ok"]
    components = _components(usable, bits)
    groups = by_group(row._replace(group=components[row.sha256]) for row in usable)
    marked = {row.image: row for members in groups.values() for row in _marked(members)}
    return [marked[row.image] if row.status == "ok" else row for row in rows]


def _marked(members):
    """Say of each member of a group what it is among them."""
    classes = {}
    for row in members:
        classes.setdefault(row.class_name, []).append(row)
    firsts = sorted(map(first_of, classes.values()), key=_by_content)
    for row in members:
        if len(firsts) > 1:
            other = next(each for each in firsts if each.class_name != row.class_name)
            reason = f"same picture as {other.image} of class {other.class_name}"
            yield row._replace(status="disputed", reason=reason)
        elif row is firsts[0]:
            yield row
        else:
            yield row._replace(status="copy", reason=f"same picture as {firsts[0].image}")
