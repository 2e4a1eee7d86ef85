"""The page: well-formed, self-contained, everything escaped, the answer first."""

from __future__ import annotations

import base64
import re
from pathlib import Path

import pytest

from depsim.report.html import Image, PageTemplateError, check_templates, inline, page_html
from tests.report.pages import MARKUP, Html, page, table

IMAGES = {name: Image(b"<svg/>", "image/svg+xml", 576, 288) for name in ("lines", "first")}


@pytest.fixture(scope="module")
def text() -> str:
    return page_html(page(), IMAGES)


def test_the_page_is_well_formed_and_holds_every_text_as_it_is(text: str) -> None:
    html = Html(text)
    shown = "".join(html.texts)
    for piece in ("Why", "Answer", "Bullet", "Inner", "Text", "Caption", "Cells of", "Note", "Foot", "who"):
        assert f"{piece} {MARKUP}" in shown
    assert html.named("img")[0]["alt"] == f"Caption {MARKUP}, n = 3"
    assert html.named("b") == []


def test_nothing_comes_from_elsewhere_and_nothing_runs(text: str) -> None:
    html = Html(text)
    assert not {tag for tag, _ in html.tags} & {"script", "iframe", "object", "embed", "link", "base", "form", "svg"}
    assert not re.search(r"https?:|//\w|javascript:|@import|url\(", text)
    assert not [name for _, attributes in html.tags for name in attributes if name.startswith("on")]
    assert all(address.startswith("data:image/") for address in html.attributes("src"))


def test_the_answer_the_picture_the_table_and_the_bullets_come_first_in_this_order(text: str) -> None:
    places = [text.index(piece) for piece in ('class="answer"', 'id="figure-first"', 'id="table-cells"',
                                              'class="bullets"', "<h2", "<footer")]  # fmt: skip
    assert places == sorted(places)


def test_two_parts_with_one_address_are_refused() -> None:
    with pytest.raises(ValueError, match="table-cells"):
        page_html(page(table()), IMAGES)


def test_the_image_is_inside_and_keeps_its_size(text: str) -> None:
    image = Html(text).named("img")[0]
    head, _, data = str(image["src"]).partition(",")
    assert head == "data:image/svg+xml;base64"
    assert base64.b64decode(data) == b"<svg/>"
    assert (image["width"], image["height"]) == ("576", "288")


def test_tables_have_row_and_column_headings_and_numbers_flush_right(text: str) -> None:
    html = Html(text)
    heads = [cell for cell in html.named("th") if cell.get("scope") == "col"]
    assert [cell.get("class") for cell in heads[:3]] == [None, "number", "number"]
    assert len([cell for cell in html.named("th") if cell.get("scope") == "row"]) == 5
    assert "−1.2 [−2.0, 0.1]" in html.texts


def test_numbers_stay_with_their_unit_and_code_is_never_altered(text: str) -> None:
    assert "97\u00a0%" in text
    assert "<code>a&lt;b</code>" in text


def test_an_option_of_a_command_is_never_broken() -> None:
    assert inline("say `depsim sweep --dry-run x`") == (
        'say <code>depsim sweep <span class="whole">--dry-run</span> x</code>'
    )


def test_a_folder_of_ones_own_changes_a_part_of_the_page_or_its_look(tmp_path: Path) -> None:
    (tmp_path / "page.html").write_text(
        '{% extends "depsim/page.html" %}{% block foot %}<footer>{{ page.title }} by us</footer>{% endblock %}'
    )
    (tmp_path / "page.css").write_text("body { color: red; }")
    changed = page_html(page(), IMAGES, tmp_path)
    assert f"{page().title} by us" in "".join(Html(changed).texts)
    assert "body { color: red; }" in changed
    assert "Foot" not in changed


@pytest.mark.parametrize(("template", "message"), [
    ("{% if %}", "page.html, line 1: TemplateSyntaxError"),
    ("{{ nothing.there }}", "UndefinedError: 'nothing' is undefined"),
    ("{{ page.__class__.__mro__ }}", "SecurityError"),
    ("{% include 'other.html' %}", "TemplateNotFound: other.html"),
    ("{% include 'page.html' %}", "RecursionError"),
])  # fmt: skip
def test_a_template_that_cannot_be_used_is_named_and_runs_nothing(template: str, message: str, tmp_path: Path) -> None:
    (tmp_path / "page.html").write_text(template)
    with pytest.raises(PageTemplateError, match=re.escape(message)):
        page_html(page(), IMAGES, tmp_path)


def test_a_template_is_a_plain_file_of_its_folder_and_its_texts_are_escaped(tmp_path: Path) -> None:
    secret, lab = tmp_path / "secret", tmp_path / "lab"
    secret.write_text("secret")
    lab.mkdir()
    (lab / "page.html").symlink_to(secret)
    with pytest.raises(PageTemplateError, match=r"no plain file inside that folder"):
        page_html(page(), IMAGES, lab)
    (lab / "page.html").unlink()
    (lab / "page.html").write_text("{% include '../secret' %}")
    with pytest.raises(PageTemplateError, match="secret"):
        page_html(page(), IMAGES, lab)
    (lab / "page.html").write_text("{% include 'head.txt' %}")
    (lab / "head.txt").write_text("{{ page.title }}")
    assert "<b>" not in page_html(page(), IMAGES, lab)


def test_a_folder_without_any_template_is_refused_at_once(tmp_path: Path) -> None:
    with pytest.raises(PageTemplateError, match=r"none of page\.css, page\.html is there"):
        check_templates(tmp_path)
