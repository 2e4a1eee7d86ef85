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
from depsim.statistics import holm, proportion
from depsim.steps import DivergedError
from depsim.study.reading import Failure, Study, StudyArm
from tests.people import arm, study
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
    rows = {row["condition"]: row for row in records(named(found, "recovery"))}
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
    (mine,) = [row for row in rows if (row["condition"], row["outcome"]) == ("bridge", "remission")]
    assert mine["difference"] == pytest.approx(100 * 15 / 29)
    assert [row["p_holm"] for row in rows] == pytest.approx(holm([row["p"] for row in rows]))  # type: ignore[misc]
    alone = study(treated("none", 2, 0.0), treated("ssri", 9, 100.0))
    assert {row["control"] for row in records(named(blocks_of(recovery.section(alone)), "recovery_compared"))} == {
        "none"
    }


def test_of_several_shams_none_is_the_control() -> None:
    shams = [treated("sham", 5, 15.0), treated("sham", 6, 170.0, treatment__epochs="170")]
    found = blocks_of(recovery.section(study(treated("none", 2, 0.0), *shams, treated("ssri", 9, 100.0))))
    assert {row["control"] for row in records(named(found, "recovery_compared"))} == {"none"}


def test_the_answer_ranks_regimens_by_remission() -> None:
    line = recovery.remission_line(regimens())
    assert line == "In remission: bridge 69 %, ssri 31 %, sham 17 %, none 7 % (of 29 with a deficit)."
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


def test_maintenances_of_a_treatment_are_compared_within_individuals() -> None:
    both = study(*stressed().arms, followed("ketamine", "own", FREE["own"]))
    (row,) = records(named(blocks_of(follow_up.section(both)), "follow_up_maintenance"))
    assert (row["a"], row["b"], row["n"]) == ("ssri, own", "ssri, withheld", 30)
    assert row["difference"] == pytest.approx((FREE["own"] - FREE["withheld"]).mean())


def test_where_maintenances_hardly_differ_nothing_is_said_to_matter() -> None:
    alike = study(followed("ssri", "own", FREE["own"]), followed("ssri", "sham", FREE["own"][::-1].copy()))
    assert any(line.startswith("Whether maintenance matters cannot be told") for line in answer(alike))


def test_treatments_of_ones_own_do_not_look_alike() -> None:
    of = study(followed("light", "own", FREE["own"]), followed("sleep", "own", FREE["withheld"]))
    pictures = (block for block in blocks_of(follow_up.section(of)) if isinstance(block, Picture))
    for picture in pictures:
        with style.look():
            first, second = [axis for axis in picture.draw().axes if axis.get_title("left")]
        marks = [next(line for line in axis.lines if line.get_label()[0] != "_") for axis in (first, second)]
        assert marks[0].get_color() != marks[1].get_color()
        assert marks[0].get_marker() != marks[1].get_marker()


def test_conditions_that_are_one_share_a_name() -> None:
    arms = [followed(drug, name, FREE[name]) for drug in ("ssri", "ketamine", "neurosteroid") for name in FREE]
    sham = followed("ketamine", "sham", FREE["own"])
    own = next(arm for arm in arms if (arm.treatment, arm.settings["follow_up.maintenance"]) == ("ketamine", "own"))
    both = study(*arms, replace(sham, arm_key=own.arm_key))
    found = blocks_of(follow_up.section(both))
    assert "ketamine, own = sham" in [row["condition"] for row in records(named(found, "follow_up"))]


@pytest.mark.parametrize("letters", [5, 40, 80])
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


def test_of_few_individuals_none_is_called_the_best() -> None:
    found = blocks_of(recovery.section(several(9)))
    assert_sound(found)
    assert {row["may_be_best"] for row in records(named(found, "recovery_best"))} == {None}


def test_without_regimens_and_of_two_treatments_there_is_no_best() -> None:
    plain = study(treated("none", 2, 0.0), treated("sham", 5, 15.0), treated("ssri", 9, 100.0), treated("x", 9, 1.0))
    two = study(*(each for each in regimens().arms if each.treatment in ("ssri", "bridge")))
    for made in (plain, two):
        assert "recovery_best" not in {block.name for block in blocks_of(recovery.section(made)) if is_sheet(block)}


def is_sheet(block: object) -> bool:
    return isinstance(block, Sheet)


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
