"""From words to typed values."""

from __future__ import annotations

import shlex
from pathlib import Path

import pytest
from hydra.core.global_hydra import GlobalHydra

from depsim.config import Composer, ConfigError, parse_overrides, prepare
from depsim.execution.job import Job, scientific_settings
from depsim.pathology import NoPathology, Overpruning, Pathology
from depsim.population import Hold
from depsim.protocol import Arm, plan_arm
from depsim.registry import own_folder
from depsim.steps import Endow, Regrow
from depsim.study.stored import stored_arm_key
from depsim.tracking import MlflowTracking, NoTracking
from depsim.treatment import NoTreatment, Treatment
from tests.contracts.choices import build, names


def planned(job: Job, pathology: Pathology, treatment: Treatment) -> Arm:
    return plan_arm(job.arm.baseline, pathology, treatment, build("assessment", "paper"))


def test_the_default_is_the_papers_untreated_individual() -> None:
    job = prepare([]).job
    assert (job.seeds, job.population.data, job.study, job.device_kind) == ((42,), "shared", "runs", "cpu")
    assert job.arm == planned(job, Overpruning(sparsity=0.95, criterion="magnitude"), NoTreatment())
    assert job.arm.baseline.hold == Hold(data=None, train=None, test=None, init=None, order=None)
    assert job.arm.baseline.training.epochs == 20
    assert isinstance(prepare([]).tracking, MlflowTracking)


@pytest.mark.parametrize(
    ("cohort", "size", "first", "data"),
    [
        ("paper", 1, 42, "shared"),
        ("smoke", 3, 0, "individual"),
        ("pilot", 12, 0, "individual"),
        ("standard", 50, 0, "individual"),
        ("large", 200, 0, "individual"),
    ],
)
def test_the_cohorts(cohort: str, size: int, first: int, data: str) -> None:
    job = prepare([f"cohort={cohort}"]).job
    assert job.seeds == tuple(range(first, first + size))
    assert (job.population.data, job.arm.baseline.data) == (data, data)


@pytest.mark.parametrize(
    ("overrides", "seeds"),
    [
        (["cohort=pilot", "seed=7"], (7,)),
        (["seed=0"], (0,)),
        (["cohort.seeds=[9,1,5]"], (9, 1, 5)),
        (["cohort=pilot", "cohort.seeds=[3]"], (3,)),
        (["cohort.size=2"], (42, 43)),
        (["cohort=pilot", "cohort.size=2", "cohort.first_seed=5"], (5, 6)),
        (["seed=null", "cohort=smoke"], (0, 1, 2)),
        (["cohort.first_seed=4294966"], (4294966,)),
    ],
)
def test_who_is_simulated(overrides: list[str], seeds: tuple[int, ...]) -> None:
    assert prepare(overrides).job.seeds == seeds


def test_a_seed_keeps_the_cohorts_data() -> None:
    alone, cohort = prepare(["seed=2", "cohort=pilot"]).job, prepare(["cohort=pilot"]).job
    assert alone.arm == cohort.arm
    assert alone.run_key(2) == cohort.run_key(2)
    assert prepare(["seed=2"]).job.population.data == "shared"


def test_values_are_typed_and_frozen() -> None:
    job = prepare(["treatment=ketamine", "treatment.regrow_fraction=0.25", "model.hidden=[8]"]).job
    (regrow,) = [step for step in job.arm.steps if isinstance(step, Regrow)]
    assert regrow.fraction == 0.25
    assert job.arm.baseline.model.hidden == (8,)  # type: ignore[attr-defined]
    with pytest.raises(ValueError, match="frozen"):
        job.arm.baseline.model.hidden = (9,)  # type: ignore[attr-defined]
    with pytest.raises(AttributeError, match="cannot assign"):
        regrow.fraction = 0.5  # type: ignore[misc]


def test_an_integer_is_a_number_too() -> None:
    assert prepare(["pathology.sparsity=1"]).job.arm == prepare(["pathology.sparsity=1.0"]).job.arm


@pytest.mark.slow
@pytest.mark.parametrize("group", ["cohort", "experiment"])
def test_every_choice_that_is_no_component_can_be_prepared(group: str) -> None:  # tests/contracts builds the others
    for name in names(group):
        spec = prepare([f"{group}={name}"])
        assert spec.job.choices[group] == name


@pytest.mark.slow  # composes four jobs
def test_an_experiment_is_a_set_of_choices() -> None:
    job = prepare(["experiment=mild_pruning"]).job
    assert (job.study, job.choices["treatment"], len(job.seeds)) == ("mild_pruning", "ketamine", 12)
    assert job.arm == planned(job, Overpruning(sparsity=0.8, criterion="magnitude"), build("treatment", "ketamine"))
    assert prepare(["experiment=one_dataset"]).job.arm.baseline.hold.data == 0
    healthy = prepare(["pathology=none"]).job
    assert healthy.arm == planned(healthy, NoPathology(), NoTreatment())


def test_without_tracking_nothing_is_stored() -> None:
    spec = prepare(["tracking=none"])
    assert spec.tracking == NoTracking()
    assert spec.resources.store is None
    stored = prepare(["cache_limit_gib=0.5"]).resources.store
    assert stored is not None
    assert (stored.folder, stored.limit_bytes) == (Path("mlruns/cache/healthy").absolute(), 2**29)


def test_resources_are_not_part_of_the_condition() -> None:
    one, other = prepare(["workers=1", "chunk=3", "study=a"]), prepare(["workers=2", "study=b", "cache_limit_gib=1"])
    assert one.job.arm == other.job.arm
    assert one.job.job_key == other.job.job_key
    assert (one.resources.workers, one.resources.chunk) == (1, 3)


def test_the_last_of_several_overrides_counts() -> None:
    assert prepare(["seed=1", "seed=2"]).job.seeds == (2,)
    assert prepare(["treatment=ssri", "treatment=none"]).job.choices["treatment"] == "none"


@pytest.mark.parametrize(
    "overrides",
    [
        ["study='my study'", "seed=1"],
        ["study=a+b", "model.hidden=[16,12]"],
        ["cohort.seeds=[1,2,3]", "treatment=ssri"],
        ["cohort=smoke", "cohort.hold={data:0,init:null,order:null}"],
        ['study="two words"'],
    ],
)
def test_the_command_that_runs_a_job_again_can_be_typed(overrides: list[str]) -> None:
    job = prepare(overrides).job
    program, command, *words = shlex.split(job.command)
    assert (program, command) == ("depsim", "run")
    again = prepare(words).job
    assert (again.job_key, again.study) == (job.job_key, job.study)


def test_a_folder_of_ones_own_adds_choices(tmp_path: Path) -> None:
    (tmp_path / "treatment").mkdir()
    (tmp_path / "treatment" / "mine.yaml").write_text(
        "_target_: depsim.treatment.TonicInhibition\n"
        "damping_factor: 0.5\nbounded: false\nepochs: 1\nlearning_rate: 0.001\n"
    )
    spec = prepare(["treatment=mine"], Composer(str(tmp_path)))
    assert spec.job.choices["treatment"] == "mine"
    with pytest.raises(ConfigError, match="mine: unknown choice"):
        prepare(["treatment=mine"])
    with pytest.raises(
        ConfigError, match=r"allowed are bridge, .*, ladder, mine, neurosteroid, neurosteroid_gain, none"
    ):
        prepare(["treatment=yours"], Composer(str(tmp_path)))


def test_a_cohort_file_from_before_a_key_came_is_still_one(tmp_path: Path) -> None:
    (tmp_path / "cohort").mkdir()
    (tmp_path / "cohort" / "mine.yaml").write_text(
        "size: 2\nfirst_seed: 5\nseeds: null\ndata: individual\nhold: {data: null, init: null, order: null}\n"
    )
    mine = prepare(["cohort=mine"], Composer(str(tmp_path))).job
    same = prepare(["cohort=pilot", "cohort.size=2", "cohort.first_seed=5"]).job
    assert (mine.job_key, mine.population) == (same.job_key, same.population)


def test_the_command_names_the_folder_of_ones_own(tmp_path: Path) -> None:
    (tmp_path / "treatment").mkdir()
    (tmp_path / "treatment" / "mine.yaml").write_text("_target_: depsim.treatment.NoTreatment\n")
    assert str(tmp_path) in prepare(["treatment=mine"], Composer(str(tmp_path))).job.command


def test_hydra_is_left_as_it_was_found() -> None:
    prepare([])
    assert not GlobalHydra.instance().is_initialized()
    with pytest.raises(ConfigError):
        prepare(["treatment=prozac"])
    assert not GlobalHydra.instance().is_initialized()


def test_overrides_are_read_one_by_one() -> None:
    assert [o.key_or_group for o in parse_overrides(["a.b=1", "+c=2", "~d"])] == ["a.b", "c", "d"]
    with pytest.raises(ConfigError, match=r"seed=\[1: cannot be read"):
        parse_overrides(["seed=[1"])


@pytest.mark.parametrize("name", ["conf", "sweeps"])
def test_the_folders_are_there(name: str) -> None:
    assert list(own_folder(name).rglob("*.yaml"))


def test_a_trait_without_effect_is_refused_by_its_key_and_the_pathology() -> None:
    words = ["tracking=none", "cohort.traits.structural_loss.omega=0.4"]
    assert prepare(words).job.arm.steps[0] == Endow(prepare(words).job.population.traits, 0.95)
    with pytest.raises(ConfigError, match=r"pathology=hyperexcitable: cohort\.traits\.structural_loss has no effect"):
        prepare([*words, "pathology=hyperexcitable"])


def test_traits_of_somebody_elses_are_refused() -> None:
    with pytest.raises(ConfigError, match=r"cohort\.traits\.plasticity\.values names 8, who is none of the cohort's"):
        prepare(["tracking=none", "cohort=smoke", "cohort.traits.plasticity.values={8: 2}"])


def test_what_is_given_to_single_individuals_is_one_setting_and_part_of_the_conditions_name() -> None:
    words = ["tracking=none", "cohort=smoke", "cohort.traits.plasticity.values={1: 2.0}"]
    job = prepare(words).job
    assert job.params()["cohort.traits.plasticity.values"] == "{1: 2.0}"
    assert stored_arm_key(scientific_settings(job.params())) == job.arm_key
    plain = prepare(words[:2]).job
    assert plain.job_key != job.job_key
    assert plain.run_key(1) != job.run_key(1)
