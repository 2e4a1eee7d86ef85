"""The page: well-formed, self-contained, everything escaped."""

from __future__ import annotations

import base64
import re
from dataclasses import replace
from pathlib import Path

import pytest

from depsim.report.document import Document, Section
from depsim.report.html import MOST_ROWS, Image, PageTemplateError, check_templates, page
from tests.report.documents import MARKUP, Page, document, picture, sheet

IMAGES = {"lines": Image(b"<svg/>", "image/svg+xml", 576, 288)}


@pytest.fixture(scope="module")
def text() -> str:
    return page(document(), IMAGES)


def test_the_page_is_well_formed_and_holds_every_text_as_it_is(text: str) -> None:
    found = Page(text)
    said = "".join(found.texts)
    pieces = ("Study", "First", "plain", "answer", "note", "warning", "Inner", "Outer", "Caption", "Lines", "Cells of")
    for piece in pieces:
        assert f"{piece} {MARKUP}" in said
    assert found.named("img")[0]["alt"] == f"Alt {MARKUP}"
    assert found.named("b") == []


def test_nothing_comes_from_elsewhere_and_nothing_runs(text: str) -> None:
    found = Page(text)
    assert not {tag for tag, _ in found.tags} & {"script", "iframe", "object", "embed", "link", "base", "form", "svg"}
    assert not re.search(r"https?:|//\w|javascript:|@import|url\(", text)
    assert not [name for _, own in found.tags for name in own if name.startswith("on")]
    for address in [*found.attributes("href"), *found.attributes("src")]:
        assert re.match(r"#[\w-]+$|(figures|tables)/\w+\.(csv|md|tex|svg|png)$|study\.json$|data:image/", address)


def test_addresses_are_unique_and_every_link_within_the_page_leads_somewhere(text: str) -> None:
    found = Page(text)
    ids = found.attributes("id")
    assert len(set(ids)) == len(ids)
    for kind in ("href", "aria-labelledby"):
        inner = {address.removeprefix("#") for address in found.attributes(kind) if kind != "href" or address[0] == "#"}
        assert inner <= set(ids)


def test_two_parts_with_one_address_are_refused() -> None:
    with pytest.raises(ValueError, match="table-cells"):
        page(document(sheet()), IMAGES)
    twice = Section("answer", "Answer", ())
    with pytest.raises(ValueError, match="answer"):
        page(Document("t", (), (twice,), {}), {})


def test_the_answer_comes_before_everything_else(text: str) -> None:
    assert 0 < text.index('id="answer"') < text.index("First") < text.index('id="contents"') < text.index('id="outer"')


def test_the_image_is_inside_and_keeps_its_size(text: str) -> None:
    (image,) = Page(text).named("img")
    head, _, data = str(image["src"]).partition(",")
    assert head == "data:image/svg+xml;base64"
    assert base64.b64decode(data) == b"<svg/>"
    assert (image["width"], image["height"]) == ("576", "288")


def test_tables_have_row_and_column_headings_and_numbers_flush_right(text: str) -> None:
    found = Page(text)
    heads = [own for own in found.named("th") if own.get("scope") == "col"]
    assert len(heads) == 10
    assert len([own for own in found.named("th") if own.get("scope") == "row"]) == 5
    assert [own.get("class") for own in heads[:5]] == [None, "number", "number", None, None]
    assert "−1.2" in found.texts
    assert "–" in found.texts


def test_code_is_shown_as_code_and_never_altered(text: str) -> None:
    assert "<code>a|b_c</code>" in text
    assert "<code>a&lt;b</code>" in text
    assert "−0.5 to `x`" in text  # of a cell that is no code backquotes are characters


def test_a_folded_table_opens_on_demand_and_a_very_long_one_is_named_with_its_file() -> None:
    found = Page(page(document(), IMAGES))
    assert [own["id"] for own in found.named("details")] == ["table-folded"]
    long = replace(sheet("long", MOST_ROWS + 1, True))
    text = page(document(long), IMAGES)
    assert '401 rows, in <a href="tables/long.csv">' in text
    assert f"row {MOST_ROWS}" not in text
    shorter = page(document(sheet("long", MOST_ROWS, True)), IMAGES)
    assert f"row {MOST_ROWS - 1}" in shorter


def test_an_empty_table_is_a_table_without_rows() -> None:
    empty = replace(sheet("empty"), rows=())
    Page(page(Document("t", ("a",), (Section("s", "S", (empty,)),), {}), {}))


def test_a_picture_without_its_image_is_an_error() -> None:
    with pytest.raises(KeyError):
        page(Document("t", (), (Section("s", "S", (picture(),)),), {}), {})


def test_a_folder_of_ones_own_changes_a_part_of_the_page_or_its_look(tmp_path: Path) -> None:
    (tmp_path / "page.html").write_text(
        '{% extends "depsim/page.html" %}{% block footer %}<footer>{{ document.title }} by us</footer>{% endblock %}'
    )
    (tmp_path / "page.css").write_text("body { color: red; }")
    changed = page(document(), IMAGES, tmp_path)
    assert f"{document().title} by us" in "".join(Page(changed).texts)
    assert "body { color: red; }" in changed
    assert "Made by depsim" not in changed
    assert Page(changed).attributes("id") == Page(page(document(), IMAGES)).attributes("id")


@pytest.mark.parametrize(
    ("template", "said"),
    [
        ("{% if %}", "page.html, line 1: TemplateSyntaxError"),
        ("{{ nothing.there }}", "UndefinedError: 'nothing' is undefined"),
        ("{{ document.__class__.__mro__ }}", "SecurityError"),
        ("{% include 'other.html' %}", "TemplateNotFound: other.html"),
        ("{{ 1 / 0 }}", "ZeroDivisionError"),
        ("{% include 'page.html' %}", "RecursionError"),
    ],
)
def test_a_template_that_cannot_be_used_is_named_and_runs_nothing(template: str, said: str, tmp_path: Path) -> None:
    (tmp_path / "page.html").write_text(template)
    with pytest.raises(PageTemplateError, match=re.escape(said)):
        page(document(), IMAGES, tmp_path)


def test_everything_is_escaped_whatever_a_template_is_called(tmp_path: Path) -> None:
    (tmp_path / "page.html").write_text("{% include 'head.txt' %}")
    (tmp_path / "head.txt").write_text("{{ document.title }}")
    assert "<b>" not in page(document(), IMAGES, tmp_path)


def test_a_template_is_a_plain_file_of_its_folder(tmp_path: Path) -> None:
    secret, lab = tmp_path / "secret", tmp_path / "lab"
    secret.write_text("secret")
    lab.mkdir()
    (lab / "page.html").symlink_to(secret)
    with pytest.raises(PageTemplateError, match=r"no plain file inside that folder"):
        page(document(), IMAGES, lab)
    (lab / "page.html").unlink()
    (lab / "page.html").write_text("{% include '../secret' %}")
    with pytest.raises(PageTemplateError, match="secret"):
        page(document(), IMAGES, lab)


def test_a_folder_without_any_template_is_refused_at_once(tmp_path: Path) -> None:
    with pytest.raises(PageTemplateError, match=r"none of block\.html, page\.css, page\.html is there"):
        check_templates(tmp_path)
