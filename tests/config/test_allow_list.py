"""What is not on the list of Hydra's keys is refused, on the command line and in every file, before Hydra acts."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from depsim.config import Composer, ConfigError, parse_overrides
from depsim.config.allow_list import ALLOWED
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
    "experiment/launcher.yaml": (
        f"{GLOBAL}hydra: {{launcher: {{_target_: {TARGET}}}}}\n",
        f"hydra.launcher._target_={TARGET}",
    ),
    "experiment/named.yaml": (f"{GLOBAL}hydra: {{job: {{name: mine}}}}\n", "hydra.job.name=mine"),
    "experiment/resolved.yaml": (
        f"{GLOBAL}hydra: {{job: {{name: '${{oc.env:HOME}}'}}}}\n",
        "hydra.job.name=${oc.env:HOME}",
    ),
    "experiment/resolved_in_a_search.yaml": (
        f"{GLOBAL}defaults:\n  - override /hydra/sweeper: depsim_optuna\n"
        "hydra: {sweeper: {name: '${oc.env:HOME}'}}\n",
        "hydra.sweeper.name=${oc.env:HOME}",
    ),
    "experiment/loud.yaml": (f"{GLOBAL}hydra: {{verbose: true}}\n", "hydra.verbose=True"),
    "experiment/folders.yaml": (f"{GLOBAL}hydra: {{sweep: {{dir: there}}}}\n", "hydra.sweep.dir=there"),
    "experiment/sized.yaml": (
        f"{GLOBAL}hydra: {{sweeper: {{max_batch_size: 2}}}}\n",
        "hydra.sweeper.max_batch_size=2",
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


def test_allowed_keys_may_stand_in_a_file(folder: Path, empty: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "experiment" / "fine.yaml").write_text(
        f"{GLOBAL}defaults:\n  - override /hydra/sweeper: depsim_optuna\nhydra: {{sweeper: {{n_trials: 0}}}}\n"
    )
    words = ("experiment=fine", "treatment=ketamine", "treatment.regrow_fraction=interval(0.1,0.8)")
    assert depsim("run", "-m", "--config-dir", str(folder), *words) == 2
    assert capsys.readouterr().err.startswith("depsim: hydra.sweeper.n_trials=0: must be greater than")


def test_the_table_is_closed() -> None:
    """One row for each part that may be set; what no row has is refused, whoever sets it."""
    assert len(ALLOWED) == 4
    for key in (
        "hydra.nonsense",
        "hydra.job.env_set.A",
        "hydra/launcher",
        "_global_.hydra.verbose",
        "hydra.sweeper._target_",
    ):
        assert not any(re.fullmatch(rule.keys, key) for rule in ALLOWED), key


FIXED = [
    "hydra.run.dir=/proc/x",
    "hydra.run.dir=/dev/null",
    "hydra.run.dir=${seed}",
    "hydra.sweep.subdir=/proc/x",
    "hydra.mode=RUN",
    "hydra.job.chdir=true",
    "++hydra.job.env_set.LD_PRELOAD=x.so",
    "+treatment@hydra.job.env_set=ketamine",
    "+experiment@_global_.hydra=mild_pruning",
    "hydra.launcher=null",
    "hydra/launcher=basic",
    "hydra.launcher.name={_target_:os.system}",
    "+hydra.launcher.setup=[true]",
    "hydra.verbose=true",
    "hydra.sweep.dir=x",
    "hydra.job.name=x",
    "~hydra.sweeper.name",
    "hydra.sweeper.sampler={_target_:os.system}",
    "hydra.sweeper.sampler={inner:{_args_:[1]}}",
    "hydra.sweeper.n_trials=1,2",
    "hydra/sweeper=basic,depsim_optuna",
]


@every_value(word=FIXED, flags=[(), ("-m",), ("--cfg", "job"), ("--help",), ()])
def test_the_command_line_follows_the_same_rule(
    word: str, flags: tuple[str, ...], empty: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert depsim("run", *flags, word) == 2
    several = word.endswith(("=1,2", "=basic,depsim_optuna")) and flags in (("--cfg", "job"), ("--help",))
    wrong = "several values at once; allowed" if several else "this part of Hydra's own configuration is fixed; allowed"
    assert capsys.readouterr().err.startswith(f"depsim: {word}: {wrong}")
    assert list(empty.iterdir()) == []


@pytest.mark.parametrize("word", ["hydra.sweeper.n_trials=3", "+hydra.sweeper.params.seed=1"])
def test_settings_of_a_search_without_a_search(word: str, empty: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert depsim("run", "-m", *tiny("none", "seed=1,2"), word) == 2
    assert capsys.readouterr().err == (
        f"depsim: {word}: of no effect without a search; allowed with hydra/sweeper=depsim_optuna\n"
    )
    assert list(empty.iterdir()) == []


def test_the_value_of_a_copied_variable_is_not_shown(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/a/secret")
    with pytest.raises(ConfigError) as told:
        Composer(str(folder)).compose(parse_overrides(["experiment=copied"]))
    assert "secret" not in str(told.value)
