"""The numbers that a page tells, held against the tables of its study."""

import csv
import itertools
import re
from html.parser import HTMLParser

_TOLD = {"said", "accuracy"}  # classes of elements whose numbers are results
_APART = {"summary", "thead", "caption"}  # in them, of the page itself
_VOID = {"img", "br", "meta", "input", "link"}
_NUMBER = re.compile(r"\d+(?:\.\d+)?")
_INTERVAL = re.compile(r"([-+]?\d+\.\d)(?:\s%|\spoints)?\s*\[(-?\d+\.\d), (-?\d+\.\d)\]")
_DECIMALS = range(5)


class _Told(HTMLParser):
    """Text of the elements that tell results."""

    def __init__(self, html):
        super().__init__()
        self.texts, self._open = [], []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        if tag not in _VOID:
            classes = {*(dict(attrs).get("class") or "").split()}
            self._open.append((tag, bool(classes & _TOLD)))

    def handle_endtag(self, tag):
        while self._open and self._open.pop()[0] != tag:
            pass

    def handle_data(self, data):
        tells = any(told for _, told in self._open)
        if tells and not {tag for tag, _ in self._open} & _APART:
            self.texts.append(data)


def _values(value):
    """All numbers and names in a study's configuration."""
    if isinstance(value, dict):
        return [each for pair in value.items() for part in pair for each in _values(part)]
    if isinstance(value, list | tuple):
        return [each for part in value for each in _values(part)]
    return [value]


def _counts(rows):
    """How many rows of a table are alike in up to three columns."""
    keys = [key for key in (rows or [{}])[0] if not re.search("_|accuracy|low|high|^[xyp]$", key)]
    counts = {len(rows)}
    for size in (1, 2, 3):
        for chosen in itertools.combinations(keys[:8], size):
            groups = {}
            for row in rows:
                place = tuple(row[key] for key in chosen)
                groups[place] = groups.get(place, 0) + 1
            counts |= {*groups.values()}
    return counts


def _intervals(rows):
    """All means of a table with their ends, in %, as a page writes them."""
    found = set()
    for row in rows:
        for key in row:
            base = key.removesuffix("_mean")
            ends = [f"{base}_low", f"{base}_high"]
            ends = ends if {*ends} <= {*row} else ["low", "high"]
            cells = [row.get(name) for name in (key, *ends)]
            if all(cells):
                found |= _rounded(cells)
    return found


def _rounded(cells):
    try:
        numbers = [100 * float(cell) for cell in cells]
    except ValueError:
        return set()
    clipped = [numbers[0], *(min(max(end, 0), 100) for end in numbers[1:])]
    # A difference that rounds to zero has no sign.
    return {tuple(f"{round(each, 1) + 0.0:.1f}" for each in kind) for kind in (numbers, clipped)}


def stray_numbers(page_path, study, classes):
    """Find the numbers of headlines, sentences, first tables and galleries that no table has.

    Parameters
    ----------
    page_path : Path
        In the folder of the study's tables.
    study : dict
    classes : list of int
        Number of classes of each dataset, of which chance follows.

    Returns
    -------
    told : int
        How many numbers there are.
    stray : list
        Means with their ends that no row of a table has; other numbers that are no rounding, as
        they are or in %, of one in a table or the configuration, and no number of rows.
    """
    tables = {}
    for path in page_path.parent.glob("*.csv"):
        with open(path, newline="", encoding="utf-8") as file:
            tables[path.stem] = list(csv.DictReader(file))
    cells = [cell for rows in tables.values() for row in rows for cell in row.values()]
    cells += [str(each) for each in _values(study)]
    numbers, names = {1.0, *map(float, classes)}, set()
    for cell in {*cells}:
        try:
            numbers.add(abs(float(cell)))
        except ValueError:
            names.add(cell)
    numbers |= {1 / count for count in classes}
    for rows in tables.values():
        numbers |= {*map(float, _counts(rows[:5000]))}
    known = {
        f"{scale * number:.{decimals}f}"
        for number in numbers
        for scale in (1, 100)
        for decimals in _DECIMALS
    }
    known |= {f"{100 / count:.2g}" for count in classes}
    text = "\n".join(_Told(page_path.read_text(encoding="utf-8")).texts)
    for name in sorted(names, key=len, reverse=True):
        if any(letter.isdigit() for letter in name):
            text = text.replace(name, " ")
    intervals = {each for rows in tables.values() for each in _intervals(rows)}
    means = [tuple(part.removeprefix("+") for part in found) for found in _INTERVAL.findall(text)]
    others = _NUMBER.findall(_INTERVAL.sub(" ", text))
    stray = [each for each in means if each not in intervals]
    return len(means) + len(others), stray + [each for each in others if each not in known]
