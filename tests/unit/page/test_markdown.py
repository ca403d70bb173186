import re

import pytest
from rendered_markdown import Rendered

from fewshot.names import shown
from fewshot.page.markdown import code, link, plain, table

HOSTILE = (
    *("<img src=x onerror=owned()>", "<!-- <script>x</script>", "&lt;b&gt;", "a|b", "\\|", "c\\"),
    *("`d`", "**e**", "_f_", "~~g~~", "[h](https://i.example)", "![j](k)", "[^l]", "$m$", "# n"),
    *(
        "- o",
        "1. p",
        "> q",
        "---",
        "two\n\nlines",
        "ünï 文字",
        "\u202etxt.exe",
        "<https://r.example>",
    ),
)


@pytest.mark.parametrize("name", HOSTILE)
def test_a_name_is_letters_and_nothing_else(name):
    found = Rendered(f"Named {plain(name)}.\n\n{table(['a', 'b'], {'b'}, [[plain(name), '1']])}")
    assert found.elements == {"p", "table", "thead", "tbody", "tr", "th", "td"}
    assert found.tables == [[["a", "b"], [shown(name), "1"]]]
    assert found.links == []


@pytest.mark.parametrize("name", ["https://a.example/b", "ftp://a.example", "WWW.a.example"])
def test_addresses_do_not_become_links_by_themselves(name):
    """GitHub makes links of `https://` and `www.`: neither is left."""
    assert not re.search(r"(?<!\\)://", plain(name))
    assert "www." not in plain(name).lower()
    assert Rendered(f"It is {plain(name)}").links == []


def test_only_plain_https_addresses_become_links():
    assert Rendered(link("https://a.example/b_c?d=e")).links == ["https://a.example/b_c?d=e"]
    for text in ("javascript:alert(1)", "https://a.example/<b>", "http://a.example", "https://a b"):
        assert Rendered(f"x {link(text)}").links == []


@pytest.mark.parametrize("text", HOSTILE)
def test_code_ends_where_it_should(text):
    found = Rendered(f"x {code(text)} y\n\n{table(['a'], set(), [[code(text)]])}")
    assert found.elements == {"p", "code", "table", "thead", "tbody", "tr", "th", "td"}
    assert len(found.tables[0][1][0]) == len(shown(text))


def test_numbers_stand_to_the_right():
    rules = table(["name", "count"], {"count"}, [["a", "1"]]).splitlines()[1]
    assert rules == "| --- | ---: |"
