"""Whether the files of a study say what was meant: what YAML drops, guesses or can't read.

YAML 1.1 keeps the last of two equal keys, takes 010 for 8, 1:30 for 90, no for false and 2026-11-26
for a date, and Snakemake says neither file nor line of what it can't read. This looks at the text
and at YAML's nodes, which still have their lines, before anything is made of them.
"""

import codecs
import json
import re
import reprlib
from itertools import pairwise
from pathlib import Path

import yaml

from fewshot.errors import first_line, full_sentence
from fewshot.names import shown
from fewshot.study.config_errors import ConfigError, counted

_MARKS = {
    codecs.BOM_UTF32_LE: "UTF-32",
    codecs.BOM_UTF32_BE: "UTF-32",
    codecs.BOM_UTF16_LE: "UTF-16",
    codecs.BOM_UTF16_BE: "UTF-16",
}
# Spaces that look like ordinary ones, and characters without width.
_UNSEEN = re.compile("[\u00a0\u2000-\u200b\u200e\u200f\u2028\u2029\u202f\u2060\ufeff]")
_CURLED = tuple("“”„‘’‚")
_INTEGER, _FLOAT, _BOOLEAN, _DATE = (
    f"tag:yaml.org,2002:{kind}" for kind in ("int", "float", "bool", "timestamp")
)
_MAPPING = "a study is a mapping of the keys in docs/configuration.md"
# Aliases of aliases unfold to billions; a study of every class of the world stays below.
_MOST_VALUES = 1_000_000


def check_files(paths):
    """Check the files of a study, each by itself.

    Parameters
    ----------
    paths : iterable of str or Path

    Raises
    ------
    ConfigError
        If anything is wrong. Lists all errors at once, each with its file and line, the rule, what
        was received and a hint.
    """
    if lines := [line for path in paths for line in _file_lines(Path(path))]:
        raise ConfigError(counted(lines))


def repeated_keys(text):
    """List the keys that a mapping in a text gives twice; none where the text is no YAML.

    Examples
    --------
    >>> repeated_keys("{repeats: 3, test: {n: 1, n: 1}, repeats: 4}")
    ['repeats', 'n']
    """
    try:
        waiting = [yaml.compose(text, yaml.SafeLoader)]
    except yaml.YAMLError:
        return []
    keys = []
    for node in waiting:
        keys += [key for key, _, _ in _twice(node)]
        waiting += [part for part in _parts(node) if part not in waiting]
    return keys


def _file_lines(path):
    """Yield a line for each error in a file."""
    try:
        if path.is_dir() or not path.exists():
            raise OSError("it is a folder" if path.is_dir() else "nothing is there")
        # A pipe can be read once, and Snakemake does.
        for number, rule, received, hint in _errors(path) if path.is_file() else ():
            said = f"{rule}. Received: {received}. Hint: {full_sentence(hint)}"
            yield shown(f"{path}, line {number}: {said}")
    except OSError as error:
        received = error.strerror or error
        hint = "give one with --configfile, as seen from the folder Snakemake runs in"
        yield shown(
            f"{path}: a study is a file that can be read. Received: {received}. Hint: {hint}."
        )


def _errors(path):
    """Yield errors as line, rule, what was received and a hint."""
    data = path.read_bytes()
    if error := _encoding_error(data):
        yield error
        return
    text = data.decode("utf-8")
    fault = _json_fault(text)
    try:
        # JSON allows tabs between its tokens, and nowhere else.
        loader = yaml.SafeLoader(text if fault else text.replace("\t", " "))
        root = loader.get_node() if loader.check_node() else None
        second = loader.peek_event() if loader.check_node() else None
        found = [*_document_errors(root, second), *_node_errors(root)]
        yield from found
        if not found:
            loader.construct_document(root)
    except yaml.MarkedYAMLError as error:
        if fault:
            yield fault if path.suffix == ".json" else _syntax_error(text, error)
    except yaml.reader.ReaderError as error:
        if fault:
            number = text.count("\n", 0, error.position) + 1
            hint = "remove the control character"
            yield number, "a study is text", repr(chr(error.character)), hint
    except RecursionError:
        yield 1, "a study is nested a few levels deep", "hundreds", "close the brackets"


def _encoding_error(data):
    """Say where a file is not UTF-8, the one encoding that Snakemake reads; None if it is."""
    rule, hint = "a study is text in UTF-8", "save it as UTF-8, which is a choice of the editor"
    marked = [encoding for mark, encoding in _MARKS.items() if data.startswith(mark)]
    if marked or b"\0" in data[:2]:
        return 1, rule, (marked or ["UTF-16"])[0], hint
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as error:
        number = data.count(b"\n", 0, error.start) + 1
        line = data.splitlines()[number - 1].decode("cp1252", errors="replace")
        return number, rule, f"Latin-1 or Windows-1252: {line.strip()}", hint
    return None


def _json_fault(text):
    """Say why a text is no JSON, which Snakemake tries first; None if it is."""
    try:
        json.loads(text)
    except json.JSONDecodeError as error:
        hint = "look at the end of what stands before: commas, quotes, brackets"
        return error.lineno, "a study is JSON", f"{error.msg} at column {error.colno}", hint
    except (ValueError, RecursionError) as error:
        return 1, "a study is JSON", first_line(error), "write smaller numbers, nest less"
    return None


def _document_errors(root, second):
    if root is None or (isinstance(root, yaml.ScalarNode) and root.value == ""):
        yield 1, _MAPPING, "nothing", "README.md has one to start from"
    elif not isinstance(root, yaml.MappingNode):
        received = "a list" if isinstance(root, yaml.SequenceNode) else repr(root.value)
        yield _line(root), _MAPPING, received, "begin with study: and a name"
    elif not root.value:
        yield _line(root), _MAPPING, "{}", "README.md has one to start from"
    if second:
        number = second.start_mark.line + 1
        hint = "remove the line --- or ..., or keep the other study in a file of its own"
        yield number, "a study is one YAML document", "a second one", hint


def _line(node):
    return node.start_mark.line + 1


def _node_errors(root):
    """Yield what YAML would drop or take for something else, in the order of the lines."""
    found, sizes = {}, {}

    def size(node):
        """Count the values that a node unfolds to, and look at each once."""
        if node in sizes:
            if sizes[node] is None:
                hint = "write out what the alias stands for"
                found[node] = [(_line(node), "a value holds no alias of itself", "one", hint)]
            return sizes[node] or 1
        sizes[node] = None
        parts = _parts(node)
        found[node] = [*_scalar_errors(node)] or [*_value_errors(node)]
        for key, first, again in _twice(node):
            received = f"{key}, which is in line {first} already"
            hint = "leave one of them, or rename it"
            found[node].append((again, "a key is given once", received, hint))
        sizes[node] = 1 + sum(map(size, parts))
        return sizes[node]

    if root and size(root) > _MOST_VALUES:
        received = "more, by aliases of aliases"
        yield _line(root), f"a study has at most {_MOST_VALUES} values", received, "write it out"
    yield from sorted(each for errors in found.values() for each in errors)


def _parts(node):
    if isinstance(node, yaml.MappingNode):
        return [part for pair in node.value for part in pair]
    return node.value if isinstance(node, yaml.SequenceNode) else []


def _twice(node):
    """Yield the keys that a mapping gives twice, each with the lines of both."""
    lines = {}
    for key, _ in node.value if isinstance(node, yaml.MappingNode) else ():
        if isinstance(key, yaml.ScalarNode):
            lines.setdefault((key.tag, key.value), []).append(_line(key))
    for (_, key), numbers in lines.items():
        for first, again in pairwise(numbers):
            yield key, first, again


def _scalar_errors(node):
    """Yield what a value without quotes is not what it looks like."""
    if not isinstance(node, yaml.ScalarNode) or node.style:
        return
    text, number, quote = node.value, _line(node), "put it in quotes if it is text"
    if _UNSEEN.search(text):
        yield _unseen_error(number, text)
    if text.startswith(_CURLED):
        yield number, "YAML's quotes are straight ones", text, "type them anew"
    if node.tag == _DATE:
        yield number, "YAML takes this for a date", text, "put it in quotes"
    elif node.tag == _BOOLEAN and text.lower() not in ("true", "false"):
        means = "true" if text.lower() in ("yes", "on") else "false"
        yield number, f"YAML takes this for {means}", text, f"write {means}, or {quote}"
    elif node.tag in (_INTEGER, _FLOAT) and ":" in text:
        hint = "put it in quotes if it is text, else write one number"
        yield number, "YAML takes this for a number of base 60", text, hint
    elif node.tag == _INTEGER and re.fullmatch("[-+]?0[0-7_]+", text):
        plain = re.sub("^([-+]?)[0_]+(?=.)", r"\1", text)
        hint = f"write {plain}, or {quote}"
        yield number, "YAML takes a number with a zero in front for octal", text, hint


def _value_errors(node):
    """Yield why YAML makes no value of a text: 5000 digits, or `!!int x`."""
    if isinstance(node, yaml.ScalarNode):
        try:
            yaml.constructor.SafeConstructor().construct_object(node)
        except yaml.YAMLError:
            return  # told with its own words when the whole is made
        except (ValueError, LookupError, AttributeError):
            kind = node.tag.rpartition(":")[2]
            hint = "correct it, or put it in quotes, without a tag, if it is text"
            yield _line(node), f"YAML takes this for {kind}", reprlib.repr(node.value), hint


def _unseen_error(number, text):
    received = _UNSEEN.sub(lambda found: f"<U+{ord(found[0]):04X}>", text)
    return number, "outside quotes, spaces are ordinary ones", received, "type them anew"


def _syntax_error(text, error):
    """Say where YAML stops to understand, and what is the usual reason."""
    context, problem = error.context or "", error.problem or ""
    is_open = context.startswith(("while scanning", "while parsing a flow"))
    mark = error.context_mark if is_open and error.context_mark else error.problem_mark
    lines = re.split("\r\n|[\r\n\x85\u2028\u2029]", text)
    at = lines[min(error.problem_mark.line, len(lines) - 1)]
    received = " ".join(filter(None, [context, problem]))
    if r"'\t'" in problem:
        number = error.problem_mark.line + 1
        return number, "YAML takes no tab here", at, "type spaces instead"
    for number, line in enumerate(lines[: mark.line + 2], 1):
        if number >= mark.line and _UNSEEN.search(line.partition("#")[0]):
            return _unseen_error(number, line)
    return mark.line + 1, "a study is YAML", received, _usual_reason(problem)


def _usual_reason(problem):
    if "escape" in problem:
        return "use single quotes: in double ones a backslash begins an escape"
    if "constructor" in problem:
        return "remove the tag that begins with !, or put the value in quotes"
    if problem.startswith("mapping values"):
        return (
            "put a space after each colon, also in the line above, quotes around a value that has "
            "a colon, and indent keys of one mapping alike"
        )
    if "alias" in problem or "cannot start any token" in problem:
        return "put a value that begins with one of * & ! % @ ` in quotes"
    if "quoted scalar" in problem or "end of stream" in problem or "document separator" in problem:
        return "close the quotes that this line opens"
    if "',' or" in problem:
        return "close the bracket that this line opens, and put commas between what it holds"
    if "unhashable" in problem:
        return "a key is text: put one that begins with { or [ in quotes"
    return "indent what belongs together alike, and put a space after each colon"
