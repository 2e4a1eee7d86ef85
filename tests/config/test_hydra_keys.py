"""What is not on the list of Hydra's keys is refused, on the command line and in every file, before Hydra acts."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from depsim.config import Composer, ConfigError, parse_overrides
from tests.jobs import depsim, tiny
from tests.pairs import every_value

pytestmark = pytest.mark.slow  # whole commands

GLOBAL = "# @package _global_\n"
TARGET = "tests.config.foreign.Callback"
FILES = {
    # file: its text, the choice that reads it, the key that the message names
    "experiment/preload.yaml": (
        f"{GLOBAL}hydra: {{job: {{env_set: {{LD_PRELOAD: x.so}}}}}}\n",
        "hydra.job.env_set.LD_PRELOAD=x.so",
    ),
    "experiment/store.yaml": (
        f"{GLOBAL}hydra: {{job: {{env_set: {{MLFLOW_TRACKING_URI: 'sqlite:////tmp/x.db'}}}}}}\n",
        "hydra.job.env_set.MLFLOW_TRACKING_URI=sqlite:////tmp/x.db",
    ),
    "experiment/copied.yaml": (f"{GLOBAL}hydra: {{job: {{env_copy: [HOME]}}}}\n", "hydra.job.env_copy[0]=HOME"),
    "experiment/moved.yaml": (f"{GLOBAL}hydra: {{job: {{chdir: true}}}}\n", "hydra.job.chdir=True"),
    "experiment/folder.yaml": (f"{GLOBAL}hydra: {{run: {{dir: /tmp/there}}}}\n", "hydra.run.dir=/tmp/there"),
    "experiment/axes.yaml": (
        f"{GLOBAL}hydra: {{sweeper: {{params: {{seed: '1,2'}}}}}}\n",
        "hydra.sweeper.params.seed=1,2",
    ),
    "experiment/words.yaml": (f"{GLOBAL}hydra: {{help: {{app_name: x}}}}\n", "hydra.help.app_name=x"),
    "experiment/mode.yaml": (f"{GLOBAL}hydra: {{mode: MULTIRUN}}\n", "hydra.mode=RunMode.MULTIRUN"),
    "experiment/nothing_called.yaml": (f"{GLOBAL}hydra: {{callbacks: {{x: {{}}}}}}\n", "hydra.callbacks.x={}"),
    "treatment/elsewhere.yaml": ("# @package hydra.job.env_set\nA: b\n", "hydra.job.env_set.A=b"),
    "experiment/placed.yaml": (
        f"{GLOBAL}defaults:\n  - /treatment@hydra.job.env_set: none\n",
        "hydra.job.env_set._target_=",
    ),
    "experiment/inner_object.yaml": (
        f"{GLOBAL}defaults:\n  - override /hydra/sweeper: depsim_optuna\n"
        f"hydra: {{sweeper: {{sampler: {{_target_: {TARGET}}}}}}}\n",
        "hydra.sweeper.sampler._target_=",
    ),
    "experiment/shell.yaml": (
        f"{GLOBAL}defaults:\n  - override /hydra/launcher: submitit_slurm\nhydra: {{launcher: {{setup: [touch x]}}}}\n",
        "hydra.launcher.setup[0]=touch x",
    ),
    "experiment/two_lines.yaml": (
        f"{GLOBAL}defaults:\n  - override /hydra/launcher: submitit_slurm\n"
        'hydra: {launcher: {partition: "cpu\\ntouch x"}}\n',
        "hydra.launcher.partition=cpu touch x",
    ),
    "experiment/resolved.yaml": (
        f"{GLOBAL}hydra: {{job: {{name: '${{oc.env:HOME}}'}}}}\n",
        "hydra.job.name=${oc.env:HOME}",
    ),
    "experiment/loud.yaml": (f"{GLOBAL}hydra: {{verbose: 5}}\n", "hydra.verbose=5"),
    "experiment/no_folder.yaml": (f"{GLOBAL}hydra: {{sweep: {{dir: '${{seed}}'}}}}\n", "hydra.sweep.dir=${seed}"),
    "experiment/none_at_once.yaml": (
        f"{GLOBAL}hydra: {{sweeper: {{max_batch_size: 0}}}}\n",
        "hydra.sweeper.max_batch_size=0",
    ),
}


@pytest.fixture
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("config")
    for name, (text, _) in FILES.items():
        (root / name).parent.mkdir(exist_ok=True)
        (root / name).write_text(text)
    return root


@pytest.mark.parametrize("file", FILES)
def test_a_file_is_named_with_the_key_that_it_may_not_set(file: str, folder: Path) -> None:
    group, _, choice = file.removesuffix(".yaml").partition("/")
    before = dict(os.environ)
    with pytest.raises(ConfigError) as told:
        Composer(str(folder)).compose(parse_overrides([f"{group}={choice}"]))
    assert str(told.value).startswith(f"{folder / file}: {FILES[file][1]}")
    assert len(str(told.value).splitlines()) == 1
    assert dict(os.environ) == before


@pytest.mark.parametrize(
    "flags", [(), ("-m",), ("--cfg", "job"), ("--cfg=hydra",), ("--help",), ("--info",)], ids=" ".join
)
@pytest.mark.parametrize("choice", ["preload", "axes", "folder"])
def test_nothing_is_run_or_shown_with_such_a_file(
    flags: tuple[str, ...], choice: str, folder: Path, empty: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert depsim("run", *flags, "--config-dir", str(folder), f"experiment={choice}", *tiny("none", "seed=1")) == 2
    heard = capsys.readouterr()
    assert heard.out == ""
    assert heard.err.startswith(f"depsim: {folder}/experiment/{choice}.yaml: hydra.")
    assert list(empty.iterdir()) == []


def test_a_plugins_files_are_no_better(plugin: str) -> None:
    conf = Path(__import__(plugin).__file__).parent / "conf" / "experiment"
    conf.mkdir(exist_ok=True)
    (conf / "preload.yaml").write_text(FILES["experiment/preload.yaml"][0])
    with pytest.raises(ConfigError, match=r"preload\.yaml: hydra\.job\.env_set\.LD_PRELOAD=x\.so"):
        Composer().compose(parse_overrides(["experiment=preload"]))


def test_allowed_keys_may_stand_in_a_file(folder: Path) -> None:
    (folder / "experiment" / "fine.yaml").write_text(
        f"{GLOBAL}defaults:\n  - override /hydra/sweeper: depsim_optuna\n"
        "hydra: {sweeper: {n_trials: 3}, sweep: {dir: mlruns/jobs}, job: {name: mine}, verbose: true}\n"
    )
    composed = Composer(str(folder)).compose(parse_overrides(["experiment=fine"]))
    assert (composed.choices["hydra/sweeper"], composed.sweep_dir) == ("depsim_optuna", "mlruns/jobs")


FIXED = [
    "hydra.run.dir=/proc/x",
    "hydra.run.dir=/dev/null",
    "hydra.run.dir=${seed}",
    "hydra.sweep.subdir=/proc/x",
    "hydra.mode=RUN",
    "hydra.job.chdir=true",
    "++hydra.job.env_set.LD_PRELOAD=x.so",
    "hydra.sweeper.params={seed:'1,2'}",
    "+hydra.sweeper.params.seed=1",
    "+treatment@hydra.job.env_set=ketamine",
    "+experiment@_global_.hydra=mild_pruning",
    "hydra.launcher=null",
]


@every_value(word=FIXED, flags=[(), ("-m",), ("--cfg", "job"), ("--help",), ()])
def test_the_command_line_follows_the_same_rule(
    word: str, flags: tuple[str, ...], empty: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert depsim("run", *flags, word) == 2
    assert capsys.readouterr().err.startswith(
        f"depsim: {word}: this part of Hydra's own configuration is fixed; allowed"
    )
    assert list(empty.iterdir()) == []


@pytest.mark.parametrize(
    ("word", "message"),
    [
        ("hydra.verbose=5", "hydra.verbose=5: must be true or false"),
        ("hydra.verbose=[x]", "hydra.verbose[0]=x: must be true or false"),
        ("hydra.sweep.dir=${seed}", "hydra.sweep.dir=${seed}: must be plain text"),
        ("hydra.sweep.dir=/proc/x", "hydra.sweep.dir=/proc/x: No such file or directory; allowed is a folder"),
        ("hydra.sweep.dir=/dev/null", "hydra.sweep.dir=/dev/null: File exists; allowed is a folder"),
        ("hydra.job.name=[1]", "Error merging override hydra.job.name=[1]. "),
        ("hydra.sweeper.max_batch_size=0", "hydra.sweeper.max_batch_size=0: must be a whole number of jobs"),
        ("hydra.sweeper.max_batch_size=x", "Error merging override hydra.sweeper.max_batch_size=x. Value 'x'"),
        ("hydra.launcher.timeout_min=x", "Error merging override hydra.launcher.timeout_min=x. Value 'x'"),
        ("hydra.launcher.name={_target_:os.system}", "Error merging override hydra.launcher.name="),
        ("+hydra.launcher.setup=[true]", "hydra.launcher.setup[0]=True: writes into a shell script"),
    ],
)
def test_an_allowed_key_with_a_value_that_hydra_fails_on(
    word: str, message: str, empty: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("submitit", reason="pip install 'depsim[slurm]'")
    assert depsim("run", "-m", "hydra/launcher=submitit_local", word, *tiny("none", "seed=1,2")) == 2
    said = capsys.readouterr().err
    assert said.startswith(f"depsim: {message}")
    assert len(said.splitlines()) == 1
    assert list(empty.iterdir()) == []


@pytest.mark.parametrize("word", ["hydra.sweep.dir=x", "hydra.job.name=x", "hydra.verbose=true"])
def test_what_a_search_makes_no_use_of(word: str, empty: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["hydra/sweeper=depsim_optuna", "treatment=ketamine", "treatment.regrow_fraction=interval(0.1,0.8)"]
    assert depsim("run", "-m", *words, word) == 2
    assert capsys.readouterr().err == f"depsim: {word}: of no effect on a search; allowed are hydra.sweeper.*\n"
    assert list(empty.iterdir()) == []


def test_the_value_of_a_copied_variable_is_not_shown(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/a/secret")
    with pytest.raises(ConfigError) as told:
        Composer(str(folder)).compose(parse_overrides(["experiment=copied"]))
    assert "secret" not in str(told.value)
