"""What the report's run in MLflow says of it."""

from __future__ import annotations

from dataclasses import replace

from depsim.report.document import Document
from depsim.report.publish import describe
from depsim.report.sections import claims
from tests import people
from tests.report.documents import sheet


def test_the_description_has_the_answer_the_verdicts_and_the_command() -> None:
    found = claims.verdicts(people.paper_study(12))
    text = describe(Document("t", ("<b>First</b> `code`",), (), {}, found), "depsim report s")
    assert text.startswith("1. &lt;b&gt;First&lt;/b&gt; `code`\n\n")
    assert "| claim | verdict | " in text
    assert text.endswith("Made by `depsim report s`; the report is the artifact `index.html`.")
    assert len(text) < 8000


def test_tables_that_do_not_fit_are_left_out() -> None:
    long = replace(sheet("long", 300), title="Long")
    text = describe(Document("t", ("First",), (), {}, (sheet(), long)), "depsim report s")
    assert len(text) <= 8000
    assert "Cells of" in text
    assert "Long" not in text
    assert "Made by" in text
    assert len(describe(Document("t", ("x" * 9000,), (), {}), "depsim report s")) == 8000


def test_where_nothing_is_the_papers_there_is_no_verdict() -> None:
    assert claims.verdicts(people.study(people.paper_arm("none", 3, pathology__sparsity="0.9"))) == ()
