from __future__ import annotations

import math
import re
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest
import yaml

from depsim.assessment.accuracies import Resilience
from depsim.config import ConfigError
from depsim.execution.job import scientific_settings
from depsim.registry import own_folder
from depsim.search.multiverse_file import MultiverseFile
from depsim.search.sweep_files import is_search, load_sweep, sweep_names
from depsim.search.sweeps import plan_search_sweep, plan_sweep
from depsim.study.naming import name_conditions
from depsim.study.stored import with_neutral
from tests.jobs import TREATMENTS

pytestmark = pytest.mark.slow  # whole plans, composed point by point

ARMS = list(TREATMENTS)
SETTINGS = "unknown key; allowed are space, objectives, constraints, n_trials, batch, sampler, pruner, portion, fresh"
OBJECTIVE = "unknown key; allowed are metric, direction, statistic"


def write(folder: Path, name: str = "mine", **changes: object) -> None:
    content = {"question": "Why?", "study": "mine", "settings": {}, "grid": {}} | changes
    (folder / "sweeps").mkdir(exist_ok=True)
    (folder / "sweeps" / f"{name}.yaml").write_text(yaml.safe_dump(content))


GRIDS = [file.stem for file in sorted(own_folder("sweeps").glob("*.yaml")) if not file.stem.startswith("search_")]


def test_the_sweeps_that_come_along_are_the_files_that_do(empty: Path) -> None:
    assert "paper" in sweep_names()
    assert sweep_names() == sorted(file.stem for file in own_folder("sweeps").glob("*.yaml"))
    assert [name for name in sweep_names() if not is_search(name)] == GRIDS


@pytest.mark.parametrize("name", GRIDS)
def test_every_condition_of_a_sweep_that_comes_along_can_be_planned_and_has_a_title(empty: Path, name: str) -> None:
    sweep = plan_sweep(name, [], networks=4)
    assert {spec.job.study for spec in sweep.specs} == {sweep.file.study}
    assert len({job.title for job in sweep.jobs}) == len(sweep.jobs)
    if isinstance(sweep.file, MultiverseFile):
        assert sweep.multiverse is not None
        assert len(sweep.specs) == 4 * len(sweep.multiverse.arms)
        return
    networks = 1 if sweep.file.array is None else 4
    declared = [spec for spec in sweep.specs if spec.job.choices["treatment"] != "placebo"]
    assert len(declared) == networks * sum(math.prod(map(len, grid.values())) for grid in sweep.file.grids)
    firsts = [job for job in sweep.jobs if not job.replicate]
    stored = name_conditions([with_neutral(scientific_settings(job.params())) for job in firsts])
    assert [job.name for job in firsts] == stored, "a store gives them the same names"


def test_grids_are_joined_and_what_stands_in_two_is_one_job(empty: Path) -> None:
    grids = [
        {"treatment": ["none", "ketamine"]},
        {"treatment": ["ketamine"], "treatment.regrow_fraction": [0.5, 0.7]},
        {"treatment": ["sham"], "treatment.epochs": [15, 30]},
    ]
    write(empty, settings={"cohort": "smoke"}, grid=grids)

    def told(*overrides: str) -> list[str]:
        configs = [spec.job.config["treatment"] for spec in plan_sweep("mine", overrides).specs]
        return [f"{c.get('regrow_fraction', '')} {c.get('epochs', '')}".strip() for c in configs]

    assert told() == ["", "0.5 15", "0.7 15", "15", "30"]
    assert told("treatment.epochs=7") == ["", "0.5 15", "0.7 15", "7"], "only where a grid has the key"
    assert told("treatment.regrow_fraction=0.5,0.6") == ["", "0.5 15", "0.6 15", "15", "30"]
    assert {s.job.arm.baseline for s in plan_sweep("mine", ["seed=3"]).specs} == {
        plan_sweep("mine", ["seed=3"]).specs[0].job.arm.baseline
    }, "what no grid has goes to all"
    assert told("treatment=ketamine,ssri") == ["0.5 15", "100", "0.7 15"], "settings stay with their treatment"
    assert told("treatment=sham") == ["15", "30"]
    assert told("treatment=sham", "treatment.epochs=4") == ["15", "4"]
    with pytest.raises(ConfigError, match=r"4 jobs at once; allowed are 3"):
        plan_sweep("mine", ["max_jobs=3", "treatment.epochs=1,2,3,4"])
    write(empty, settings={}, grid=grids[1:])
    with pytest.raises(ConfigError, match=r"sweep mine: no grid of it has treatment=ssri,none"):
        plan_sweep("mine", ["treatment=ssri,none"])
    write(empty, settings={}, grid=[{"treatment": ["none"]}, {"treatment": []}])
    with pytest.raises(ConfigError, match=r"grid\.treatment=\[\]: needs at least one value"):
        plan_sweep("mine", [])


def test_the_papers_sweep_is_its_four_arms(empty: Path) -> None:
    specs = plan_sweep("paper", []).specs
    assert [spec.job.choices["treatment"] for spec in specs] == ARMS
    assert {spec.job.seeds for spec in specs} == {(42,)}
    assert {spec.job.population.data for spec in specs} == {"shared"}
    assert {spec.job.study for spec in specs} == {"paper"}
    assert len({spec.job.arm.baseline for spec in specs}) == 1


def test_an_override_holds_for_every_job(empty: Path) -> None:
    specs = plan_sweep("paper", ["cohort=pilot", "pathology.sparsity=0.9", "study=other"]).specs
    assert {(len(spec.job.seeds), spec.job.study) for spec in specs} == {(12, "other")}
    assert {spec.job.config["pathology"]["sparsity"] for spec in specs} == {0.9}
    assert len(specs) == 4


def test_the_issues_population(empty: Path) -> None:
    specs = plan_sweep("paper", ["cohort.size=30", "cohort.first_seed=1", "cohort.data=individual"]).specs
    assert {spec.job.seeds for spec in specs} == {tuple(range(1, 31))}


def test_an_override_of_a_grids_key_replaces_its_values(empty: Path) -> None:
    assert [o.job.choices["treatment"] for o in plan_sweep("paper", ["treatment=ssri"]).specs] == ["ssri"]
    chosen = plan_sweep("paper", ["treatment=ssri,none"]).specs
    assert [spec.job.choices["treatment"] for spec in chosen] == ["ssri", "none"]


def test_several_values_make_a_new_axis(empty: Path) -> None:
    specs = plan_sweep("paper", ["pathology.sparsity=0.8,0.9", "treatment=none,ssri"]).specs
    found = [(s.job.choices["treatment"], s.job.config["pathology"]["sparsity"]) for s in specs]
    assert found == [("none", 0.8), ("none", 0.9), ("ssri", 0.8), ("ssri", 0.9)]


def test_a_range_of_seeds_is_an_axis(empty: Path) -> None:
    specs = plan_sweep("paper", ["seed=range(0,3)", "treatment=none"]).specs
    assert [spec.job.seeds for spec in specs] == [(0,), (1,), (2,)]


def test_a_job_that_comes_out_twice_runs_once(empty: Path) -> None:
    assert len(plan_sweep("paper", ["treatment=none", "workers=1,2"]).specs) == 1


@pytest.mark.parametrize(
    ("array", "message"),
    [
        ({"streams": ["init"], "strength": 2}, "array.streams"),
        ({"streams": ["init", "init"], "strength": 2}, "needs 2 streams or more, none twice"),
        ({"streams": ["init", "order"], "strength": 3}, "needs 3 streams or more"),
        ({"streams": ["init", "order"], "strength": 4}, "array.strength"),
    ],
)
def test_an_array_that_there_is_not_is_refused(empty: Path, array: dict[str, Any], message: str) -> None:
    write(empty, settings={"cohort": "pilot", "seed": 0}, grid={"treatment": ["none"]}, array=array)
    with pytest.raises(ConfigError, match=message):
        plan_sweep("mine", [])


def test_an_array_says_which_streams_are_held_and_counts_among_the_jobs(empty: Path) -> None:
    with pytest.raises(ConfigError, match=r"cohort\.hold\.init: the array of the sweep variance_components says"):
        plan_sweep("variance_components", ["cohort.hold.init=3"])
    with pytest.raises(ConfigError, match="256 jobs at once; allowed are 100"):
        plan_sweep("variance_components", ["max_jobs=100"])


def test_two_studies_each_get_their_jobs(empty: Path) -> None:
    specs = plan_sweep("paper", ["treatment=none", "study=a,b"]).specs
    assert [spec.job.study for spec in specs] == ["a", "b"]


def test_a_sweep_of_the_working_directory(empty: Path) -> None:
    write(
        empty,
        settings={
            "treatment": "ketamine",
            "model.hidden": [8, 6],
            "cohort.hold": {"data": None, "init": 1, "order": None},
        },
        grid={
            "treatment.regrow_fraction": [0.25, 0.5],
            "treatment.criterion": ["gradient", "random"],
            "seed": [None, 3],
        },
        study="two words",
    )
    assert {"mine", "paper", "seeds"} <= set(sweep_names())
    specs = plan_sweep("mine", []).specs
    assert len(specs) == 8
    assert {spec.job.study for spec in specs} == {"two words"}
    assert {spec.job.arm.baseline.model.hidden for spec in specs} == {(8, 6)}  # type: ignore[attr-defined]
    assert {spec.job.arm.baseline.hold.init for spec in specs} == {1}
    assert {spec.job.seeds for spec in specs} == {(42,), (3,)}


def test_a_sweep_of_the_working_directory_comes_first(empty: Path) -> None:
    write(empty, "paper", study="mine")
    assert load_sweep("paper").study == "mine"


def test_settings_may_hold_any_plain_value(empty: Path) -> None:
    write(empty, settings={"assessment.internal_noise": [0.5, 1], "training.learning_rate": 1e-5, "chunk": None})
    (spec,) = plan_sweep("mine", []).specs
    (curve,) = [probe for probe in spec.job.arm.steps[0].probes if isinstance(probe, Resilience)]  # type: ignore[attr-defined]
    assert curve.internal_noise == (0.5, 1.0)
    assert spec.job.arm.baseline.training.learning_rate == 1e-5


@pytest.mark.parametrize(
    ("word", "message"),
    [
        ("search.foo=1", f"search.foo=1: {SETTINGS}"),
        ("search.foo.x=5", f"search.foo=5: {SETTINGS}"),
        ("search.fresh.sise=1", "search.fresh.sise=1: unknown key; allowed are size, first_seed (did you mean size?)"),
        ("search.objectives=[{metric:x,magic:1}]", f"search.objectives[0].magic=1: {OBJECTIVE}"),
        ("search.objectives.0.metric=x", "search.objectives.0.metric=x: no such key; allowed is "
         "search.objectives=value, as a whole"),
        ("search.n_trials.x=5", "search.n_trials.x=5: no such key; allowed is search.n_trials=value, as a whole"),
        ("search.sampler.seed=-1", "search.sampler.seed=-1: must be greater than or equal to 0"),
    ],
)  # fmt: skip
def test_a_wrong_setting_of_a_search_is_told_what_is_allowed_there(empty: Path, word: str, message: str) -> None:
    with pytest.raises(ConfigError) as told:
        plan_search_sweep("search_ketamine", [word], "")
    assert message in str(told.value).splitlines()


@pytest.mark.parametrize("word", ["hydra/launcher=submitit_slurm", "hydra.sweep.dir=x", "+hydra.sweeper.x=1"])
def test_keys_of_hydras_own_are_refused(empty: Path, word: str) -> None:
    refused = rf"{re.escape(word)}: of no effect on a sweep, .*; depsim run -m takes it"
    with pytest.raises(ConfigError, match=refused):
        plan_sweep("paper", [word])
    with pytest.raises(ConfigError, match=refused):
        plan_search_sweep("search_ketamine", [word], "")
    write(empty, settings={"hydra.sweep.dir": "x"})
    with pytest.raises(ConfigError, match=r"hydra\.sweep\.dir=x: of no effect on a sweep"):
        plan_sweep("mine", [])


def test_a_search_is_no_grid(empty: Path) -> None:
    assert is_search("search_ketamine")
    with pytest.raises(ConfigError, match="search_ketamine: a search, no grid"):
        plan_sweep("search_ketamine", [])


@pytest.mark.parametrize(
    ("grid", "said"),
    [
        (
            {"treatment": ["none", "ketamine"], "treatment.epochs": [3]},
            "epochs=3: unknown key; treatment=none has no keys.",
        ),
        (
            {"treatment": ["ketamine", "ssri"], "treatment.criterion": ["random"]},
            "criterion=random: unknown key of treatment=ssri; allowed",
        ),
    ],
)
def test_a_setting_that_some_choices_lack_needs_a_grid_of_its_own(grid: dict[str, Any], said: str, empty: Path) -> None:
    write(empty, grid=grid)
    with pytest.raises(ConfigError, match=re.escape(f"treatment.{said}")) as caught:
        plan_sweep("mine", [])
    assert str(caught.value).endswith(". Where only some choices have a setting, write a list of grids")


def test_an_unknown_sweep_is_answered_with_those_that_there_are(empty: Path) -> None:
    with pytest.raises(
        ConfigError, match=r"papers: no such sweep; there are .*paper, .*withdrawal \(did you mean paper\?\)$"
    ):
        plan_sweep("papers", [])


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"grid": {"treatment": []}}, r"grid\.treatment=\[\]: needs at least one value"),
        ({"grid": {"treatment": "none"}}, r"grid\.treatment=none: must be a valid list"),
        ({"grid": ["treatment"]}, "grid"),
        ({"question": 3}, "question=3"),
        ({"report": "paper"}, "report=paper: must be a valid list"),
        ({"placebo": "two"}, "placebo=two: must be"),
        ({"extra": 1}, "extra=1: unknown key; allowed are question, study, settings, grid, report, placebo, array"),
        ({"grid": {"treatment": ["prozac"]}}, "treatment=prozac: unknown choice"),
        ({"settings": {"nonsense": 1}}, "nonsense=1: unknown key"),
        ({"settings": {"pathology.sparsity": 1.2}}, r"pathology\.sparsity=1\.2"),
        ({"settings": {"seed": "abc"}}, "seed=abc"),
        ({"settings": {3: 4}}, "3"),
    ],
)
def test_a_wrong_file_is_refused(empty: Path, changes: dict[str, object], message: str) -> None:
    write(empty, **changes)
    with pytest.raises(ConfigError, match=message):
        plan_sweep("mine", [])


@pytest.mark.parametrize("text", ["question: [", "", "just words", "- a\n- b\n", "question: Why?\n"])
def test_what_is_no_sweep_is_refused(empty: Path, text: str) -> None:
    (empty / "sweeps").mkdir()
    (empty / "sweeps" / "mine.yaml").write_text(text)
    with pytest.raises(ConfigError):
        plan_sweep("mine", [])


def test_the_readmes_sweep_of_ones_own_is_one(empty: Path) -> None:
    (text,) = re.findall(
        r"```yaml\n(\s*question: .*?)```", (Path(__file__).parents[2] / "README.md").read_text(), re.DOTALL
    )
    (empty / "sweeps").mkdir()
    (empty / "sweeps" / "learning_rates.yaml").write_text(dedent(text))
    found = plan_sweep("learning_rates", ["cohort.size=2"])
    rates = [spec.job.config["treatment"]["learning_rate"] for spec in found.specs]
    assert rates == [1e-5, 1e-4, 5e-4, 1e-3]
    assert {(spec.job.choices["treatment"], len(spec.job.seeds)) for spec in found.specs} == {("ketamine", 2)}
