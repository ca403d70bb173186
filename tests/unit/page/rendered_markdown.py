"""Markdown as a reader sees it: rendered by markdown-it-py, and read as elements and cells."""

from html.parser import HTMLParser

from markdown_it import MarkdownIt


class Rendered(HTMLParser):
    """What an HTML page of a Markdown text holds.

    Attributes
    ----------
    elements : set of str
        Names of its elements.
    links : list of str
    tables : list of list of list of str
        Texts of the cells, row by row.
    """

    def __init__(self, markdown):
        super().__init__()
        self.elements, self.links, self.tables, self._open = set(), [], [], []
        # HTML in the text is passed on as it is, as the worst of renderers does.
        html = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
        self.feed(html.render(markdown))
        self.close()

    def handle_starttag(self, tag, attrs):
        self.elements.add(tag)
        self._open.append(tag)
        if tag == "table":
            self.tables.append([])
        elif tag == "tr":
            self.tables[-1].append([])
        elif tag in ("td", "th"):
            self.tables[-1][-1].append("")
        self.links += [value for name, value in attrs if name in ("href", "src")]

    def handle_endtag(self, tag):
        while self._open.pop() != tag:
            pass

    def handle_comment(self, data):
        self.elements.add("comment")

    def handle_data(self, data):
        if {"td", "th"} & {*self._open}:
            self.tables[-1][-1][-1] += data
