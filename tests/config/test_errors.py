"""A wrong configuration gives one message and exit code 2, before anything starts and with nothing written."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import torch
from pydantic import BaseModel, ValidationError

from depsim.config import prepare
from depsim.config.errors import explain_validation
from tests.jobs import depsim
from tests.pairs import every_value

pytestmark = pytest.mark.slow  # whole commands

WRONG: list[tuple[tuple[str, ...], str, str, str]] = [
    # overrides, key, value, what is allowed
    (("pathology.sparsity=1.2",), "pathology.sparsity", "1.2", "less than or equal to 1"),
    (("pathology.sparsity=-0.1",), "pathology.sparsity", "-0.1", "greater than or equal to 0"),
    (("pathology.sparsity=.nan",), "pathology.sparsity", ".nan", ""),
    (("pathology.sparsity=lots",), "pathology.sparsity", "lots", "number"),
    (("pathology.criterion=taste",), "pathology.criterion", "taste", "magnitude, random"),
    (("cohort.size=0",), "cohort.size", "0", "greater than or equal to 1"),
    (("cohort.size=two",), "cohort.size", "two", "integer"),
    (("cohort.size=2.5",), "cohort.size", "2.5", "integer"),
    (("cohort.size=true",), "cohort.size", "true", "integer"),
    (("cohort.data=own",), "cohort.data", "own", "'shared' or 'individual'"),
    (("cohort.seeds=[]",), "cohort.seeds", "[]", "at least 1"),
    (("cohort.seeds=[1,1]",), "cohort.seeds", "[1, 1]", "twice"),
    (("cohort.seeds=[1,x]",), "cohort.seeds[1]", "x", "integer"),
    (("cohort.seeds=[-1]",), "cohort.seeds[0]", "-1", "greater than or equal to 0"),
    (("cohort.first_seed=4294966", "cohort.size=2"), "cohort", "4294967", "4294966"),
    (("cohort.hold.data=3",), "cohort.hold.data", "3", "cohort.data"),
    (("cohort.hold.init=x",), "cohort.hold.init", "x", "integer"),
    (("cohort.seeds=[1,2]", "cohort.size=2"), "cohort.seeds", "[1", "not both"),
    (("cohort.seeds=[1,2]", "cohort.first_seed=2"), "cohort.seeds", "[1", "not both"),
    (("seed=1", "cohort.size=2"), "cohort.size", "seed=1", "one individual"),
    (("seed=1", "cohort.first_seed=2"), "cohort.first_seed", "seed=1", "one individual"),
    (("seed=1", "cohort.seeds=[2]"), "cohort.seeds", "seed=1", "one individual"),
    (("seed=abc",), "seed", "abc", "integer"),
    (("seed=-1",), "seed", "-1", "greater than or equal to 0"),
    (("seed=4294967",), "seed", "4294967", "4294966"),
    (("seed=1.5",), "seed", "1.5", "integer"),
    (("assessment.internal_noise=[]",), "assessment.internal_noise", "[]", "at least 1"),
    (("assessment.internal_noise=0.5",), "assessment.internal_noise", "0.5", ""),
    (("assessment.internal_noise=[0.5,0.3]",), "assessment.internal_noise", "[0.5,0.3]", "rise"),
    (("assessment.internal_noise=[0,1]",), "assessment.internal_noise[0]", "0", "greater than 0"),
    (("assessment.input_noise=-1",), "assessment.input_noise", "-1", "greater than or equal to 0"),
    (("assessment.further_pruning=2",), "assessment.further_pruning", "2", "less than or equal to 1"),
    (("training.epochs=-1",), "training.epochs", "-1", "greater than or equal to 0"),
    (("training.epochs=many",), "training.epochs", "many", "integer"),
    (("training.learning_rate=0",), "training.learning_rate", "0", "greater than 0"),
    (("training.learning_rate=.inf",), "training.learning_rate", "inf", "number"),
    (("pathology=hyperexcitable", "pathology.noise_mean=.inf"), "pathology.noise_mean", "inf", "number"),
    (("training.batch_size=0",), "training.batch_size", "0", "greater than or equal to 1"),
    (("task.spread=-0.8",), "task.spread", "-0.8", "greater than or equal to 0"),
    (("task.train_size=0",), "task.train_size", "0", "greater than or equal to 1"),
    (("model.hidden=[]",), "model.hidden", "[]", "at least 1"),
    (("model.hidden=[0]",), "model.hidden[0]", "0", "greater than or equal to 1"),
    (("model.hidden=wide",), "model.hidden", "wide", ""),
    (("treatment=ssri", "treatment.epochs=-1"), "treatment.epochs", "-1", "greater than or equal to 0"),
    (("treatment=ketamine", "treatment.regrow_fraction=1.5"), "treatment.regrow_fraction", "1.5", "less than or equal"),
    (("treatment=ketamine", "treatment.criterion=hope"), "treatment.criterion", "hope", "gradient, random"),
    (("treatment=ketamine", "treatment.scoring_batches=0"), "treatment.scoring_batches", "0", "greater than"),
    (("treatment=neurosteroid", "treatment.bounded=maybe"), "treatment.bounded", "maybe", "boolean"),
    (("workers=0",), "workers", "0", "greater than or equal to 1"),
    (("chunk=-1",), "chunk", "-1", "greater than or equal to 1"),
    (("cache_limit_gib=0",), "cache_limit_gib", "0", "greater than 0"),
    (("device=gpu",), "device", "gpu", "cpu, cuda or cuda:K"),
    (("device=1",), "device", "1", ""),
    (("study=",), "study", "", ""),
    (("study=null",), "study", "null", "string"),
    # sizes that no machine holds, and batches that no training set fills
    (("training.epochs=1000001",), "training.epochs", "1000001", "less than or equal to 1000000"),
    (("treatment=ssri", "treatment.epochs=1000001"), "treatment.epochs", "1000001", "less than or equal to 1000000"),
    (("task.train_size=100000001",), "task.train_size", "100000001", "less than or equal to 100000000"),
    (("task.test_size=1e12",), "task.test_size", "1000000000000", "integer"),
    (("model.hidden=[100000001]",), "model.hidden[0]", "100000001", "less than or equal to 100000000"),
    (
        ("executor=dask", "workers=2"),
        "workers",
        "2",
        "executor=dask has workers of its own; allowed with executor=local",
    ),
    (("executor=dask", "executor.address=nowhere"), "executor.address", "nowhere", "tcp"),
    (("executor=dask", "executor.task_minutes=0"), "executor.task_minutes", "0", "greater than 0"),
    (("executor=submitit", "executor.cluster=pbs"), "executor.cluster", "pbs", "'slurm' or 'local'"),
    (("training.batch_size=12001",), "training.batch_size", "12001", "must be at most task.train_size=12000"),
    (("task.train_size=100",), "training.batch_size", "128", "must be at most task.train_size=100"),
    (("max_jobs=0",), "max_jobs", "0", "greater than or equal to 1"),
    (("study=Default",), "study", "Default", "allowed is another name"),
    # unknown keys
    (("nonsense=1",), "nonsense", "1", "training"),
    (("cohort.sise=3",), "cohort.sise", "3", "did you mean size?"),
    (("modle.hidden=[8]",), "modle.hidden", "[8]", "did you mean model?"),
    (("training.epoch=8",), "training.epoch", "8", "did you mean epochs?"),
    (("pathology.depth=1",), "pathology.depth", "1", "sparsity, criterion"),
    (("treatment=ssri", "treatment.regrow_fraction=0.5"), "treatment.regrow_fraction", "0.5", "initial_noise"),
    (("treatment.epochs=2",), "treatment.epochs", "2", "treatment=none has no keys"),
    (("+treatment.epochs=2",), "treatment.epochs", "2", "no"),
    (("++cohort.sise=3",), "cohort.sise", "3", "first_seed"),
    (("+nonsense=1",), "nonsense", "1", "study"),
    (("tracking.address=here",), "tracking.address", "here", "no keys"),
    (("seed.x=1",), "seed.x", "1", ""),
    (("~training.epochs",), "training.epochs", "", "missing"),
    # unknown choices
    (("treatment=prozac",), "treatment", "prozac", "bridge, combination, handover, ketamine, "),
    (("pathology=overprunning",), "pathology", "overprunning", "did you mean overpruning?"),
    (("cohort=huge",), "cohort", "huge", "large, paper, pilot, smoke, standard"),
    (("model=cnn",), "model", "cnn", "mlp"),
    (("task=xor",), "task", "xor", "four_clusters"),
    (("assessment=none",), "assessment", "none", "paper"),
    (("tracking=paper",), "tracking", "paper", "mlflow, none"),
    (("experiment=x",), "experiment", "x", "mild_pruning"),
    # a group in place of a value and the other way round
    (("training=3",), "training", "3", ""),
    (("model=null",), "model", "null", ""),
    (("training.epochs=[1]",), "training.epochs", "[1]", "integer"),
    (("training.epochs={a:1}",), "training.epochs", "", "integer"),
    (("task.train_size=null",), "task.train_size", "null", "integer"),
]
IDS = [" ".join(case[0]) for case in WRONG]
ALSO_IN_A_SWEEP = {
    "pathology.sparsity", "cohort.hold.data", "task.spread", "nonsense", "treatment", "treatment.epochs",
}  # fmt: skip
"""Keys whose wrong values are tried with ``depsim sweep`` as well: it composes as ``depsim run`` does."""


def assert_one_message(code: int, said: str, empty: Path) -> str:
    assert code == 2, said
    assert "Traceback" not in said
    lines = said.splitlines()
    assert len(lines) == 1, said
    assert lines[0].startswith("depsim: ")
    assert "_target_" not in lines[0]
    assert list(empty.iterdir()) == []
    return lines[0].removeprefix("depsim: ")


@pytest.mark.parametrize(
    ("command", "overrides", "key", "value", "allowed"),
    [
        pytest.param(command, *case, id=f"{command[0]} {name}", marks=[pytest.mark.slow] * (command != ("run",)))
        for command in (("run",), ("sweep", "paper"))
        for name, case in zip(IDS, WRONG, strict=True)
        if command == ("run",) or case[1] in ALSO_IN_A_SWEEP
    ],
)
def test_one_message_names_key_value_and_what_is_allowed(
    command: tuple[str, ...],
    overrides: tuple[str, ...],
    key: str,
    value: str,
    allowed: str,
    empty: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    needs_no_treatment = any(o.lstrip("+").startswith("treatment.") for o in overrides) and len(overrides) == 1
    extra = ("treatment=none",) if needs_no_treatment and command[0] == "sweep" else ()
    said = assert_one_message(depsim(*command, *overrides, *extra), capsys.readouterr().err, empty)
    assert key in said
    assert value.strip(".") in said
    assert allowed in said


POINTS = [
    ("pathology.sparsity=0.9,1.2", "pathology.sparsity=1.2"),
    ("treatment=ketamine,prozac", "treatment=prozac"),
    ("seed=0,abc", "seed=abc"),
    ("training.epochs=1,-1", "training.epochs=-1"),
    ("cohort.size=1,0", "cohort.size=0"),
    ("assessment.internal_noise=[0.5],[]", "assessment.internal_noise=[]"),
    ("'model.hidden=[4],[0]'", ""),
    ("device=cpu,gpu", "device=gpu"),
    ("nonsense=1,2", "nonsense=1"),
]


@pytest.mark.slow
@every_value(point=POINTS, command=[("run", "-m"), ("sweep", "paper"), ("run", "--multirun")])
def test_all_points_are_checked_before_the_first_starts(
    command: tuple[str, ...], point: tuple[str, str], empty: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    override, mentioning = point
    assert mentioning in assert_one_message(depsim(*command, override), capsys.readouterr().err, empty)


def test_the_largest_allowed_values() -> None:
    largest = [
        "training.epochs=1000000",
        "task.train_size=100000000",
        "training.batch_size=100000000",
        "model.hidden=[100000000]",
    ]
    assert prepare([*largest, "study=default"]).job.study == "default"
    assert prepare(["training.batch_size=12000"]).job.arm.baseline.training.batch_size == 12000


@pytest.mark.parametrize("key", ["n_trials", "batch"])
def test_a_search_has_at_most_a_hundred_thousand_trials(
    key: str, empty: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    said = assert_one_message(
        depsim("sweep", "search_ketamine", f"search.{key}=100001"), capsys.readouterr().err, empty
    )
    assert said == f"search.{key}=100001: must be less than or equal to 100000"


def test_a_grid_of_too_many_points(empty: Path, capsys: pytest.CaptureFixture[str]) -> None:
    space = ["treatment.epochs=range(1,400)", "treatment.regrow_fraction=range(0.1,0.9,0.001)"]
    code = depsim(
        "sweep", "search_ketamine", "--dry-run", "search.sampler=GridSampler", "treatment.learning_rate=0.001", *space
    )
    said = assert_one_message(code, capsys.readouterr().err, empty)
    assert "points; allowed are 100,000" in said


def test_an_interval_has_no_points_for_a_multirun(empty: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code = depsim("run", "-m", "pathology.sparsity=interval(0.1,0.9)")
    assert "interval" in assert_one_message(code, capsys.readouterr().err, empty)


def test_an_interval_has_no_points_for_a_sweep(empty: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code = depsim("sweep", "paper", "pathology.sparsity=interval(0.1,0.9)")
    assert "interval" in assert_one_message(code, capsys.readouterr().err, empty)


def test_several_values_need_a_multirun(empty: Path, capsys: pytest.CaptureFixture[str]) -> None:
    said = assert_one_message(depsim("run", "seed=1,2"), capsys.readouterr().err, empty)
    assert "seed=1,2" in said
    assert "depsim run -m" in said


@every_value(
    override=["cohort", "=3", "a b=3", "seed=[1", "--=1", "seed=${"],
    command=[("run",), ("run", "-m"), ("sweep", "paper"), ("sweep", "paper"), ("run",)],
)
def test_what_is_no_override_is_said_to_be_none(
    command: tuple[str, ...], override: str, empty: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code = depsim(*command, override)
    said = capsys.readouterr().err
    assert code == 2
    assert "Traceback" not in said
    assert override.strip("-=") in said
    assert list(empty.iterdir()) == []


@pytest.mark.parametrize("command", [("run",), ("run", "-m"), ("sweep", "paper")], ids=" ".join)
def test_no_cuda_device_is_said_before_anything_starts(
    command: tuple[str, ...], empty: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    for device in ("cuda", "cuda:0"):
        said = assert_one_message(depsim(*command, f"device={device}"), capsys.readouterr().err, empty)
        assert said.startswith(f"device={device}: ")
        assert "use cpu" in said


def test_a_chunk_that_does_not_fit_is_refused_with_what_would(
    empty: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("depsim.execution.device.free_bytes", lambda _: 2**30)
    words = ("run", "cohort=large", "workers=2", "chunk=100")
    said = assert_one_message(depsim(*words), capsys.readouterr().err, empty)
    assert "chunk=100" in said
    most = int(re.search(r"at most (\d+)", said)[1])  # type: ignore[index]
    assert 1 <= most < 100
    prepare([*words[1:3], f"chunk={most}"])
    prepare(["cohort=smoke", "chunk=100"])  # a chunk is never larger than the cohort


def test_a_gpu_that_is_not_there_and_workers_on_one(
    empty: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 1)
    said = assert_one_message(depsim("run", "device=cuda:1"), capsys.readouterr().err, empty)
    assert "device=cuda:1" in said
    said = assert_one_message(depsim("run", "device=cuda", "workers=2"), capsys.readouterr().err, empty)
    assert "workers=2" in said


def test_a_folder_that_is_not_there(empty: Path, capsys: pytest.CaptureFixture[str]) -> None:
    said = assert_one_message(depsim("run", "--config-dir", "nowhere"), capsys.readouterr().err, empty)
    assert "nowhere" in said


def test_everything_wrong_with_a_part_is_said_at_once(empty: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert depsim("run", "training.epochs=-1", "training.batch_size=0") == 2
    said = capsys.readouterr().err.splitlines()
    assert [line.partition("=")[0] for line in said] == ["depsim: training.epochs", "depsim: training.batch_size"]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (
            ["hydra/sweeper=depsim_optuna", "hydra.sweeper.foo=1"],
            "hydra.sweeper.foo=1: unknown key; allowed are space, objectives",
        ),
        (["hydra/sweeper=depsim_optuna", "hydra.sweeper.sampler.sed=1"], "(did you mean seed?)"),
    ],
)
def test_a_key_that_a_search_does_not_have(
    words: list[str], message: str, empty: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code = depsim("run", "-m", *words, "treatment=ketamine,ssri")
    said = assert_one_message(code, capsys.readouterr().err, empty)
    assert message in said
    assert "+hydra" not in said


class OneOfSeveral(BaseModel):
    amount: int | float | str


def test_what_may_be_of_several_kinds_is_named_by_its_key_alone() -> None:
    with pytest.raises(ValidationError) as refused:
        OneOfSeveral.model_validate({"amount": [1]})
    said = str(explain_validation(refused.value, "mine", OneOfSeveral)).splitlines()
    assert len(said) == 3
    assert {line.partition("=")[0] for line in said} == {"mine.amount"}
