"""Who was simulated, and where every number comes from."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from depsim.report.document import Paragraph, Section, Sheet
from depsim.report.sections import calibration, methods, people, provenance
from depsim.statistics import CalibrationFigure
from depsim.study.naming import common_settings, name_arms
from depsim.study.origins import Origin
from depsim.study.reading import Failure, Study, StudyArm
from tests import people as made

MACHINE = {"git_commit": "a" * 40, "git_dirty": True, "packages": {"numpy": "2.4"}, "cores": 2, "launched_by": ["x"]}


def sheets(section: Section | None) -> dict[str, Sheet]:
    assert section is not None
    own = {block.name: block for block in section.blocks if isinstance(block, Sheet)}
    return own | {name: sheet for part in section.sub for name, sheet in sheets(part).items()}


def warnings(section: Section | None) -> list[str]:
    assert section is not None
    return [block.text for block in section.blocks if isinstance(block, Paragraph) and block.kind == "warning"]


def origin(arm: StudyArm, run_id: str = "p", status: str = "FINISHED", **machine: Any) -> Origin:
    return Origin(run_id, arm.arm_key, status, f"depsim run {run_id}", 86_400_000, machine)


def test_what_no_condition_has_as_the_paper_is_said_once() -> None:
    short = [made.paper_arm(name, 12, training__epochs="5", pathology__sparsity="0.9") for name in ("none", "ssri")]
    section = people.section(made.study(*short, made.paper_arm("none", 12, training__epochs="5")))
    assert section is not None
    assert [block.text for block in section.blocks if isinstance(block, Paragraph)] == [
        "Not as in the paper, in all conditions: `training.epochs=5`."
    ]


def test_individuals_that_lost_unequally_have_both_ends_in_the_table() -> None:
    arm = made.paper_arm("none", 12)
    lost = [replace(p, metrics={**p.metrics, "depressed/sparsity": 80.0 + p.seed}) for p in arm.individuals]
    study = made.study(replace(arm, individuals=tuple(lost)), made.without(made.paper_arm("ssri", 12), 3))
    (sheet,) = sheets(people.section(study)).values()
    assert [row[1:3] for row in sheet.rows] == [(80.0, 91.0), (95.0, 95.0)]
    (uneven,) = warnings(people.section(study))
    assert "80 to 95 % pruned" in uneven


def test_failures_have_their_reasons() -> None:
    reason = Failure(9, "ArithmeticError: <no>", "run-f")
    study = made.study(replace(made.paper_arm("none", 9), failures=(reason,)), made.paper_arm("ssri", 9))
    failures = sheets(provenance.section(study, (), "depsim report s"))["failures"]
    assert failures.rows == (("none", 9, "ArithmeticError: <no>", "run-f"),)
    ill = provenance.facts(study, ())["arms"][0]
    assert (ill["name"], ill["failed_seeds"]) == ("none", [9])
    assert (list(ill["run_keys"]), ill["settings"]["treatment"]) == (list(study.arms[0].seeds), "none")


def test_a_study_of_searches_alone_has_nobody_to_list() -> None:
    empty = Study("s", "1", (), ())
    assert people.section(empty) is None
    section = provenance.section(empty, (), "depsim report s")
    assert set(sheets(section)) == {"condition_runs", "runs"}


def test_an_arm_is_called_by_what_tells_it_from_its_namesakes() -> None:
    half, tenth = made.paper_arm("ketamine", 1), made.paper_arm("ketamine", 1, treatment__regrow_fraction="0.1")
    none = made.paper_arm("none", 1)
    names = name_arms([half, tenth, none])
    assert names[half.arm_key] == "ketamine, treatment.regrow_fraction=0.5"
    assert names[tenth.arm_key] == "ketamine, treatment.regrow_fraction=0.1"
    assert names[none.arm_key] == "none"
    assert len(set(names.values())) == 3
    common = common_settings([half, tenth, none])
    assert common["pathology.sparsity"] == "0.95"
    assert not {"treatment", "treatment.regrow_fraction", "treatment.epochs"} & set(common)
    assert common_settings([]) == {}


def test_every_individual_has_its_run_its_key_and_where_it_was_copied_from() -> None:
    arm = made.paper_arm("none", 2)
    copied = replace(arm.individuals[1], began=90_061_000, reused_from="other")
    study = made.study(replace(arm, individuals=(arm.individuals[0], copied)))
    runs = sheets(provenance.section(study, (), "depsim report s"))["runs"]
    first, second = arm.individuals
    assert runs.rows[0] == ("none", 0, first.run_key, first.run_id, "1970-01-01 00:00:00", None)
    assert runs.rows[1] == ("none", 1, second.run_key, second.run_id, "1970-01-02 01:01:01", "other")


def test_condition_runs_have_their_command_and_commit_and_equal_machines_are_one_environment() -> None:
    none, ssri = made.paper_arm("none", 2), made.paper_arm("ssri", 2)
    study = made.study(none, ssri)
    origins = (origin(none, "p", **MACHINE), origin(ssri, "q", **(MACHINE | {"launched_by": ["y"]})), origin(ssri, "r"))
    found = sheets(provenance.section(study, origins, "depsim report s"))
    runs = found["condition_runs"].rows
    assert [row[0] for row in runs] == ["none", "ssri", "ssri"]
    assert runs[0][1:6] == ("finished", "1970-01-02 00:00:00", f"{'a' * 12} changed", "depsim run p", "p")
    assert runs[2][3] is None
    environments = found["environments"].rows
    assert {row[0] for row in environments} == {1}
    assert (1, "condition runs", "2: none; ssri") in environments
    assert (1, "packages: numpy", "2.4") in environments
    other = (*origins, origin(none, "s", **(MACHINE | {"cores": 64})))
    assert {row[0] for row in sheets(provenance.section(study, other, ""))["environments"].rows} == {1, 2}
    assert provenance.facts(study, origins)["condition_runs"][0]["provenance"] == MACHINE


def test_remarks_of_runs_are_gathered() -> None:
    note = "nothing was left to prune"
    none = replace(made.paper_arm("none", 3), individuals=made.arm("none", {"a": [1, 2, 3]}, notes=(note,)).individuals)
    found = sheets(provenance.section(made.study(none), (), "depsim report s"))
    assert found["notes"].rows == (("none", 3, "0–2", note),)


def test_individuals_by_older_sources_stay_and_are_counted() -> None:
    arm = made.paper_arm("none", 51)
    old = tuple(replace(person, sources="old", began=1) for person in arm.individuals[:50])
    new = replace(arm.individuals[50], sources="new", began=2)
    study = made.study(replace(arm, individuals=(*old, new)), made.paper_arm("ssri", 2))
    found = sheets(provenance.section(study, (), "depsim report s"))
    assert found["older_sources"].rows == (("none", 50, 51, "0–49"),)
    assert "older_sources" not in sheets(provenance.section(made.paper_study(2), (), "depsim report s"))


def test_settings_are_said_once_where_all_share_them() -> None:
    found = sheets(provenance.section(made.paper_study(1), (), "depsim report s"))["settings"].rows
    assert ("all", "pathology.sparsity", "0.95") in found
    assert ("ketamine", "treatment.regrow_fraction", "0.5") in found
    assert len({row[:2] for row in found}) == len(found)


def test_what_the_calibration_reached_is_part_of_the_methods(monkeypatch: pytest.MonkeyPatch) -> None:
    figures = (
        CalibrationFigure("a", "coverage", 50, 1000, 0.948, 0.007, 0.93, 0.97),
        CalibrationFigure("b", "error", 50, 1000, 0.07, 0.008, None, 0.065),
        CalibrationFigure("c", "other", 50, 1000, 0.5, 0.01, 0.4, None),
        CalibrationFigure("d", "open", 10, 1000, 0.5, 0.01, None, None),
    )
    monkeypatch.setattr(calibration, "calibration_figures", lambda: figures)
    study = made.paper_study(1)
    (sheet,) = sheets(methods.section(study)).values()
    limits = [("93 to 97", "kept"), ("at most 6.5", "missed"), ("at least 40", "kept"), (None, None)]
    assert [row[5:] for row in sheet.rows] == limits
    assert "Of 3 shares 2 lie within" in str(methods.section(study))
    monkeypatch.setattr(calibration, "calibration_figures", tuple)
    assert sheets(methods.section(study)) == {}
