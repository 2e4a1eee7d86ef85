"""Biased noise, gains, and drugs that are taken off, as a report shows them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

from depsim.report.compose import SECTIONS
from depsim.report.document import Picture
from depsim.report.figures import style
from depsim.report.sections import gains, mood, withdrawal
from depsim.report.sections.answer import answer
from depsim.statistics import contrast, holm, summarise
from depsim.study.bias import bias_curve, compare_thresholds
from depsim.study.reading import Study, StudyArm
from tests.people import paper_study, study
from tests.report.blocks import assert_sound, blocks_of, named, records
from tests.shipped import shipped

N = 20
MEANS = (0.0, 0.25, 0.5, 0.75, 1.0)
FALL = np.array([0.0, 1, 2, 3, 4])


def mood_of(stage: str, start: float, fall: float, activation: float) -> dict[str, Sequence[float]]:
    """Curves that fall by so much from mean to mean; individuals lie a point apart, and fall alike."""
    people = start - fall * FALL + np.arange(N)[:, None]
    names = ["internal_noise_1.0", *(f"biased_{mean}" for mean in MEANS[1:])]
    values: dict[str, Sequence[float]] = {f"{stage}/{name}": people[:, k] for k, name in enumerate(names)}
    values[f"{stage}/standard"] = np.full(N, 100.0)
    values[f"{stage}/activation"] = activation + np.arange(N) / 100
    return values


def mooded(treatment: str, fall: float, level: float = 80.0, withdrawn: float | None = None) -> StudyArm:
    values = {
        **mood_of("treated", level, fall, 0.5),
        **mood_of("depressed", 30, 2, 0.2),
        **mood_of("healthy", 90, 1, 0.9),
    }
    values |= mood_of("withdrawn", level, withdrawn, 0.4) if withdrawn is not None else {}
    values["treated/combined"] = level + np.arange(N) / 7
    return shipped(treatment, values)


def moods() -> Study:
    return study(mooded("ketamine", 5.0), mooded("ketamine_gain", 15.0, 90.0, withdrawn=2.0))


def the_picture(section: Any, name: str) -> Picture:
    (found,) = (block for block in blocks_of(section) if isinstance(block, Picture) and block.name == name)
    return found


def test_bias_curves_show_individuals_their_mean_and_the_depressed() -> None:
    picture = the_picture(mood.section(moods()), "bias_curves")
    with style.look():
        drawn = picture.draw()
    titles = [axis.get_title("left") for axis in drawn.axes if axis.get_title("left")]
    assert titles == ["ketamine (n = 20)", "ketamine_gain (n = 20)", "ketamine_gain withdrawn (n = 20)", "means"]
    axis = drawn.axes[0]
    people = [line.get_ydata().tolist() for line in axis.lines[:N]]
    assert people == [(80 - 5 * FALL + k).tolist() for k in range(N)]
    assert axis.lines[N].get_ydata() == pytest.approx(80 - 5 * FALL + 9.5)
    reference = axis.lines[-1]
    assert (reference.get_linestyle(), reference.get_label()) == (":", "depressed")
    assert reference.get_ydata() == pytest.approx(30 - 2 * FALL + 9.5)
    assert drawn.axes[2].lines[N].get_linestyle() == "--"
    assert drawn.axes[0].get_xlabel() == "" or "mean of the internal noise" in drawn.axes[0].get_xlabel()
    assert [text.get_text() for text in drawn.legends[0].get_texts()] == [
        "ketamine", "ketamine_gain", "ketamine_gain withdrawn", "depressed",
    ]  # fmt: skip
    rows = records(picture.data)
    assert [row["m"] for row in rows if row["condition"] == "ketamine"] == list(MEANS)


def test_all_means_stand_beside_healthy_and_depressed_networks() -> None:
    found = blocks_of(mood.section(moods()))
    assert_sound(found)
    rows = {row["condition"]: row for row in records(named(found, "bias"))}
    assert list(rows) == ["healthy", "depressed", "ketamine", "ketamine_gain", "ketamine_gain withdrawn"]
    (expected,) = summarise((80 - 10 + np.arange(N) * 1.0)[:, None])
    assert expected.interval is not None
    low, high = expected.interval
    assert rows["ketamine"]["m_0.5"] == f"{expected.mean:.1f} [{low:.1f}, {high:.1f}]"
    assert rows["depressed"]["n"] == N


def test_thresholds_are_counted_where_they_are_not_reached() -> None:
    rows = {row["condition"]: row for row in records(named(blocks_of(mood.section(moods())), "bias_thresholds"))}
    assert rows["ketamine"] == {
        "condition": "ketamine", "n": N, "median": "> 1.0", "smallest": "> 1.0", "largest": "> 1.0", "not_reached": N,
        "none": 0,
    }  # fmt: skip
    curve = bias_curve(moods().arms[1], "treated")
    assert curve is not None
    gain = rows["ketamine_gain"]
    assert gain["not_reached"] == int(np.isinf(curve.thresholds).sum()) == 0
    assert (gain["median"], gain["smallest"]) == (curve.median, curve.counted[0])
    # 90 + k - 15 x / 0.25 = 50
    assert curve.thresholds == pytest.approx((40 + np.arange(N)) / 60)
    people = records(named(blocks_of(mood.section(moods())), "bias_individuals"))
    assert [row["threshold"] for row in people if row["condition"] == "ketamine_gain"] == curve.thresholds.tolist()


def test_thresholds_are_compared_by_sign() -> None:
    (row,) = records(named(blocks_of(mood.section(moods())), "bias_signs"))
    one, other = (bias_curve(arm, "treated") for arm in moods().arms)
    assert one is not None
    assert other is not None
    expected = compare_thresholds(one, other)
    assert expected is not None
    assert (row["a"], row["b"], row["higher"], row["lower"], row["ties"]) == ("ketamine", "ketamine_gain", 20, 0, 0)
    assert (row["p"], row["p_holm"], row["share"]) == (expected.p, expected.p, 100.0)


def test_activation_is_shown_for_every_stage() -> None:
    rows = {row["condition"]: row["mean"] for row in records(named(blocks_of(mood.section(moods())), "activation"))}
    assert {name: round(float(mean), 3) for name, mean in rows.items()} == {  # type: ignore[arg-type]
        "healthy": 0.995, "depressed": 0.295, "ketamine": 0.595, "ketamine_gain": 0.595,
        "ketamine_gain withdrawn": 0.495,
    }  # fmt: skip


def test_a_gain_is_compared_with_the_same_drug_without_it() -> None:
    found = blocks_of(gains.section(moods()))
    assert_sound(found)
    rows = records(named(found, "gains"))
    assert [row["outcome"] for row in rows] == ["combined stress", "biased noise (m = 0.5)", "activation"]
    assert {(row["with"], row["without"]) for row in rows} == {("ketamine_gain", "ketamine")}
    one, other = (arm.values("treated/combined") for arm in moods().arms)
    expected = contrast(other, one)
    assert (rows[0]["difference"], rows[0]["p"]) == (expected.difference.mean, expected.p)
    assert [row["p_holm"] for row in rows] == holm([row["p"] for row in rows])  # type: ignore[misc]


def test_the_answer_says_what_a_gain_changes() -> None:
    first, second = gains.answer_lines(moods())
    assert first == (
        "What a gain changes, in points of combined stress, paired within individuals: ketamine_gain − ketamine +10.0."
    )
    assert "in points of biased noise (m = 0.5)" in second
    assert second.endswith("ketamine_gain − ketamine -10.0.")
    assert {first, second} < set(answer(moods()))
    same = study(mooded("ketamine", 5.0), mooded("ketamine_gain", 5.0))
    assert all(line.endswith("+0.0, not beyond chance.") for line in gains.answer_lines(same))
    assert gains.answer_lines(study(mooded("ketamine", 5.0))) == []


CURVE = "follow_up=withdrawal_curve"
SHARES = np.array([1.0, 0.75, 0.5, 0.25, 0.0])


def taken_off(treatment: str, losses: Sequence[float], n: int = N, draw: int = 0) -> StudyArm:
    """All individuals start at 90 and lose so much from share to share, give or take a tenth."""
    noise = np.random.default_rng(draw).normal(0, 0.1, (n, 5))
    people = 90.0 - np.cumsum([0.0, *losses]) + noise
    values: dict[str, Sequence[float]] = {}
    for measure in ("combined", "internal_noise_2.5", "biased_0.5"):
        values |= {f"withdrawal/{measure}/{place}": column for place, column in enumerate(people.T)}
    values["before/depressed_combined"] = np.full(n, 30.0)
    return shipped(treatment, values, CURVE)


def withdrawn_study() -> Study:
    return study(
        taken_off("neurosteroid", (1, 12, 2, 1)), taken_off("ketamine_gain", (2, 2, 2, 2.5), draw=1),
        taken_off("ssri_gain", (0, 0, 0, 0), draw=2), taken_off("neurosteroid_gain", (-3, -3, 0, 0), draw=3),
    )  # fmt: skip


def test_the_withdrawal_curve_goes_from_all_of_the_drug_to_none() -> None:
    section = withdrawal.section(withdrawn_study())
    assert_sound(blocks_of(section))
    with style.look():
        drawn = the_picture(section, "withdrawal").draw()
    axes = [axis for axis in drawn.axes if axis.get_title("left")]
    assert [axis.get_title("left") for axis in axes] == [
        "combined stress", "extreme noise (sigma 2.5)", "biased noise (m = 0.5)",
    ]  # fmt: skip
    assert [label.get_text() for label in axes[0].get_xticklabels()] == ["100", "75", "50", "25", "0"]
    assert axes[0].get_xlabel() == "share of the drug that is left, %"
    people, mean = axes[0].lines[:N], axes[0].lines[N]
    table = withdrawn_study().arms[0].values
    assert people[3].get_ydata()[2] == table("withdrawal/combined/2")[3]
    assert mean.get_xdata().tolist() == [0, 25, 50, 75, 100]
    assert mean.get_ydata() == pytest.approx([table(f"withdrawal/combined/{k}").mean() for k in range(5)])
    assert [text.get_text() for text in drawn.legends[0].get_texts()] == [
        "neurosteroid", "ketamine_gain", "ssri_gain", "neurosteroid_gain",
    ]  # fmt: skip


def test_what_is_borrowed_stands_in_its_row() -> None:
    rows = records(named(blocks_of(withdrawal.section(withdrawn_study())), "withdrawal_borrowed"))
    assert len(rows) == 12
    mine = rows[0]
    arm = withdrawn_study().arms[0]
    first, second, last = (arm.values(f"withdrawal/combined/{place}") for place in (0, 1, 4))
    assert (mine["condition"], mine["outcome"], mine["n"]) == ("neurosteroid", "combined stress", N)
    assert mine["borrowed"] == contrast(first, last).difference.mean
    assert mine["relief"] == pytest.approx(first.mean() - 30)
    third = arm.values("withdrawal/combined/2")
    assert (mine["step"], mine["agreeing"]) == ("75 to 50 %", N)
    assert mine["lost"] == pytest.approx((second - third).mean())
    assert [row["p_holm"] for row in rows] == holm([row["p"] for row in rows])  # type: ignore[misc]


def test_the_answer_says_how_much_is_borrowed_and_where_it_is_lost() -> None:
    (line,) = withdrawal.answer_lines(withdrawn_study())
    assert line.startswith(
        "Borrowed, in points of combined stress (all of the drug less none of it, without training):"
    )
    told = dict(part.strip().split(" ", 1) for part in line.partition("training):")[2].removesuffix(".").split("; "))
    assert told["neurosteroid"].startswith("+16.0 [+")
    assert told["neurosteroid"].endswith(
        "of a relief of 60.0, most of it (12.0) from 75 to 50 % (20 of 20 lose most there)"
    )
    assert "in no step most of it" in line
    assert "so that taking it off helps" in told["neurosteroid_gain"]
    assert told["ssri_gain"].endswith("not beyond chance")
    assert line in answer(withdrawn_study())


def test_too_few_individuals_say_nothing_about_what_is_borrowed_or_changed() -> None:
    (line,) = withdrawal.answer_lines(study(taken_off("neurosteroid", (1, 12, 2, 1), n=5)))
    assert line == "How much of the relief is borrowed cannot be told from 5 individuals: too few for 3 tests together."


def test_studies_without_them_have_none_of_these_sections() -> None:
    plain = paper_study(12)
    assert [module.section(plain) for module in (gains, mood, withdrawal)] == [None] * 3
    assert {gains, mood, withdrawal} <= set(SECTIONS)
    assert (gains.answer_lines(plain), withdrawal.answer_lines(plain)) == ([], [])


def test_a_single_condition_has_its_curve_and_no_comparison() -> None:
    found = blocks_of(mood.section(study(mooded("ketamine", 5.0))))
    assert_sound(found)
    assert "bias_signs" not in [getattr(block, "name", "") for block in found]
    assert not any(isinstance(v, float) and math.isnan(v) for b in found for r in getattr(b, "rows", ()) for v in r)
