"""Packages of one's own: what they may bring, what it does to keys, and what nobody has allowed."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from depsim import registry
from depsim.component import Component
from depsim.config import Composer, ConfigError, prepare
from depsim.execution import sources
from depsim.execution.job import Job
from depsim.execution.keys import baseline_key
from tests.jobs import depsim, runs
from tests.plugins import FILES, GROUPS, MINE, write_plugin
from tests.programs import edit

pytestmark = pytest.mark.slow  # several processes

SHORT = ("training.epochs=2", "workers=1", "cohort=smoke")


READ = sources._read


def read(name: str) -> sources._Module:
    """A module of depsim is read once for all tests, one of a package again and again."""
    return READ(name) if name.partition(".")[0] == "depsim" else READ.__wrapped__(name)


@pytest.fixture(autouse=True)
def _no_memory(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """What the registry and the sources remember is of this test's packages only."""
    monkeypatch.setattr(sources, "_read", read)
    forget()
    yield
    forget()


def forget() -> None:
    of_registry = (registry._packages, registry._class_named_in, registry._label_in)
    for remembered in (
        *of_registry,
        sources.sources_digest,
        sources.versions_of,
        sources._first_text,
        sources._file,
    ):
        remembered.cache_clear()


def job(*overrides: str) -> Job:
    return prepare([*overrides, *SHORT, "tracking=none"]).job


def folder_of(plugin: str) -> Path:
    (found,) = (Path(entry) / plugin for entry in sys.path if (Path(entry) / plugin).is_dir())
    return found


def test_every_kind_of_component_runs_and_its_settings_are_parameters(plugin: str, project: Path) -> None:
    assert depsim("run", *MINE, "treatment.factor=0.5", *SHORT, "study=theirs") == 0
    (parent,) = runs("theirs", kind="condition")
    params = parent.data.params
    assert {group: params[group] for group in GROUPS} == dict.fromkeys(GROUPS, "mine")
    assert params["treatment.factor"] == "0.5"
    assert params["treatment.epochs"] == "2"
    assert params["pathology.share"] == "0.8"
    assert params["task.spread"] == "0.4"
    assert parent.data.tags["depsim.treatment"] == "mine"
    individuals = runs("theirs", kind="individual")
    assert len(individuals) == 3
    for run in individuals:
        assert run.info.status == "FINISHED"
        assert {"healthy/strongest", "treated/strongest", "treated/combined"} <= set(run.data.metrics)
    assert depsim("run", *MINE, "treatment.factor=0.5", *SHORT, "study=theirs") == 0
    assert len(runs("theirs")) == 4


def test_a_choice_goes_together_with_those_of_depsim(plugin: str, project: Path) -> None:
    assert depsim("run", "-m", "treatment=mine,none", "model.hidden=[8]", *SHORT, "tracking=none") == 0
    assert depsim("sweep", "paper", "treatment=mine", "cohort.size=1", "model.hidden=[8]", *SHORT, "--dry-run") == 0


def test_a_wrong_value_is_refused_by_its_key(plugin: str) -> None:
    with pytest.raises(ConfigError, match=r"treatment\.factor=2.*less than or equal to 1"):
        prepare(["treatment=mine", "treatment.factor=2"])
    with pytest.raises(ConfigError, match=r"ladder, mine, neurosteroid"):
        prepare(["treatment=yours"])


def keys(overrides: tuple[str, ...]) -> tuple[str, str]:
    """The keys of an outcome and of a healthy network."""
    forget()
    found = job(*overrides)
    return found.run_key(7), baseline_key(found.arm.baseline, 7, "cpu")


@pytest.mark.parametrize(
    ("file", "code", "edited", "overrides", "healthy_too"),
    [
        ("steps.py", "weight * self.factor for", "weight * self.factor * 1 for", ("treatment=mine",), False),
        ("steps.py", "weight * self.factor for", "weight * self.factor * 1 for", ("pathology=mine",), False),
        ("assessment.py", "passes = 0", "passes = 1", ("assessment=mine",), False),
        ("model.py", "is_layered = False", "is_layered = not True", ("model=mine",), True),
        ("task.py", "class Tight", "X = 1\n\n\nclass Tight", ("task=mine",), True),
    ],
)
def test_an_edit_of_its_code_gives_new_keys_and_a_remark_does_not(
    plugin: str, file: str, code: str, edited: str, overrides: tuple[str, ...], healthy_too: bool
) -> None:
    others = tuple(f"{group}=mine" for group in GROUPS if f"{group}=mine" not in overrides and file != "steps.py")
    before, elsewhere = keys(overrides), keys(others)
    with (folder_of(plugin) / file).open("a") as opened:
        opened.write("# a remark\n")
    edit(folder_of(plugin) / file, FILES[file].splitlines()[0], '"""The same in other words."""')
    assert keys(overrides) == before
    edit(folder_of(plugin) / file, code, edited)
    outcome, healthy = keys(overrides)
    assert outcome != before[0]
    assert (healthy != before[1]) == healthy_too
    assert keys(others) == elsewhere


@pytest.mark.parametrize("statement", ["from .steps import Shrink", "from . import steps\n\nShrink = steps.Shrink"])
def test_what_it_imports_from_its_own_package_counts_however_that_is_written(plugin: str, statement: str) -> None:
    edit(folder_of(plugin) / "model.py", "\n\n\nclass", f"\n{statement}\n\n\nclass")
    before = keys(("model=mine",))
    edit(folder_of(plugin) / "steps.py", "weight * self.factor for", "weight * self.factor * 1 for")
    assert keys(("model=mine",)) != before


def test_a_folder_without_an_init_file_counts_as_any_other_package_or_is_refused(plugin: str) -> None:
    (folder_of(plugin) / "__init__.py").unlink()

    def key() -> str:
        forget()
        return prepare(["task=mine", *SHORT], Composer(str(folder_of(plugin) / "conf"))).job.run_key(7)

    try:
        before = key()
    except (ConfigError, registry.PluginError):
        return
    edit(folder_of(plugin) / "task.py", "class Tight", "X = 1\n\n\nclass Tight")
    assert key() != before


def test_a_file_that_names_a_package_that_was_not_allowed_is_refused(
    plugin: str, empty: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    folder = tmp_path_factory.mktemp("other")
    write_plugin(folder, "not_allowed")
    monkeypatch.syspath_prepend(str(folder))
    configuration = str(folder / "not_allowed" / "conf")
    (Path(configuration) / "treatment" / "mine.yaml").rename(Path(configuration) / "treatment" / "other.yaml")
    assert depsim("run", "--config-dir", configuration, "treatment=other", "seed=1") == 2
    said = capsys.readouterr().err
    assert f"treatment._target_=not_allowed.treatment.Exercise: must name a Treatment of depsim or {plugin}" in said, (
        said
    )
    assert "not_allowed" not in sys.modules
    assert list(empty.iterdir()) == []


@pytest.mark.parametrize(
    "target",
    [
        "{plugin}.treatment",
        "{plugin}.treatment.annotations",
        "{plugin}.nothing.Exercise",
        "{plugin}.treatment.Nothing",
        "{plugin}.pathology.Lesion",
        "{plugin}x.treatment.Exercise",
        "x.{plugin}.treatment.Exercise",
        "{plugin}..treatment.Exercise",
        "{plugin}",
        "subprocess.Popen",
        "null",
    ],
)
def test_a_target_has_to_be_a_component_of_its_kind(
    plugin: str, target: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "treatment").mkdir()
    named = target.replace("{plugin}", plugin)
    (tmp_path / "treatment" / "odd.yaml").write_text(f"_target_: {named}\n")
    assert depsim("run", "--config-dir", str(tmp_path), "treatment=odd", "tracking=none") == 2
    shown = "None" if named == "null" else named
    assert f"treatment._target_={shown}: must name a Treatment of depsim or {plugin}" in capsys.readouterr().err


def test_what_was_allowed_once_is_not_allowed_without(plugin: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert job("treatment=mine").choices["treatment"] == "mine"
    monkeypatch.delenv("DEPSIM_PLUGINS")
    with pytest.raises(ConfigError, match="treatment=mine: unknown choice"):
        prepare(["treatment=mine"])
    assert registry.find_class(f"{plugin}.treatment.Exercise") is None
    assert registry.packages() == ("depsim",)


@pytest.mark.parametrize("group", GROUPS)
def test_a_choice_of_depsims_own_cannot_be_replaced(plugin: str, group: str) -> None:
    name = {"treatment": "ssri", "pathology": "overpruning", "model": "mlp", "task": "four_clusters"}.get(
        group, "paper"
    )
    own = job(f"{group}={name}")
    (folder_of(plugin) / "conf" / group / "mine.yaml").rename(folder_of(plugin) / "conf" / group / f"{name}.yaml")
    assert job(f"{group}={name}").arm_key == own.arm_key
    assert str(registry.class_of_choice(group, name)).startswith("<class 'depsim.")


def test_its_folder_cannot_bring_what_is_run_by_hydra(
    plugin: str, empty: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = folder_of(plugin) / "conf" / "experiment" / "launched.yaml"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(f"# @package _global_\nhydra: {{launcher: {{_target_: {plugin}.treatment.Exercise}}}}\n")
    assert depsim("run", "-m", "experiment=launched", "seed=1,2") == 2
    assert (
        f"hydra.launcher._target_={plugin}.treatment.Exercise: this part of Hydra's own configuration is fixed"
        in capsys.readouterr().err
    )
    assert list(empty.iterdir()) == []


@pytest.mark.parametrize(
    "given",
    [
        ("run", "seed=1"),
        ("run", "-m", "seed=1,2"),
        ("run", "--cfg", "job"),
        ("sweep", "paper"),
        ("sweep", "paper", "--dry-run"),
        ("sweep", "paper", "--help"),
        ("sweep", "search_ssri", "--dry-run"),
    ],
    ids=" ".join,
)
@pytest.mark.parametrize(
    ("named", "reason"),
    [
        ("no_such_thing", "no package no_such_thing, neither installed nor in this folder"),
        ("../elsewhere", "../elsewhere: must be the name of a package"),
        ("a.b", "a.b: must be the name of a package"),
    ],
)
def test_a_package_that_is_not_there_is_named(
    named: str, reason: str, given: tuple[str, ...], empty: Path, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    monkeypatch.setenv("DEPSIM_PLUGINS", named)
    assert depsim(*given) == 2
    assert f"depsim: DEPSIM_PLUGINS={named}: {reason}" in capsys.readouterr().err
    assert list(empty.iterdir()) == []


def test_several_packages_are_named_with_commas(plugin: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = write_plugin(tmp_path, "second_of_two")
    (folder / "conf" / "treatment" / "mine.yaml").rename(folder / "conf" / "treatment" / "second.yaml")
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setenv("DEPSIM_PLUGINS", f" {plugin} , second_of_two,")
    assert registry.packages() == ("depsim", plugin, "second_of_two")
    assert job("treatment=second", "pathology=mine").choices["treatment"] == "second"
    assert len(registry.conf_folders()) == 3


def test_an_installed_distribution_is_allowed_by_its_entry_point(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_plugin(tmp_path, "installed_parts")
    metadata = tmp_path / "installed_parts-1.0.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: installed-parts\nVersion: 1.0\n")
    (metadata / "entry_points.txt").write_text("[depsim.components]\nmine = installed_parts\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    assert registry.packages() == ("depsim", "installed_parts")
    found = job("treatment=mine", "assessment=mine")
    assert found.choices["treatment"] == "mine"
    assert isinstance(registry.class_of_choice("treatment", "mine"), type)
    assert registry.title_of(found.config, "treatment.factor") == " (factor of the weights)"
    assert issubclass(registry.find_class("installed_parts.assessment.Longer"), Component)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "given",
    [
        ("--cfg", "job", "treatment=mine"),
        ("treatment=mine", "--cfg", "job"),
        ("treatment=mine", "--cfg", "job", "--resolve"),
        ("--cfg", "job", "treatment=mine", "--package", "treatment"),
    ],
    ids=" ".join,
)
def test_its_choices_can_be_shown(given: tuple[str, ...], plugin: str, capfd: pytest.CaptureFixture[str]) -> None:
    assert depsim("run", *given) == 0
    assert f"_target_: {plugin}.treatment.Exercise" in capfd.readouterr().out


def test_its_choices_are_among_those_of_the_help(plugin: str, capfd: pytest.CaptureFixture[str]) -> None:
    assert depsim("run", "--help") == 0
    assert "ladder, mine, neurosteroid, neurosteroid_gain, none" in capfd.readouterr().out


OUTSIDE = """
from depsim import testing
from theirs.assessment import Longer
from theirs.model import Plain
from theirs.pathology import Lesion
from theirs.task import Tight
from theirs.treatment import Exercise

CENTRES = ((-3.0, -3.0), (3.0, 3.0), (-3.0, 3.0), (3.0, -3.0))


class TestExercise(testing.TreatmentContract):
    component = Exercise(epochs=2, learning_rate=1e-3, factor=0.9, rests=0)


class TestLesion(testing.PathologyContract):
    component = Lesion(share=0.5)


class TestPlain(testing.ModelContract):
    component = Plain(hidden=(12, 10))


class TestTight(testing.TaskContract):
    component = Tight(centres=CENTRES, spread=0.4, train_size=60, test_size=40, clean_size=20)


class TestLonger(testing.AssessmentContract):
    component = Longer(internal_noise=(0.5,), input_noise=1.0, combined_internal_noise=0.5, further_pruning=0.4)
"""


WRONG = {
    "treatment.py": ("(Train(phase), Shrink(self.factor), Train(phase))", "(Shrink(self.factor), Train(phase))"),
    "pathology.py": ("(Prune(self.share, magnitude.scores), Shrink(0.9))", "(Shrink(0.9),)"),
    "steps.py": ("weight * self.factor for", "weight.mul_(self.factor) for"),
    "model.py": (
        "    is_layered",
        """    def initialise(self, *given):
        weights, biases = super().initialise(*given)
        return [weight - weight.mean(0) for weight in weights], biases

    is_layered""",
    ),
    "task.py": (
        "class Tight(GaussianClusters):",
        """class Tight(GaussianClusters):
    def draw(self, seeds, data, held=None):
        return super().draw(seeds, "shared")
""",
    ),
    "assessment.py": (".abs().amax", ".abs_().amax"),
}
"""Code of each kind that breaks its contract: it writes to what it was given, or mixes up individuals."""


@pytest.fixture
def outside(tmp_path: Path) -> Path:
    """A package of somebody else's with tests of its own."""
    (tmp_path / "test_theirs.py").write_text(OUTSIDE)
    (tmp_path / "pytest.ini").write_text("[pytest]\n")
    return write_plugin(tmp_path, "theirs")


def failing(said: str) -> set[str]:
    """The suites with a failure."""
    return {line.split("::")[1] for line in said.splitlines() if line.startswith("FAILED")}
