"""What a condition's run in MLflow shows of it."""

from __future__ import annotations

import io
from dataclasses import replace
from typing import Any

import matplotlib.image
import numpy as np
import pytest

from depsim.report import condition_page
from depsim.report.condition_page import condition_description, condition_picture
from depsim.report.figures import style
from depsim.report.figures.condition import draw_condition
from depsim.report.points import Point, points_of
from depsim.statistics import MEAN_INTERVAL, summarise
from depsim.study.reading import Failure, StudyArm
from tests import people


def points(arm: StudyArm) -> dict[str, Point]:
    """Its outcomes, by metric."""
    return {metric: point for (_, metric), point in points_of([arm]).items()}


def drawn(monkeypatch: pytest.MonkeyPatch, treatment: str, n: int) -> Any:
    """The figure of a condition."""
    figures = []

    def draw(*words: Any) -> Any:
        figures.append(draw_condition(*words))
        return figures[-1]

    monkeypatch.setattr(condition_page, "draw_condition", draw)
    arm = people.paper_arm(treatment, n)
    assert condition_picture(arm, treatment, points(arm)) is not None
    (figure,) = figures
    return figure


def texts(axis: Any) -> list[str]:
    return [label.get_text() for label in axis.get_yticklabels()]


def test_the_picture_has_the_curve_with_its_band_and_every_outcome_with_its_interval(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    left, right = drawn(monkeypatch, "ketamine", 5).axes
    arm = people.paper_arm("ketamine", 5)
    names = ("standard", *(f"internal_noise_{sigma}" for sigma in people.SIGMAS))
    assert (left.get_xlabel(), left.get_ylabel()) == ("internal noise, sigma", "accuracy, %")
    assert (right.get_xlabel(), left.figure.get_supxlabel()) == (
        "%; relapse drop in points", f"Band and bars: {MEAN_INTERVAL}."
    )  # fmt: skip
    (line,) = left.lines
    np.testing.assert_allclose(line.get_ydata(), [arm.values(f"treated/{name}").mean() for name in names])
    assert len(left.collections) == 1
    assert texts(right) == [
        "combined stress",
        "extreme noise (sigma 2.5)",
        "area under the resilience curve",
        "relapse drop",
    ]
    metrics = ("treated/combined", "treated/internal_noise_2.5", "treated/resilience_auc", "relapse_drop")
    bars = [bar.get_segments()[0] for bar in right.collections]
    expected = [summarise(arm.values(name)[:, None])[0].interval for name in metrics]
    np.testing.assert_allclose([bar[:, 0] for bar in bars], [interval for interval in expected if interval])
    assert len(bars) == len([interval for interval in expected if interval])


def test_a_drug_that_is_withdrawn_has_both_curves(monkeypatch: pytest.MonkeyPatch) -> None:
    left, right = drawn(monkeypatch, "neurosteroid", 5).axes
    assert [text.get_text() for text in left.get_legend().get_texts()] == ["treated", "withdrawn"]
    assert len(texts(right)) == 7
    assert sum(text.endswith("withdrawn") for text in texts(right)) == 3


def test_one_individual_has_neither_band_nor_bars(monkeypatch: pytest.MonkeyPatch) -> None:
    _, right = drawn(monkeypatch, "ssri", 1).axes
    assert len(right.lines) == 4
    assert not right.collections


@pytest.mark.slow
def test_the_picture_is_small_and_the_same_every_time() -> None:
    arm = people.paper_arm("ssri", 30)
    picture = condition_picture(arm, "ssri", points(arm))
    assert picture is not None
    assert picture == condition_picture(arm, "ssri", points(arm))
    assert len(picture) < 200_000
    height, width, _ = matplotlib.image.imread(io.BytesIO(picture)).shape
    assert height < width < 1400
    with style.look():  # what is drawn does not depend on what is set outside
        assert condition_picture(arm, "ssri", points(arm)) == picture


def test_where_no_outcome_was_measured_there_is_no_picture() -> None:
    assert points_of([people.arm("none", {"healthy/clean": [1.0, 2.0]})]) == {}


def test_the_description_has_the_answer_the_means_who_failed_and_the_commands() -> None:
    arm = replace(people.paper_arm("ketamine", 3), failures=(Failure(8, "ill", "r8"), Failure(9, "ill", "r9")))
    text = condition_description(arm, points(arm), ("First `code`", "Second"), "depsim report s", "depsim run a=1")
    assert text.startswith("**The answer of this study**\n\n1. First `code`\n2. Second\n\n")
    mean = arm.values("treated/combined").mean()
    assert f"| combined stress | treated | 3 | {mean:.2f} |" in text
    assert arm.arm_key not in text
    assert "2 individuals failed: 8–9." in text
    assert text.endswith("Run by `depsim run a=1`, reported by `depsim report s`.")
