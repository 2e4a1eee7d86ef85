"""What the report's run in MLflow says of it."""

from __future__ import annotations

from dataclasses import replace

from depsim.report.figures import style
from depsim.report.publish import colour_tags, describe
from tests.report.pages import page, table


def test_the_description_has_question_answer_table_bullets_and_command() -> None:
    text = describe(page(), "depsim report s")
    assert text.startswith("**Why &lt;b>x&lt;/b>")
    places = [text.index(piece) for piece in ("Answer", "**Cells of", "- Bullet", "Made by `depsim report s`")]
    assert places == sorted(places)


def test_every_condition_of_a_treatment_has_its_colour_unless_a_person_chose_another() -> None:
    one, other = style.colours(["bridge"])["bridge"], style.colours(["a", "bridge"])["bridge"]
    assert one != other
    assert colour_tags({}, other) == colour_tags({"mlflow.runColor": one}, other) == {"mlflow.runColor": other}
    assert colour_tags({"mlflow.runColor": "#123456"}, other) == {}


def test_what_does_not_fit_is_left_out_but_never_the_answer() -> None:
    text = describe(replace(page(), table=table("long", 900)), "depsim report s")
    assert len(text) <= 8000
    assert "Answer" in text
    assert "Cells of" not in text
    assert text.endswith("the page is the artifact `index.html`.")
