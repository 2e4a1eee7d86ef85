"""Who recovers, and how long it lasts, as a report shows it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from depsim.report.document import Paragraph, Picture, Sheet
from depsim.report.figures import style
from depsim.report.figures.lines import Curve, Panel, draw_lines
from depsim.report.sections import follow_up, recovery
from depsim.report.sections.answer import answer
from depsim.statistics import contrast, from_best, hazard_ratio, holm, paired_rates, proportion, summarise
from depsim.steps import DivergedError
from depsim.study.reading import Failure, Study, StudyArm
from tests.people import arm, paper_study, study
from tests.report.blocks import assert_sound, blocks_of, named, records

N = 30
NAN = float("nan")


def treated(treatment: str, well: int, epochs: float, **changed: str) -> StudyArm:
    """The first ``well`` are in remission, five more respond, the last has no deficit to treat."""
    remission = np.array([1.0] * well + [0.0] * (N - well - 1) + [NAN])
    response = np.array([1.0] * (well + 5) + [0.0] * (N - well - 6) + [NAN])
    values = {
        "treated/remission": remission, "treated/response": response, "treated/combined": 60.0 + np.arange(N),
        "treated/deficit": np.arange(N) / 2, "treatment/epochs": [epochs] * N, "treatment/rate_steps": [0.5] * N,
    }  # fmt: skip
    return arm(treatment, values, changed={key.replace("__", "."): value for key, value in changed.items()})


def regimens() -> Study:
    return study(
        treated("none", 2, 0.0), treated("sham", 5, 15.0), treated("ssri", 9, 100.0),
        treated("bridge", 20, 110.0, treatment__steps__0__give="ssri"),
    )  # fmt: skip


def test_shares_intervals_and_costs_stand_in_their_columns() -> None:
    found = blocks_of(recovery.section(regimens()))
    assert_sound(found)
    rows = {row["condition"]: row for row in records(named(found, "recovery"))}
    assert list(rows) == ["none", "sham", "ssri", "bridge"]
    bridge, expected = rows["bridge"], proportion(np.array([1.0] * 20 + [0.0] * 9))
    assert bridge["n"] == 29
    assert (bridge["remission"], bridge["remission_low"], bridge["remission_high"]) == pytest.approx(
        (100 * expected.share, 100 * expected.low, 100 * expected.high)
    )
    assert bridge["response"] == pytest.approx(100 * 25 / 29)
    assert (bridge["deficit"], bridge["epochs"], bridge["rate_steps"]) == (7.25, 110.0, 0.5)


def test_every_condition_is_compared_with_sham_where_there_is_one() -> None:
    found = blocks_of(recovery.section(regimens()))
    rows = records(named(found, "recovery_compared"))
    assert {row["control"] for row in rows} == {"sham"}
    assert [(row["condition"], row["outcome"]) for row in rows][:2] == [("none", "response"), ("none", "remission")]
    arms = {each.treatment: each for each in regimens().arms}
    (mine,) = [row for row in rows if (row["condition"], row["outcome"]) == ("bridge", "remission")]
    expected = paired_rates(arms["bridge"].values("treated/remission"), arms["sham"].values("treated/remission"))
    assert mine["difference"] == pytest.approx(100 * 15 / 29)
    assert (mine["low"], mine["high"], mine["p"]) == pytest.approx(
        (100 * expected.low, 100 * expected.high, expected.p)
    )
    assert mine["needed"] == expected.needed_to_treat
    assert [row["p_holm"] for row in rows] == pytest.approx(holm([row["p"] for row in rows]))  # type: ignore[misc]
    alone = study(treated("none", 2, 0.0), treated("ssri", 9, 100.0))
    assert {row["control"] for row in records(named(blocks_of(recovery.section(alone)), "recovery_compared"))} == {
        "none"
    }


def test_of_several_shams_none_is_the_control() -> None:
    shams = [treated("sham", 5, 15.0), treated("sham", 6, 170.0, treatment__epochs="170")]
    found = blocks_of(recovery.section(study(treated("none", 2, 0.0), *shams, treated("ssri", 9, 100.0))))
    assert {row["control"] for row in records(named(found, "recovery_compared"))} == {"none"}


def test_where_nobody_has_a_deficit_there_is_no_section() -> None:
    assert recovery.section(paper_study(12)) is None
    assert recovery.remission_line(paper_study(12)) == ""


def test_the_answer_ranks_regimens_by_remission() -> None:
    line = recovery.remission_line(regimens())
    assert line == "In remission: bridge 69 %, ssri 31 %, sham 17 %, none 7 % (of 29 with a deficit)."
    assert line in answer(regimens())
    assert recovery.remission_line(study(treated("none", 2, 0.0), treated("ssri", 9, 100.0))) == ""


def test_the_answer_names_no_more_conditions_than_fit_a_line() -> None:
    many = [treated("sham", k, 15.0, treatment__epochs=str(k)) for k in range(1, 7)]
    line = recovery.remission_line(study(treated("bridge", 20, 110.0, treatment__steps__0__give="ssri"), *many))
    assert line.startswith("In remission: bridge 69 %, sham, treatment.epochs=6 21 %, ")
    assert line.endswith("sham, treatment.epochs=2 7 %; 1 more in the tables (of 29 with a deficit).")


def followed(treatment: str, maintenance: str, free: np.ndarray, cycles: int = 3) -> StudyArm:
    values: dict[str, np.ndarray] = {
        "follow_up/relapse_free_cycles": free,
        "follow_up/relapse": np.where(free == 0, np.nan, (free < cycles).astype(float)),
    }
    for cycle in range(cycles + 1):
        values[f"maintained/combined/{cycle}"] = 95.0 - 2 * cycle - np.arange(N) / 10
    changed = {"follow_up": "stress_cycles", "follow_up.maintenance": maintenance}
    return arm(treatment, values, changed=changed)


FREE = {
    "own": np.array([3.0] * 20 + [2.0] * 5 + [0.0] * 5),
    "withheld": np.array([3.0] * 4 + [1.0] * 16 + [0.0] * 10),
}


def stressed() -> Study:
    return study(*(followed("ssri", name, free) for name, free in FREE.items()))


def test_relapse_free_cycles_are_summarised() -> None:
    found = blocks_of(follow_up.section(stressed()))
    assert_sound(found)
    own, withheld = records(named(found, "follow_up"))
    (expected,) = summarise(FREE["own"][:, None])
    assert expected.interval is not None
    assert own["condition"] == "ssri, own"
    assert (own["n"], own["well"], own["relapses"], own["cycles"]) == (30, 25, 5, 3)
    assert (own["mean"], own["low"], own["high"]) == pytest.approx((expected.mean, *expected.interval))
    assert (withheld["well"], withheld["relapses"]) == (20, 16)


def test_numbers_at_risk_by_cycle() -> None:
    rows = records(named(blocks_of(follow_up.section(stressed())), "follow_up_at_risk"))
    own = [row for row in rows if row["condition"] == "ssri, own"]
    assert [row["at_risk"] for row in own] == [30, 25, 25, 20]
    assert [row["relapses"] for row in own] == [5, 0, 5, 0]
    assert [row["share"] for row in own] == pytest.approx([100 * 25 / 30] * 2 + [100 * 20 / 30] * 2)


def test_maintenances_of_a_treatment_are_compared_within_individuals() -> None:
    both = study(*stressed().arms, followed("ketamine", "own", FREE["own"]))
    (row,) = records(named(blocks_of(follow_up.section(both)), "follow_up_maintenance"))
    expected = contrast(FREE["own"], FREE["withheld"])
    assert (row["a"], row["b"], row["n"]) == ("ssri, own", "ssri, withheld", 30)
    assert row["difference"] == pytest.approx(expected.difference.mean)
    assert row["p_holm"] == row["p"] == pytest.approx(expected.p)


def test_the_answer_says_how_long_it_lasts_and_whether_maintenance_matters() -> None:
    lines = answer(stressed())
    assert "Relapse-free cycles of 3, on average: ssri, own 2.3; ssri, withheld 0.9." in lines
    (said,) = [line for line in lines if line.startswith("What maintenance does")]
    assert "ssri, own − ssri, withheld +1.4 [" in said
    alike = study(followed("ssri", "own", FREE["own"]), followed("ssri", "sham", FREE["own"][::-1].copy()))
    assert any(line.startswith("Whether maintenance matters cannot be told") for line in answer(alike))
    assert follow_up.answer_lines(paper_study(12)) == []


def test_treatments_of_ones_own_do_not_look_alike() -> None:
    of = study(followed("light", "own", FREE["own"]), followed("sleep", "own", FREE["withheld"]))
    pictures = (block for block in blocks_of(follow_up.section(of)) if isinstance(block, Picture))
    for picture in pictures:
        with style.look():
            first, second = [axis for axis in picture.draw().axes if axis.get_title("left")]
        marks = [next(line for line in axis.lines if line.get_label()[0] != "_") for axis in (first, second)]
        assert marks[0].get_color() != marks[1].get_color()
        assert marks[0].get_marker() != marks[1].get_marker()


def test_the_figures_draw_a_line_per_maintenance_and_a_panel_per_treatment() -> None:
    both = study(*stressed().arms, followed("ketamine", "own", FREE["own"]))
    pictures = {block.name: block for block in blocks_of(follow_up.section(both)) if isinstance(block, Picture)}
    assert set(pictures) == {"follow_up_accuracy", "follow_up_relapse_free"}
    with style.look():
        drawn = pictures["follow_up_relapse_free"].draw()
    axes = [axis for axis in drawn.axes if axis.get_title("left")]
    assert [axis.get_title("left") for axis in axes] == ["ssri", "ketamine"]
    assert {axis.get_ylim() for axis in axes} == {(-2, 102)}
    assert [label.get_text() for label in axes[0].get_xticklabels()] == ["0", "1", "2", "3"]
    own = axes[0].lines[0]
    assert own.get_xdata().tolist() == [0, 1, 2, 3]
    assert own.get_ydata() == pytest.approx([100 * 25 / 30] * 2 + [100 * 20 / 30] * 2)
    styles = {line.get_linestyle() for line in axes[0].lines if len(line.get_xdata())}
    assert styles == {"-", ":"}
    with style.look():
        (axis, *_) = pictures["follow_up_accuracy"].draw().axes
    people, mean = axis.lines[:N], axis.lines[N]  # individuals lie behind their mean
    for person, line in enumerate(people):
        assert line.get_ydata() == pytest.approx([95.0 - 2 * c - person / 10 for c in range(4)])
    assert mean.get_ydata() == pytest.approx([95.0 - 2 * c - 1.45 for c in range(4)])
    assert {line.get_color() for line in people} == {mean.get_color()}
    assert max(line.get_linewidth() for line in people) < mean.get_linewidth()


def test_conditions_that_are_one_share_a_name() -> None:
    arms = [followed(drug, name, FREE[name]) for drug in ("ssri", "ketamine", "neurosteroid") for name in FREE]
    sham = followed("ketamine", "sham", FREE["own"])
    own = next(arm for arm in arms if (arm.treatment, arm.settings["follow_up.maintenance"]) == ("ketamine", "own"))
    both = study(*arms, replace(sham, arm_key=own.arm_key))
    found = blocks_of(follow_up.section(both))
    assert "ketamine, own = sham" in [row["condition"] for row in records(named(found, "follow_up"))]


@pytest.mark.parametrize("letters", [5, 20, 40, 80])
def test_a_legend_fits_the_figure_however_long_its_names_are(letters: int) -> None:
    line = np.arange(3.0)
    curves = [Curve(f"{number}".ljust(letters, "x"), "C0", "o", "-", line, line, line, line) for number in range(6)]
    with style.look():
        drawn = draw_lines([Panel("one", "%", tuple(curves)), Panel("two", "%", tuple(curves))], "x", [(0.0, "0")])
        drawn.draw_without_rendering()
    (legend,) = drawn.legends
    box = legend.get_window_extent()
    assert len(legend.get_texts()) == 6
    assert box.x0 >= 0
    assert box.x1 <= drawn.bbox.width


def test_settings_of_a_follow_up_are_no_page_of_what_was_varied() -> None:
    from depsim.report.sections import sweeps

    section = sweeps.section(stressed())
    assert section is None or "maintenance" not in str([sub.title for sub in section.sub])


def several(n: int = N) -> Study:
    """Ahead of all others by 5 points are a bridge and an SSRI that hardly differ."""
    generator = np.random.default_rng(4)
    means = {"none": 30.0, "sham": 70.0, "ssri": 90.0, "bridge": 90.2}
    arms = []
    for name, mean in means.items():
        own = treated(name, 9, 100.0, **({"treatment__steps__0__give": "ssri"} if name == "bridge" else {}))
        metrics = generator.normal(mean, 1.0, N), generator.normal(-mean / 10, 1.0, N)
        people = tuple(
            replace(one, metrics={**one.metrics, "treated/combined": metrics[0][k], "relapse_drop": metrics[1][k]})
            for k, one in enumerate(own.individuals[:n])
        )
        arms.append(replace(own, individuals=people))
    return study(*arms)


def test_regimens_stand_against_the_best_with_simultaneous_intervals() -> None:
    found = blocks_of(recovery.section(several()))
    assert_sound(found)
    rows = {(row["outcome"], row["condition"]): row for row in records(named(found, "recovery_best"))}
    assert {name for _, name in rows} == {"sham", "ssri", "bridge"}
    own = [each for each in several().arms if each.treatment != "none"]
    for name, metric, sign in (("combined stress", "treated/combined", 1), ("relapse drop", "relapse_drop", -1)):
        expected = from_best(sign * np.array([each.values(metric) for each in own]).T)
        for each, one in zip(own, expected, strict=True):
            row = rows[name, each.treatment]
            assert one.low is not None
            assert one.high is not None
            assert (row["behind"], row["low"], row["high"]) == pytest.approx((-one.difference, -one.high, -one.low))
            assert (row["may_be_best"], row["n"]) == (one.high == 0, N)
    assert not rows["combined stress", "sham"]["may_be_best"]
    text = " ".join(block.text for block in found if isinstance(block, Paragraph))
    assert "In combined stress ssri and bridge may be the best of 3 treatments (n = 30)." in text


def test_of_few_individuals_none_is_called_the_best() -> None:
    found = blocks_of(recovery.section(several(9)))
    assert_sound(found)
    assert {row["may_be_best"] for row in records(named(found, "recovery_best"))} == {None}
    text = " ".join(block.text for block in found if isinstance(block, Paragraph))
    assert "Which is the best in combined stress cannot be told from 9 individuals." in text


def test_without_regimens_and_of_two_treatments_there_is_no_best() -> None:
    plain = study(treated("none", 2, 0.0), treated("sham", 5, 15.0), treated("ssri", 9, 100.0), treated("x", 9, 1.0))
    two = study(*(each for each in regimens().arms if each.treatment in ("ssri", "bridge")))
    for made in (plain, two):
        assert "recovery_best" not in {block.name for block in blocks_of(recovery.section(made)) if is_sheet(block)}


def is_sheet(block: object) -> bool:
    return isinstance(block, Sheet)


def test_hazards_of_maintenances_and_of_drugs_are_told_apart_and_said_to_be_secondary() -> None:
    generator = np.random.default_rng(5)
    free = {name: np.append(generator.integers(1, 4, N - 2), [0, 0]).astype(float) for name in "abc"}
    made = study(followed("ssri", "own", free["a"]), followed("ssri", "withheld", free["b"]),
                 followed("ketamine", "own", free["c"]))  # fmt: skip
    found = blocks_of(follow_up.section(made))
    assert_sound(found)
    (one,) = records(named(found, "follow_up_hazards_maintenance"))
    (other,) = records(named(found, "follow_up_hazards_drugs"))
    assert (one["a"], one["b"], one["n"]) == ("ssri, own", "ssri, withheld", N - 2)
    assert (other["n"], {str(other["a"]).split(",")[0], str(other["b"]).split(",")[0]}) == (N, {"ssri", "ketamine"})
    cycles = np.column_stack([free["a"], free["b"]])[:-2].astype(int)
    expected = hazard_ratio(cycles, cycles < 3)
    assert expected is not None
    assert (one["ratio"], one["low"], one["high"], one["p"]) == pytest.approx(
        (expected.ratio, expected.low, expected.high, expected.p)
    )
    assert (one["events_a"], one["events_b"]) == expected.events
    assert "Secondary" in named(found, "follow_up_hazards_maintenance").note
    assert "(secondary)" in named(found, "follow_up_hazards_drugs").title


def test_without_a_relapse_no_hazard_is_told() -> None:
    own, none = followed("ssri", "own", np.full(N, 3.0)), followed("ssri", "withheld", FREE["withheld"])
    (row,) = records(named(blocks_of(follow_up.section(study(own, none))), "follow_up_hazards_maintenance"))
    assert (row["n"], row["ratio"], row["p"], row["p_holm"]) == (20, None, None, None)


def test_whose_training_diverged_is_listed_and_counts_as_relapsed() -> None:
    own = followed("ssri", "own", FREE["own"])
    reason = f"DivergedError: {DivergedError('maintained 2', (4,))}"
    gone = replace(own, individuals=own.individuals[:4] + own.individuals[5:], failures=(Failure(4, reason, "run"),))
    found = blocks_of(follow_up.section(study(gone, stressed().arms[1])))
    assert_sound(found)
    row = records(named(found, "follow_up"))[0]
    assert (row["n"], row["relapses"]) == (30, 6)
    (said,) = [block.text for block in found if isinstance(block, Paragraph) and block.kind == "warning"]
    assert "ssri, own: 4 at cycle 2." in said
    (pair,) = records(named(found, "follow_up_maintenance"))
    changed = FREE["own"].copy()
    changed[4] = 2
    assert (pair["n"], pair["difference"]) == (30, pytest.approx((changed - FREE["withheld"]).mean()))


def test_where_nobody_has_a_deficit_a_condition_has_no_rate_and_no_comparison() -> None:
    nobody = [
        replace(one, metrics={**one.metrics, "treated/remission": np.nan, "treated/response": np.nan})
        for one in several().arms[2].individuals
    ]
    made = study(
        *(replace(arm, individuals=tuple(nobody)) if arm.treatment == "ssri" else arm for arm in several().arms)
    )
    found = blocks_of(recovery.section(made))
    assert_sound(found)
    (row,) = [row for row in records(named(found, "recovery")) if row["condition"] == "ssri"]
    assert (row["n"], row["remission"], row["remission_low"], row["response_high"]) == (0, None, None, None)
    compared = records(named(found, "recovery_compared"))
    assert {row["condition"] for row in compared} == {"none", "bridge"}
    assert "ssri" not in recovery.remission_line(made)
    assert "nan" not in recovery.remission_line(made)
