from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import pytest

from depsim.config import Composer, ConfigError, prepare, validate
from depsim.execution.job import TrialRef
from depsim.search.plan import SearchPlan, differences, plan_search
from depsim.search.settings import SearchSettings
from depsim.search.sweeps import plan_search_sweep
from depsim.steps import Regrow
from tests.searches import SMALL, search_block, write_search

pytestmark = pytest.mark.slow  # whole plans, composed point by point


def plan(*overrides: str, **changes: Any) -> SearchPlan:
    settings = validate(SearchSettings, "search", search_block(**changes))
    return plan_search("mine", settings, ["study=s", "cohort=smoke", "treatment=ketamine", *SMALL, *overrides], "again")


def test_a_point_is_a_condition_on_the_same_cohort(empty: Path) -> None:
    search = plan()
    one, other = (search.spec({"treatment.regrow_fraction": f, "treatment.epochs": 1}).job for f in (0.2, 0.7))
    assert one.seeds == other.seeds == search.seeds == (0, 1, 2)
    assert one.arm.baseline == other.arm.baseline
    regrown = [[step.fraction for step in job.arm.steps if isinstance(step, Regrow)] for job in (one, other)]
    assert regrown == [[0.2], [0.7]]


def test_the_winners_individuals_are_others_with_the_same_data_mode(empty: Path) -> None:
    search = plan("cohort.hold.init=3")
    job = search.fresh_trial({"treatment.regrow_fraction": 0.2, "treatment.epochs": 1}, "run")
    assert job.seeds == (50, 51)
    assert job.population.data == "individual"
    assert job.population.hold.init == 3
    assert job.trial == TrialRef("run", "winner")


def test_the_reference_has_the_papers_settings_of_the_treatment_on_the_same_fresh_individuals(empty: Path) -> None:
    search = plan("cohort.hold.init=3", "treatment.init_scale=0.5", "pathology.sparsity=0.9")
    job = search.reference_trial({"treatment.regrow_fraction": 0.2, "treatment.epochs": 1}, "run")
    winner = search.fresh_trial({"treatment.regrow_fraction": 0.2, "treatment.epochs": 1}, "run")
    own, papers = job.params(), prepare(["treatment=ketamine"], Composer()).job.params()
    settings = {key for key in papers if key.startswith("treatment")}
    assert {key: own[key] for key in settings} == {key: papers[key] for key in settings}
    assert (own["pathology.sparsity"], job.seeds, job.population.hold.init) == ("0.9", (50, 51), 3)
    assert job.trial == TrialRef("run", "reference")
    others = {key for key, value in winner.params().items() if own[key] != value}
    assert others <= settings
    assert {"treatment.regrow_fraction", "treatment.epochs", "treatment.init_scale"} <= others


def test_the_reference_of_a_searched_treatment_is_that_treatment(empty: Path) -> None:
    search = plan("treatment=ketamine,ssri", "treatment.epochs=3,5")
    for treatment in ("ketamine", "ssri"):
        point = {"treatment": treatment, "treatment.epochs": 3, "treatment.regrow_fraction": 0.2}
        job = search.reference_trial(point, "")
        assert job.choices["treatment"] == treatment
        assert job.params()["treatment.epochs"] != "3"


@pytest.mark.parametrize(
    "who", [["cohort.seeds=[51,7]"], ["seed=50"], ["cohort.size=60"], ["cohort.first_seed=49", "cohort.size=2"]]
)
def test_fresh_individuals_that_are_none_are_refused(empty: Path, who: list[str]) -> None:
    with pytest.raises(ConfigError, match=r"fresh: individual 5[01] is in the search's own cohort"):
        plan(*who).check()


@pytest.mark.parametrize("who", ["cohort.seeds=[3,9]", "seed=4", "cohort.size=2"])
def test_fresh_individuals_take_the_place_of_any_cohort(empty: Path, who: str) -> None:
    search = plan(who)
    search.check()
    assert search.fresh_trial({"treatment.regrow_fraction": 0.2, "treatment.epochs": 1}, "").seeds == (50, 51)


def test_every_corner_is_composed(empty: Path) -> None:
    assert len(plan("treatment.criterion=gradient,random").check()) == 2 * 2 * 2


@pytest.mark.parametrize(
    ("sweep", "message"),
    [
        ("treatment.regrow_fraction=interval(0.1,1.2)", r"treatment\.regrow_fraction=1\.2"),
        ("treatment.regrow_fraction=interval(-0.1,0.5)", r"treatment\.regrow_fraction=-0\.1"),
        ("treatment.criterion=gradient,magic", r"treatment\.criterion=magic"),
        ("treatment.nonsense=interval(0,1)", r"treatment\.nonsense=0\.0: unknown key"),
        ("pathology=overpruning,flu", "pathology=flu: unknown choice"),
    ],
)
def test_a_wrong_bound_or_choice_is_found_before_anything_runs(empty: Path, sweep: str, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        plan(sweep).check()


def test_a_large_space_is_checked_side_by_side(empty: Path) -> None:
    many = [f"treatment.init_scale={','.join(str(k / 1000) for k in range(1, 34))}"]
    search = plan(*many)
    assert len(search.corners()) == 2 + 33 + 2 + 2
    with pytest.raises(ConfigError, match=r"init_scale=-1"):
        plan(many[0] + ",-1").check()


def test_configuration_groups_are_choices(empty: Path) -> None:
    search = plan("treatment=ketamine,ssri", space={"treatment": "ketamine,ssri"}, pruner="NopPruner")
    search = plan_search("mine", search.settings, ["cohort=smoke", "treatment=none,ssri"], "again")
    assert [d.text for d in search.space] == ["one of none, ssri"]
    assert [spec.job.choices["treatment"] for spec in search.check()] == ["none", "ssri"]


def test_a_plain_value_takes_a_key_out_of_the_space(empty: Path) -> None:
    search = plan("treatment.epochs=1")
    assert [d.key for d in search.space] == ["treatment.regrow_fraction"]
    assert "treatment.epochs=1" in search.fixed
    with pytest.raises(ConfigError, match="nothing to search"):
        plan("treatment.epochs=1", "treatment.regrow_fraction=0.5")


def test_a_sweep_on_the_command_line_takes_the_place_of_the_files(empty: Path) -> None:
    search = plan("treatment.epochs=int(interval(1,9))")
    assert {d.key: d.text for d in search.space} == {
        "treatment.regrow_fraction": "float 0.1 to 0.8",
        "treatment.epochs": "int 1 to 9",
    }


def test_a_key_that_is_added_is_the_key_itself(empty: Path) -> None:
    search = plan("++treatment.epochs=int(interval(1,9))")
    assert len(search.space) == 2
    assert search.space[-1].key == "++treatment.epochs"
    assert search.fingerprint == plan("treatment.epochs=int(interval(1,9))").fingerprint


CHANGES = [
    (["treatment.epochs=int(interval(0,3))"], {}, "space.treatment.epochs: int 0 to 2 before, int 0 to 3 now"),
    (["treatment.epochs=1"], {}, "space.treatment.epochs: int 0 to 2 before, nothing now"),
    (["treatment.init_scale=0.1"], {}, "treatment.init_scale: 0.03 before, 0.1 now"),
    (["pathology.sparsity=0.9"], {}, "pathology.sparsity: 0.95 before, 0.9 now"),
    (["pathology=none"], {}, "pathology: overpruning before, none now"),
    (["cohort.size=4"], {}, "cohort: individuals 0-2, data individual before, individuals 0-3, data individual now"),
    (["cohort.data=shared"], {}, "cohort: individuals 0-2, data individual before, individuals 0-2, data shared now"),
    (["cohort.hold.data=1"], {}, "hold.data: None before, 1 now"),
    ([], {"sampler": "RandomSampler"}, "sampler.name: TPESampler before, RandomSampler now"),
    ([], {"sampler": {"name": "TPESampler", "seed": 1}}, "sampler.seed: 0 before, 1 now"),
    ([], {"sampler": {"name": "TPESampler", "n_startup_trials": 5}}, "sampler.n_startup_trials: 10 before, 5 now"),
    ([], {"pruner": "WilcoxonPruner"}, "pruner.name: NopPruner before, WilcoxonPruner now"),
    ([], {"objectives": [{"metric": "treated/combined", "direction": "minimise", "statistic": "mean"}]},
     "objective 0: maximise mean of treated/combined before, minimise mean of treated/combined now"),
    ([], {"objectives": [{"metric": "treated/combined", "direction": "maximise", "statistic": "median"}]},
     "objective 0: maximise mean of treated/combined before, maximise median of treated/combined now"),
    ([], {"constraints": [{"metric": "treated/combined", "statistic": "mean", "at_least": 1.0, "at_most": None}]},
     "constraint 0: nothing before, mean of treated/combined >= 1 now"),
]  # fmt: skip


@cache
def untouched() -> SearchPlan:
    """The plan that the others are compared with, composed once."""
    return plan()


def _differences(before: SearchPlan, now: SearchPlan) -> list[str]:
    return differences(before.fingerprint, now.fingerprint, (before.settings_text, now.settings_text))


@pytest.mark.parametrize(("overrides", "changes", "difference"), CHANGES)
def test_what_makes_another_search_is_spelled_out(
    empty: Path, overrides: list[str], changes: dict[str, Any], difference: str
) -> None:
    assert difference in _differences(untouched(), plan(*overrides, **changes))


@pytest.mark.parametrize(
    ("overrides", "changes"),
    [
        (["workers=2"], {}),
        (["chunk=1"], {}),
        (["cache_limit_gib=1.0"], {}),
        (["max_jobs=3"], {}),
        (["executor=submitit", "workers=null"], {}),
        (["tracking=none"], {}),
        (["cohort.seeds=[0,1,2]"], {}),
        ([], {"n_trials": 9}),
        ([], {"batch": 3}),
        ([], {"fresh": {"size": 9, "first_seed": 70}}),
    ],
)
def test_what_changes_no_trial_does_not_make_another_search(
    empty: Path, overrides: list[str], changes: dict[str, Any]
) -> None:
    before, now = untouched(), plan(*overrides, **changes)
    assert _differences(before, now) == []
    assert now.settings_text == before.settings_text


def test_a_setting_that_came_later_with_no_effect_does_not_make_another_search(empty: Path) -> None:
    now = plan()
    before = {key: text for key, text in now.settings_text.items() if key != "training.batch_size"}
    assert differences(now.fingerprint, now.fingerprint, (before, now.settings_text)) == []
    other = plan("training.batch_size=64")
    assert "training.batch_size: nothing before, 64 now" in differences(
        now.fingerprint, other.fingerprint, (before, other.settings_text)
    )


def test_a_grid_ends_where_its_points_end(empty: Path) -> None:
    assert plan("treatment.regrow_fraction=0.2,0.5", sampler="GridSampler", n_trials=100).n_trials == 2 * 3
    assert plan("treatment.regrow_fraction=0.2,0.5", sampler="GridSampler", n_trials=4).n_trials == 4
    with pytest.raises(ConfigError, match=r"treatment\.regrow_fraction: .*GridSampler needs choices and ranges only"):
        plan(sampler="GridSampler").check()


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"objectives": []}, "objectives"),
        ({"n_trials": 0}, "n_trials=0"),
        ({"fresh": {"size": 0, "first_seed": 1}}, "fresh.size=0"),
    ],
)
def test_wrong_settings_are_refused(empty: Path, changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        plan(**changes)


def test_a_pruner_is_refused_with_several_objectives(empty: Path) -> None:
    objectives = [{"metric": m, "direction": "maximise", "statistic": "mean"} for m in ("treated/combined", "dose/l1")]
    with pytest.raises(ConfigError, match="only NopPruner is allowed"):
        plan(objectives=objectives, pruner="WilcoxonPruner")


def test_a_sweep_files_search_is_changed_on_the_command_line(empty: Path) -> None:
    write_search(empty)
    words = [
        "search.n_trials=9",
        "search.sampler.seed=5",
        "search.fresh.size=7",
        "search.pruner=WilcoxonPruner",
        *SMALL,
    ]
    search = plan_search_sweep("mine", words, "again")
    assert (search.n_trials, search.settings.sampler.seed, search.settings.fresh.size) == (9, 5, 7)
    assert search.settings.sampler.name == "TPESampler"
    assert search.settings.pruner.name == "WilcoxonPruner"
    assert search.study == "mine"
    for wrong in ("search.n_trials=1,2", "+search.n_trials=3", "search.magic=3"):
        with pytest.raises(ConfigError, match=r"magic|allowed is search"):
            plan_search_sweep("mine", [wrong], "again")
