"""No configuration runs code that is not ours, reads the environment or leaves the project's folders."""

from __future__ import annotations

import pickle
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from depsim.config.allow_list import refuse_foreign_overrides
from depsim.config.errors import ConfigError
from depsim.config.overrides import parse_overrides
from tests.config.foreign import REACHED
from tests.jobs import TINY, depsim, tiny
from tests.pairs import every_value

pytestmark = pytest.mark.slow  # whole commands

TARGET = "tests.config.foreign.Callback"
FILES = {
    "treatment/evil.yaml": "_target_: tests.config.foreign.treatment\n",
    "treatment/untold.yaml": "_target_: depsim.config.building.prepare\noverrides: []\n",
    "treatment/other_kind.yaml": "_target_: depsim.pathology.NoPathology\n",
    "treatment/private.yaml": "_target_: depsim.execution.files._Nobody\n",
    "experiment/callback.yaml": f"# @package _global_\nhydra:\n  callbacks:\n    x:\n      _target_: {TARGET}\n",
    "experiment/factory.yaml": (
        "# @package _global_\nhydra:\n  job_logging:\n    version: 1\n    handlers:\n      h:\n"
        "        (): tests.config.foreign.handler\n    root:\n      handlers: [h]\n"
    ),
    "experiment/factory_of_hydras.yaml": (
        "# @package _global_\nhydra:\n  hydra_logging:\n    version: 1\n    handlers:\n      h:\n"
        "        (): tests.config.foreign.handler\n    root:\n      handlers: [h]\n"
    ),
    "experiment/launcher.yaml": f"# @package _global_\nhydra:\n  launcher:\n    _target_: {TARGET}\n",
    "experiment/home.yaml": "# @package _global_\nstudy: ${oc.env:HOME}\n",
    "experiment/home_in_a_list.yaml": "# @package _global_\nmodel:\n  hidden: ['${oc.env:HOME}']\n",
    "experiment/home_nested.yaml": "# @package _global_\nstudy: ${oc.decode:${oc.env:HOME}}\n",
    "experiment/home_by_a_name.yaml": "# @package _global_\nstudy: oc.env\nseed: ${${study}:HOME}\n",
    "elsewhere.yaml": f"hydra:\n  callbacks:\n    x:\n      _target_: {TARGET}\n",
}


@pytest.fixture(autouse=True)
def _nothing_is_reached() -> Iterator[None]:
    REACHED.clear()
    yield
    assert REACHED == []


@pytest.fixture
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Someone's configuration folder."""
    root = tmp_path_factory.mktemp("config")
    for name, text in FILES.items():
        (root / name).parent.mkdir(exist_ok=True)
        (root / name).write_text(text)
    return root


def assert_refused(code: int, said: str, empty: Path, mentioning: str) -> None:
    assert code == 2, said
    assert "Traceback" not in said
    assert said.startswith("depsim: ")
    assert mentioning in said
    assert list(empty.iterdir()) == []


OVERRIDES = [
    ("treatment._target_=tests.config.foreign.treatment", "_target_"),
    ("++treatment._target_=tests.config.foreign.treatment", "_target_"),
    ("+treatment.inner._target_=tests.config.foreign.treatment", "_target_"),
    ("treatment={_target_:tests.config.foreign.treatment}", "_target_"),
    (f"+hydra.callbacks.x._target_={TARGET}", "hydra.callbacks"),
    (f"++hydra.callbacks.x._target_={TARGET}", "hydra.callbacks"),
    (f"+hydra.callbacks={{x:{{_target_:{TARGET}}}}}", "hydra.callbacks"),
    (f"hydra.launcher._target_={TARGET}", "hydra.launcher"),
    (f"hydra.sweeper._target_={TARGET}", "hydra.sweeper"),
    (f"hydra.sweeper.sampler._target_={TARGET}", "hydra.sweeper"),
    ("hydra/sweeper/magic=tpe", "hydra/sweeper/magic"),
    (f"hydra.launcher={{_target_:{TARGET}}}", "hydra.launcher"),
    ("+hydra={callbacks:{}}", "hydra"),
    ("hydra/job_logging=default", "hydra/job_logging"),
    ("hydra.job_logging={version:1,handlers:{h:{'()':tests.config.foreign.handler}}}", "hydra.job_logging"),
    ("hydra.searchpath=[file:///tmp]", "hydra.searchpath"),
    ("~hydra.callbacks", "hydra.callbacks"),
    ("study=${oc.env:HOME}", "oc.env"),
    ("'study=${oc.env:HOME}'", "study"),
    ("hydra.run.dir=${oc.env:HOME}", "oc.env"),
    ("study='${oc.env:HOME}'", "oc.env"),
    ("study=${oc.decode:${oc.env:HOME}}", "oc."),
    ("+x=[a,'${oc.env:HOME}']", "oc.env"),
    ("seed=${${study}:HOME}", "${${study}:HOME}"),
]


@every_value(given=OVERRIDES, command=[("run",), ("run", "-m"), ("sweep", "paper")])
def test_an_override_is_refused(
    command: tuple[str, ...], given: tuple[str, str], empty: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    override, mentioning = given
    assert_refused(depsim(*command, override), capsys.readouterr().err, empty, mentioning)


@pytest.mark.parametrize(
    "override", ["treatment._target_=a.b", "++treatment._target_=a.b", "+task.x._target_=a.b", "study=${oc.env:HOME}"]
)
def test_a_target_is_refused_before_anything_is_composed(override: str) -> None:
    with pytest.raises(ConfigError, match="resolvers and targets cannot be given"):
        refuse_foreign_overrides(parse_overrides([override]))


def test_a_key_that_names_itself_is_no_resolver() -> None:
    refuse_foreign_overrides(parse_overrides(["study=${treatment.epochs}", "treatment=ssri"]))


FROM_FOLDER = [
    ("treatment=evil", "treatment._target_=tests.config.foreign.treatment"),
    ("treatment=untold", "treatment._target_"),
    ("treatment=other_kind", "must name a Treatment of depsim"),
    ("treatment=private", "treatment._target_"),
    ("experiment=callback", "hydra.callbacks"),
    ("experiment=factory", "hydra.job_logging"),
    ("experiment=factory_of_hydras", "hydra.hydra_logging"),
    ("experiment=launcher", "hydra.launcher"),
    ("experiment=home", "study=${oc.env:HOME}"),
    ("experiment=home_in_a_list", "model.hidden"),
    ("experiment=home_nested", "study"),
    ("experiment=home_by_a_name", "seed=${${study}:HOME}: resolvers are not allowed"),
]


@every_value(given=FROM_FOLDER, multirun=[(), ("-m",)])
def test_a_file_of_a_foreign_folder_is_refused(
    multirun: tuple[str, ...],
    given: tuple[str, str],
    empty: Path,
    folder: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    override, mentioning = given
    code = depsim("run", *multirun, "--config-dir", str(folder), override, "seed=1" if not multirun else "seed=1,2")
    assert_refused(code, capsys.readouterr().err, empty, mentioning)


@every_value(
    flag=["--help", "--info", "--cfg=job", "--cfg=hydra", "--cfg=all"],
    experiment=["callback", "factory", "factory_of_hydras", "home"],
)
def test_looking_at_a_configuration_runs_nothing_of_it(
    flag: str, experiment: str, empty: Path, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    depsim("run", "--config-dir", str(folder), f"experiment={experiment}", flag)
    assert capsys.readouterr()
    assert REACHED == []


@pytest.mark.parametrize(
    "words",
    [
        ("--config-path", "FOLDER", "--config-name", "elsewhere"),
        ("-cp", "FOLDER", "-cn", "elsewhere"),
        ("--config-dir", "FOLDER", "--config-name", "elsewhere"),
        ("--config-name", "treatment/none"),
    ],
    ids=" ".join,
)
def test_the_program_is_not_given_another_configuration(
    words: tuple[str, ...], empty: Path, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code = depsim("run", *(str(folder) if word == "FOLDER" else word for word in words))
    assert_refused(code, capsys.readouterr().err, empty, "--config-")


def test_a_pickled_job_is_not_loaded(empty: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert_refused(depsim("run", "--experimental-rerun", "config.pickle"), capsys.readouterr().err, empty, "rerun")


NAMES = ["../x", "a/b", "/tmp/x", "..", ".hidden", "a\\b", "a\nb", "", "a:b", "~", "x" * 101, "C:x", "a\tb", "a%2fb"]


@pytest.mark.parametrize("name", NAMES)
def test_a_study_is_not_a_path(name: str, empty: Path, capsys: pytest.CaptureFixture[str]) -> None:
    quoted = "'" + name.replace("\\", "\\\\") + "'"
    code = depsim("run", f"study={quoted}", *tiny("none"))
    assert_refused(code, capsys.readouterr().err, empty, "study=")


@pytest.mark.parametrize("name", [name for name in NAMES if name] + ["../sweeps/paper", "paper.yaml", "./paper"])
def test_a_sweep_is_not_a_path(name: str, empty: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code = depsim("sweep", name)
    said = capsys.readouterr().err
    assert code == 2
    assert "no such sweep" in said
    assert "paper" in said
    assert list(empty.iterdir()) == []


SWEEPS = {
    "target": ("settings: {treatment._target_: tests.config.foreign.treatment}", "_target_"),
    "target_inside": ("settings: {treatment: {_target_: tests.config.foreign.treatment}}", "_target_"),
    "target_in_grid": ("grid: {treatment: [{_target_: tests.config.foreign.treatment}]}", "_target_"),
    "callback": (f"settings: {{hydra.callbacks.x._target_: {TARGET}}}", "hydra.callbacks"),
    "callbacks": (f"settings: {{hydra: {{callbacks: {{x: {{_target_: {TARGET}}}}}}}}}", "hydra"),
    "added_callback": (f"settings: {{++hydra.callbacks.x._target_: {TARGET}}}", "hydra.callbacks"),
    "searchpath": ("settings: {hydra.searchpath: ['file:///tmp']}", "hydra.searchpath"),
    "target_in_space": ("settings: {hydra.sweeper.sampler._target_: tests.config.foreign.Callback}", "_target_"),
    "home": ("settings: {cohort.seeds: ['${oc.env:HOME}']}", "oc.env"),
    "home_study": ("study: ${oc.env:HOME}", "oc.env"),
    "path": ("study: ../../elsewhere", "study=../../elsewhere"),
    "python": ("settings: !!python/object/apply:os.system ['true']", "not YAML"),
}


ATTACKS: dict[str, tuple[str, ...]] = {
    "a target on the command line": ("run", "treatment._target_=tests.config.foreign.treatment"),
    "a target as an added key": ("run", "++treatment._target_=tests.config.foreign.treatment"),
    "a target in a value": ("run", "treatment={_target_:tests.config.foreign.treatment}"),
    "a nested target": ("run", "+treatment.inner._target_=tests.config.foreign.treatment"),
    "a target in a folder of one's own": ("run", "--config-dir", "FOLDER", "treatment=evil"),
    "a target in a sweep file": ("sweep", "target"),
    "a nested target in a sweep file": ("sweep", "target_inside"),
    "a callback of Hydra's": ("run", f"+hydra.callbacks.x._target_={TARGET}"),
    "a callback in a folder of one's own": ("run", "--config-dir", "FOLDER", "experiment=callback"),
    "logging that builds objects": ("run", "--config-dir", "FOLDER", "experiment=factory"),
    "another launcher": ("run", "-m", f"hydra.launcher._target_={TARGET}"),
    "another sweeper": ("run", "-m", f"hydra.sweeper._target_={TARGET}"),
}


def test_twelve_of_twelve_ways_to_run_foreign_code_are_refused(
    empty: Path, folder: Path, capsys: pytest.CaptureFixture[str], record_property: Callable[[str, object], None]
) -> None:
    write_sweeps(empty)
    refused = []
    for name, words in ATTACKS.items():
        code = depsim(*(str(folder) if word == "FOLDER" else word for word in words))
        said = capsys.readouterr().err
        if code == 2 and said.startswith("depsim: ") and "Traceback" not in said and REACHED == []:
            refused.append(name)
    record_property("foreign code", f"{len(refused)} of {len(ATTACKS)} refused")
    print(f"{len(refused)} of {len(ATTACKS)} refused")
    assert refused == list(ATTACKS)
    assert len(ATTACKS) == 12
    assert [path.name for path in empty.iterdir()] == ["sweeps"]


PLACES = [
    "treatment=../treatment/ketamine",
    "treatment=../../etc/passwd",
    "treatment=/etc/passwd",
    "cohort=../cohort/pilot",
    "experiment=../experiment/one_dataset",
    "experiment=../../../x",
    "'treatment=..'",
    "seed=../7",
    "seed=1/2",
    "cohort.seeds=[../x]",
    "cohort.seeds=[1,/tmp/x]",
    "cohort.first_seed=../1",
    "pathology.criterion=../x",
    "+treatment@elsewhere=../../x",
]


@every_value(override=PLACES, command=[("run",), ("run",), ("sweep", "paper")])
def test_no_name_leaves_its_folder(
    command: tuple[str, ...], override: str, empty: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code = depsim(*command, *TINY, override)
    said = capsys.readouterr().err
    assert code == 2, said
    assert said.startswith("depsim: ")
    assert "Traceback" not in said
    assert list(empty.iterdir()) == []


class Bomb:
    """Unpickled, it creates a file in the working directory."""

    def __reduce__(self) -> tuple[Callable[..., object], tuple[str, str]]:
        return open, ("exploded", "w")


@pytest.mark.parametrize("name", ["sweep", "treatment"])
@pytest.mark.parametrize("protocol", [0, 5], ids=["text", "binary"])
def test_a_pickle_in_place_of_yaml_is_refused_and_not_loaded(
    name: str, protocol: int, empty: Path, tmp_path_factory: pytest.TempPathFactory, capsys: pytest.CaptureFixture[str]
) -> None:
    data = pickle.dumps(Bomb(), protocol=protocol)
    if name == "sweep":
        (empty / "sweeps").mkdir()
        (empty / "sweeps" / "bomb.yaml").write_bytes(data)
        code = depsim("sweep", "bomb")
    else:
        root = tmp_path_factory.mktemp("config")
        (root / "treatment").mkdir()
        (root / "treatment" / "bomb.yaml").write_bytes(data)
        code = depsim("run", "--config-dir", str(root), "treatment=bomb")
    said = capsys.readouterr().err
    assert code == 2, said
    assert "Traceback" not in said
    assert not (empty / "exploded").exists()
    pickle.loads(data).close()
    assert (empty / "exploded").exists(), "the bomb is a dud"


def write_sweeps(folder: Path, only: str | None = None) -> None:
    """Sweep files with one foreign line each."""
    (folder / "sweeps").mkdir()
    for name, (line, _) in SWEEPS.items():
        if only in (None, name):
            plain = {"question": "question: Why?", "study": "study: s", "settings": "settings: {}", "grid": "grid: {}"}
            lines = plain | {line.partition(":")[0]: line}
            (folder / "sweeps" / f"{name}.yaml").write_text("\n".join(lines.values()) + "\n")


@pytest.mark.parametrize("name", SWEEPS)
def test_a_sweep_file_is_refused(name: str, empty: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _, mentioning = SWEEPS[name]
    write_sweeps(empty, only=name)
    code = depsim("sweep", name)
    said = capsys.readouterr().err
    assert code == 2, said
    assert mentioning in said
    assert "Traceback" not in said
    assert [path.name for path in empty.iterdir()] == ["sweeps"]
