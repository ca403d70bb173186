import hashlib
from base64 import b64decode

import pytest

from fewshot.page.rendering import csp_digest, render_page


@pytest.fixture
def render(tmp_path):
    for name in ("page.css", "page.js"):
        (tmp_path / name).write_text(name, encoding="utf-8")

    def write(template, **context):
        (tmp_path / "page.jinja").write_text(template, encoding="utf-8")
        return render_page(tmp_path / "page.jinja", **context)

    return write


@pytest.mark.parametrize("text", ["<b>", "\"'><i>", "{{ 1 }}", "</script>"])
def test_text_is_escaped(render, text):
    page = render("<p>{{ name }}</p>", name=text)
    assert page.count("<") == 2
    assert "{{ 1 }}" in page or "{{" not in text


def test_text_of_imported_parts_is_escaped(render, tmp_path):
    (tmp_path / "parts.html.jinja").write_text("{% macro b(x) %}<b>{{ x }}</b>{% endmacro %}")
    page = render('{% from "parts.html.jinja" import b %}{{ b("<i>") }}')
    assert page == "<b>&lt;i&gt;</b>"


def test_a_name_that_the_template_lacks_is_an_error(render):
    with pytest.raises(Exception, match="'nothing' is undefined"):
        render("{{ nothing }}")


def test_numbers_keep_to_their_unit(render):
    tied = render("{{ text | tied }}", text="5 % = x")
    assert tied == "5\N{NO-BREAK SPACE}%\N{NO-BREAK SPACE}=\N{NO-BREAK SPACE}x"
    assert render("{{ part | share | tied }}", part=0.004) == "0.4\N{NO-BREAK SPACE}%"


def test_style_and_script_come_with_their_digests(render):
    page = render("{{ style }} {{ style_digest }} {{ script }}")
    assert page == f"page.css {csp_digest('page.css')} page.js"
    digest = b64decode(csp_digest("page.css").removeprefix("sha256-"))
    assert digest == hashlib.sha256(b"page.css").digest()
