"""What a probe of one's own has measured is in the report and on the terminal, though depsim does not know it."""

from __future__ import annotations

import numpy as np
import pytest

from depsim.report.compose import compose
from depsim.report.document import Picture, Sheet
from depsim.report.sections import own
from depsim.report.sections.answer import answer
from depsim.report.terminal import show_condition
from depsim.statistics import contrast, holm, summarise
from depsim.study.reading import Study
from tests.people import arm, paper_study, study
from tests.report.blocks import assert_sound, blocks_of, column, named

N = 20
ONE, OTHER = np.linspace(0.001, 0.002, N), np.linspace(0.002, 0.0045, N) ** 1.01


def measured(**more: list[float]) -> Study:
    return study(
        arm("ketamine", {"treated/combined": np.linspace(95, 96, N), "treated/entropy": ONE, **more}),
        arm("mine", {"treated/combined": np.linspace(80, 82, N), "treated/entropy": OTHER}),
    )


def test_means_and_contrasts_of_what_only_the_user_knows() -> None:
    found = blocks_of(own.section(measured()))
    (summary,), expected = summarise(OTHER[:, None]), contrast(ONE, OTHER)
    assert named(found, "own_measured").rows[1] == (
        "treated/entropy", "mine", N, summary.mean, *summary.interval, summary.sd, OTHER.min(), OTHER.max()
    )  # type: ignore[misc]  # fmt: skip
    assert named(found, "own_contrasts").rows[0] == (
        "treated/entropy", "ketamine", "mine", N, expected.difference.mean, *expected.difference.interval, expected.p,
        expected.p,
    )  # type: ignore[misc]  # fmt: skip


def test_several_measurements_are_one_family_and_nothing_of_depsims_is_among_them() -> None:
    made = own.section(measured(pulse=[1.0] * N))
    assert made is not None
    sheet = next(block for block in blocks_of(made) if isinstance(block, Sheet))
    rows = list(zip(column(sheet, "measurement"), column(sheet, "condition"), strict=True))
    assert {measurement for measurement, _ in rows} == {"treated/entropy", "pulse"}
    assert [condition for measurement, condition in rows if measurement == "pulse"] == ["ketamine"]
    assert own.section(paper_study(3)) is None


@pytest.mark.parametrize(("count", "folded"), [(12, False), (13, True)])
def test_a_long_table_of_means_is_shown_when_asked_for(count: int, folded: bool) -> None:
    one = study(arm("mine", {f"own_{number}": [1.0, 2.0] for number in range(count)}))
    assert named(blocks_of(own.section(one)), "own_measured").folded is folded


def test_all_contrasts_of_a_users_measurements_are_adjusted_together() -> None:
    wobble = np.where(np.arange(N) < 15, 1.0, -1.0)
    pulses = {"ketamine": wobble, "mine": np.zeros(N)}
    arms = [arm(name, {"pulse": pulse, "treated/entropy": entropy})
            for (name, pulse), entropy in zip(pulses.items(), (ONE, OTHER), strict=True)]  # fmt: skip
    made = own.section(study(*arms))
    assert made is not None
    sheet = named(blocks_of(made), "own_contrasts")
    ps = [float(str(p)) for p in column(sheet, "p")]
    assert len(set(ps)) == 2
    assert column(sheet, "p_holm") == holm(ps) != ps


def test_a_condition_without_a_measurement_has_no_marks_in_its_panel() -> None:
    made = own.section(measured(**{"withdrawn/entropy": list(ONE)}))  # as only a drug that is on can be taken off
    assert made is not None
    (picture,) = (block for block in blocks_of(made) if isinstance(block, Picture))
    panels = {axis.get_title(): axis for axis in picture.draw().axes if axis.get_title()}
    assert [len(panels[title].collections) for title in ("treated/entropy", "withdrawn/entropy")] == [2, 1]
    assert np.asarray(panels["withdrawn/entropy"].collections[0].get_offsets())[:, 0] == pytest.approx(ONE)


def test_what_conditions_share_before_treatment_is_in_no_family_of_tests() -> None:
    before = {"healthy/entropy": ONE, "depressed/entropy": ONE}
    arms = [arm(name, {**before, "treated/entropy": after}) for name, after in (("ketamine", ONE), ("mine", OTHER))]
    made = own.section(study(*arms))
    assert made is not None
    sheet = named(blocks_of(made), "own_contrasts")
    assert column(sheet, "measurement") == ["treated/entropy"]
    assert column(sheet, "p_holm") == column(sheet, "p")
    worse = arm("mine", {**before, "depressed/entropy": OTHER, "treated/entropy": OTHER})
    made = own.section(study(arms[0], worse))
    assert made is not None
    assert column(named(blocks_of(made), "own_contrasts"), "measurement") == ["depressed/entropy", "treated/entropy"]


def test_the_answer_says_what_treated_networks_were_measured_to() -> None:
    (line,) = own.answer_lines(measured(pulse=[1.0] * N))
    elsewhere = {"pathology.sparsity": "0.8"}
    arms = [arm(name, {"treated/entropy": each}, changed=elsewhere) for name, each in (("a", ONE), ("b", OTHER))]
    assert answer(study(*arms))[1] == line.replace("ketamine", "a").replace("mine", "b")
    few = study(arm("a", {"treated/entropy": ONE[:5]}), arm("b", {"treated/entropy": OTHER[:5]}))
    assert own.answer_lines(few)[0].endswith(
        f"a {ONE[:5].mean():.4g}; too few individuals to tell differences from chance."
    )


def test_the_answer_names_the_few_differences_within_chance() -> None:
    other = [float(value) for value in OTHER]
    alike = {"treated/entropy": other[::-1]}
    made = study(*measured().arms, arm("other", alike))
    (line,) = own.answer_lines(made)
    assert line.endswith("2 of 3 differences beyond chance, not mine − other.")
    nobody = study(arm("a", {"treated/entropy": other}), arm("b", alike))
    assert own.answer_lines(nobody)[0].endswith("; 0 of 1 difference beyond chance.")


def test_measurements_stand_in_order_of_time() -> None:
    made = own.section(measured(**{name: list(ONE) for name in ("withdrawn/b", "depressed/b", "healthy/b", "pulse")}))
    rows = column(named(blocks_of(made), "own_measured"), "measurement")
    assert list(dict.fromkeys(rows)) == ["healthy/b", "depressed/b", "treated/entropy", "withdrawn/b", "pulse"]


def test_conditions_under_other_surroundings_stand_apart() -> None:
    values = {"treated/entropy": ONE}
    made = study(arm("ketamine", values), arm("ketamine", values, changed={"pathology.sparsity": "0.8"}))
    section = own.section(made)
    assert section is not None
    assert len(section.sub) == 2
    assert_sound(blocks_of(section))
    document = compose(made, [], "depsim report x")
    assert any(part.anchor == "own" for part in document.sections)


def test_the_terminal_shows_them_too(capsys: pytest.CaptureFixture[str]) -> None:
    show_condition("mine", {seed: {"treated/combined": 80.0, "treated/entropy": 0.001234 + seed / 1000}
                            for seed in range(2)})  # fmt: skip
    said = capsys.readouterr().out
    assert "treated/entropy 0.001734 ± 0.0007071" in said
    assert "treated/combined" not in said
