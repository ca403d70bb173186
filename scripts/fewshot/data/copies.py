"""Copies: images that are the same file or nearly the same picture, and what becomes of them."""

from itertools import combinations, pairwise

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


def _masks(bits):
    """Yield bits + 1 disjoint masks of the hashes, of places that lie apart: neighbours are alike."""
    for first in range(bits + 1):
        yield sum(1 << place for place in range(first, _HASH_BITS, bits + 1))


def _buckets(values, mask):
    buckets = {}
    for value in values:
        buckets.setdefault(value & mask, []).append(value)
    return buckets


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
    for mask in _masks(bits):
        for bucket in _buckets(telling, mask).values():
            for one, other in combinations(bucket, 2):
                if (one ^ other).bit_count() <= bits:
                    yield one, other


def turned_pairs(turned, bits):
    """Find pairs of pictures of which one is nearly the other mirrored or turned.

    Parameters
    ----------
    turned : dict of int to iterable of int
        By a picture's hash those of it mirrored and turned.
    bits : int

    Yields
    ------
    tuple of (int, int)
        Hashes of the pictures, as they are. Some pairs come several times.
    """
    telling = list(filter(_tells, turned))
    for mask in _masks(bits):
        buckets = _buckets(telling, mask)
        for value in telling:
            for other in turned[value]:
                for near in buckets.get(other & mask, ()):
                    if near != value and (near ^ other).bit_count() <= bits:
                        yield value, near


def _root(parents, name):
    """Find what stands for a name's group, and shorten the way there."""
    while parents[name] != name:
        parents[name] = parents[parents[name]]
        name = parents[name]
    return name


def _components(names, pairs):
    """Give each name the smallest of all that some chain of pairs joins to it."""
    parents = {name: name for name in names}
    for one, two in pairs:
        low, high = sorted((_root(parents, one), _root(parents, two)))
        parents[high] = low
    return {name: _root(parents, name) for name in parents}


def _alike(rows, bits, turned):
    """List pairs of sha256 whose pictures are nearly the same, and those of turned ones.

    They are enough to join each to all the others.
    """
    by_hash = {}
    for row in rows:
        by_hash.setdefault(int(row.dhash, 16), []).append(row.sha256)
    # Of those with one hash the first stands for all; of almost flat pictures it says nothing.
    pairs = list(near_pairs(by_hash, bits))
    same = [(by_hash[one][0], by_hash[other][0]) for one, other in pairs]
    for value, (first, *others) in by_hash.items():
        same += [(first, other) for other in others if _tells(value)]
    hashes = {value: turned.get(digests[0], ()) for value, digests in by_hash.items()}
    found = turned_pairs(hashes, bits)
    return same, [(by_hash[one][0], by_hash[other][0]) for one, other in found]


def by_group(rows):
    """Sort images by the group that they belong to.

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


def mark_copies(rows, bits=NEAR_BITS, turned=None):
    """Mark images that show the same picture, and put what must not be parted into groups.

    Groups are the connected components of "same or near": where a is near b and b near c, all
    three are one group, however far c lies from a. So no picture has a near one outside its group.
    Mirrored and turned copies count, and images to which the user gave one group.

    Parameters
    ----------
    rows : iterable of ManifestRow
        With the user's groups, where there are any.
    bits : int or None, default `NEAR_BITS`
        By how many of their 128 bits the hashes of the same picture may differ; None compares
        the files alone.
    turned : dict of str to list of int, optional
        Hashes of the pictures mirrored and turned, by sha256.

    Returns
    -------
    list of ManifestRow
        The rows, in their order. A group is named by its smallest sha256. Of the copies of a
        picture in one class the image with the smallest sha256 stays "ok" and the others are
        "copy". If it is in several classes all are "disputed": which label is right, nobody knows.
    """
    rows = list(rows)
    usable = [row for row in rows if row.status == "ok"]
    digests = [row.sha256 for row in usable]
    same, other_way = ([], []) if bits is None else _alike(usable, bits, turned or {})
    pictures = _components(digests, same)
    marked = [
        each
        for members in by_group(row._replace(group=pictures[row.sha256]) for row in usable).values()
        for each in _marked(members)
    ]
    # ASSUME: what a picture shows may depend on its orientation, as a sign to the left does: it is
    # no copy of its mirror image in another class, and no label is in doubt, but none parts them.
    turns = _components(digests, [*same, *other_way])
    marked = _mark_turned(marked, turns)
    said = by_group(row for row in usable if row.group).values()
    chosen = [pair for members in said for pair in pairwise(row.sha256 for row in members)]
    groups = _components(digests, [*turns.items(), *chosen])
    found = {row.image: row._replace(group=groups[row.sha256]) for row in marked}
    return [found.get(row.image, row) if row.status == "ok" else _no_group(row) for row in rows]


def _no_group(row):
    return row._replace(group="")


def _mark_turned(rows, turns):
    """Mark those of the same class that differ by their orientation alone as copies of one."""
    firsts = {}
    for row in rows:
        if row.status == "ok":
            firsts.setdefault((turns[row.sha256], row.class_name), []).append(row)
    firsts = {key: first_of(members) for key, members in firsts.items()}
    marked = []
    for row in rows:
        first = firsts.get((turns[row.sha256], row.class_name), row)
        if row.status == "ok" and row is not first:
            row = row._replace(status="copy", reason=f"mirrored or turned, {first.image}")
        marked.append(row)
    return marked


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
