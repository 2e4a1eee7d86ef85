"""Whatever the composer takes a short cut on comes out as Hydra composes it, key by key and in the same order."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hydra.core.override_parser.types import Override
from omegaconf import OmegaConf

from depsim.config import Composer, ConfigError, parse_overrides
from depsim.config.allow_list import refuse_foreign_overrides
from depsim.config.composition import Composition
from depsim.registry import own_folder
from depsim.search.grids import sweep_grids
from depsim.search.multiverse_file import MultiverseFile
from depsim.search.sweep_files import SearchFile, load_sweep, sweep_names
from depsim.search.sweeps import plan_search_sweep, plan_sweep
from tests.contracts.choices import names

GROUPS = sorted(folder.name for folder in own_folder("conf").iterdir() if folder.is_dir() and folder.name != "hydra")
TOGETHER = {group: names(group) for group in GROUPS if group != "experiment"}
ROWS = [
    *(
        [f"{group}={choices[row % len(choices)]}" for group, choices in TOGETHER.items()]
        for row in range(max(map(len, TOGETHER.values())))
    ),
    *([f"experiment={name}"] for name in names("experiment")),
]
"""Each choice of each group, one of each group at a time, as Hydra takes a third of a second; experiments choose."""
SHORT_CUTS = [
    [],
    ["study=s", "seed=7", "workers=2"],
    ["seed=null", "cohort.seeds=[3,1,2]", "cohort.size=null"],
    ["cohort=smoke", "cohort.hold.data=0", "cohort.hold.init=null"],
    ["treatment.epochs=3", "treatment=ketamine", "treatment.criterion=random"],
    ["treatment=ssri", "treatment.epochs=3", "treatment=ketamine", "treatment.epochs=4"],
    ["treatment=ketamine", "treatment.epochs=3", "treatment.epochs=4"],
    ["model.hidden=[8]", "model.hidden=[16,12]"],
    ["model.hidden=[]", "assessment.internal_noise=[0.5,1]"],
    ["task.centres=[[1,2],[3,4]]", "task.spread=1e-1"],
    ["study='a b'", 'study="it\'s"'],
    ["study=a\\ b"],
    ["study=''", "device=cuda:1"],
    ["pathology.sparsity=0.5", "pathology=overpruning", "pathology.criterion=random"],
    ["pathology=none", "assessment=paper", "assessment.further_pruning=0"],
    ["experiment=mild_pruning", "treatment.epochs=1", "cohort.size=2", "study=own"],
    ["experiment=one_dataset", "cohort.hold.data=5"],
    ["treatment.epochs=null", "treatment=ssri"],
    ["training.epochs=1", "training.learning_rate=1", "training.batch_size='64'"],
    ["treatment=ketamine", "treatment.regrow_fraction=${pathology.sparsity}"],
    ["study=${treatment._target_}", "treatment=ssri"],
    ["pathology.sparsity=yes", "chunk=null"],
]
"""Choices and plain values."""
THE_LONG_WAY = [
    ["~seed"],
    ["~treatment"],
    ["~experiment", "seed=3"],
    ["+extra=1"],
    ["+treatment.extra=1", "treatment=ketamine", "treatment.epochs=3"],
    ["treatment=ketamine", "++treatment.epochs=3", "treatment.epochs=4"],
    ["treatment.epochs=4", "++treatment.epochs=3", "treatment=ketamine"],
    ["treatment=ketamine", "~treatment.epochs", "+treatment.epochs=2"],
    ["+extra={a:1,b:[2,3]}", "study=s"],
    ["cohort={size:2}", "cohort.first_seed=4"],
    ["cohort.hold={data:1}", "cohort=smoke"],
    ["treatment={epochs:3}", "treatment=ssri"],
    ["+treatment@second=ketamine", "treatment=ssri"],
    ["+treatment@second=ketamine", "second.epochs=7", "treatment=ssri", "treatment.epochs=2"],
    ["second.epochs=7", "+treatment@second=ketamine"],
    ["+treatment@pathology.drug=ssri", "pathology.drug.epochs=1"],
    ["task@_global_=four_clusters"],
    ["treatment@treatment=ketamine", "treatment.epochs=1"],
    ["hydra/sweeper=depsim_optuna", "seed=2"],
]
"""Keys are added or taken away, whole groups are given as values, or a choice goes elsewhere."""
MISTAKES = [
    ["treatment=flu"],
    ["sede=1"],
    ["treatment=ketamine", "treatment.magic=1", "seed=1"],
    ["treatment.regrow_fraction=1", "treatment=ssri"],
    ["study.name=x"],
    ["cohort.hold.magic=1"],
    ["model.hidden.0=3"],
    ["treatment.epochs@second=3", "treatment=ketamine"],
    ["~nonsense"],
    ["+seed=1"],
    ["+treatment=ketamine"],
    ["treatment@second=ketamine"],
    ["experiment=nonsense", "seed=1"],
    ["experiment=null", "seed=1"],
    ["treatment=ketamine,ssri"],
    ["+task.x._target_=os.system"],
    ["treatment._target_=os.system"],
    ["treatment.epochs=${oc.env:HOME}"],
    ["treatment.epochs=${nowhere}", "treatment=ssri"],
]
"""What must be refused, or come out, the same either way."""


def sweep_points(name: str) -> list[list[str]]:
    """The first and the last conditions of a sweep file, as overrides."""
    file = load_sweep(name)
    if isinstance(file, SearchFile):
        plan = plan_search_sweep(name, [], "")
        points = [[*plan.fixed, *(f"{d.key}={p[d.key]}" for d in plan.space)] for p in plan.corners()]
    elif isinstance(file, MultiverseFile):
        points = [list(job.overrides) for job in plan_sweep(name, [], networks=2).jobs]
    else:
        points = [list(p) for axes in sweep_grids(name, file, []) for p in itertools.product(*axes.values())]
    return [points[0], points[-1]]


def outcome(compose: Any, overrides: list[str]) -> Any:
    """All of a composition in plain form, or the message of the refusal."""
    try:
        found: Composition = compose(parse_overrides(overrides))
        config = found.config
        plain = OmegaConf.to_container(config)
        text = OmegaConf.to_yaml(config)
    except ConfigError as error:
        return str(error)
    try:
        resolved = (OmegaConf.to_container(config, resolve=True), OmegaConf.to_yaml(config, resolve=True))
    except Exception as error:  # an interpolation that leads nowhere does so either way
        resolved = (type(error), str(error))
    rest = (dict(found.choices), OmegaConf.is_struct(config))
    return plain, text, resolved, rest


def by_hydra(folder: str | None = None) -> Callable[[list[Override]], Composition]:
    """The long way, whatever the overrides are."""

    def compose(parsed: list[Override]) -> Composition:
        refuse_foreign_overrides(parsed)
        return Composer(folder)._compose(parsed)

    return compose


@pytest.fixture(scope="module", autouse=True)
def _each_composer_for_itself() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Composer, "__init__", Composer.__init__.__wrapped__)  # type: ignore[attr-defined]
        yield


@pytest.fixture(scope="module")
def used(_each_composer_for_itself: None) -> Composer:
    """One composer for all, as for a grid: what it keeps of one point must not show in another."""
    return Composer()


def assert_the_same(used: Composer, overrides: list[str]) -> None:
    expected = outcome(by_hydra(), overrides)
    for _ in range(2):  # the second time it knows
        assert outcome(used.compose, overrides) == expected


@pytest.mark.slow
@pytest.mark.parametrize("row", ROWS, ids=" ".join)
def test_every_choice_is_composed_as_by_hydra(used: Composer, row: list[str]) -> None:
    assert_the_same(used, ["study=s", *row, "seed=3"])
    assert used.compose(parse_overrides(row)).choices.items() >= dict(each.split("=") for each in row).items()


def test_every_group_and_sweep_is_looked_at() -> None:
    assert set(GROUPS) >= {"task", "model", "pathology", "treatment", "assessment", "cohort", "tracking", "experiment"}
    assert len(sweep_names()) >= 14


@pytest.mark.slow
@pytest.mark.parametrize("overrides", [*SHORT_CUTS, *THE_LONG_WAY], ids=" ".join)
def test_overrides_are_composed_as_by_hydra(used: Composer, overrides: list[str]) -> None:
    assert_the_same(used, overrides)


@pytest.mark.slow
@pytest.mark.parametrize("overrides", MISTAKES, ids=" ".join)
def test_mistakes_are_explained_as_without_a_short_cut(used: Composer, overrides: list[str]) -> None:
    assert_the_same(used, overrides)


def test_points_of_a_grid_do_not_show_in_each_other(used: Composer) -> None:
    one = used.compose(parse_overrides(["treatment=ketamine", "treatment.epochs=3", "model.hidden=[1]"])).config
    one.treatment.epochs = 99
    one.model.hidden.append(2)
    assert_the_same(used, ["treatment=ketamine", "treatment.epochs=4"])
    assert_the_same(used, ["treatment=ketamine"])


def test_short_cuts_are_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[tuple[str, ...]] = []
    real = Composer._compose

    def counting(self: Composer, parsed: Any) -> Composition:
        calls.append(tuple(override.input_line for override in parsed))
        return real(self, parsed)

    monkeypatch.setattr(Composer, "_compose", counting)
    composer = Composer()
    for treatment, seed in itertools.product(("ssri", "ketamine"), range(5)):
        composer.compose(parse_overrides([f"treatment={treatment}", f"seed={seed}", "study=s"]))
    assert calls == [("treatment=ssri",), ("treatment=ketamine",)]


def test_a_folder_of_ones_own_is_read_anew_by_every_composer(tmp_path: Path) -> None:
    (tmp_path / "treatment").mkdir()
    for epochs in (3, 4):
        (tmp_path / "treatment" / "mine.yaml").write_text(f"defaults: [ssri]\nepochs: {epochs}\n")
        assert Composer(str(tmp_path)).compose(parse_overrides(["treatment=mine"])).config.treatment.epochs == epochs
    with pytest.raises(ConfigError):
        Composer().compose(parse_overrides(["treatment=mine"]))


@pytest.mark.slow
def test_a_folder_of_ones_own_is_composed_as_by_hydra(tmp_path: Path) -> None:
    (tmp_path / "treatment").mkdir()
    (tmp_path / "light").mkdir()
    (tmp_path / "treatment" / "mine.yaml").write_text("defaults: [ssri]\nepochs: 5\n")
    (tmp_path / "light" / "red.yaml").write_text("hours: 3\n")
    for overrides in (["treatment=mine", "treatment.epochs=6"], ["+light=red", "light.hours=4"], ["+light=red"]):
        composer = Composer(str(tmp_path))
        expected = outcome(by_hydra(str(tmp_path)), overrides)
        assert outcome(composer.compose, overrides) == outcome(composer.compose, overrides) == expected
        assert not isinstance(expected, str)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("a: &a [x,x,x,x,x,x,x,x,x,x]\n" + "".join(
            f"{new}: &{new} [{', '.join(['*' + old] * 10)}]\n" for old, new in itertools.pairwise("abcdefghi")
        ), "more than 10,000 values"),
        ("epochs: 1\nepochs: 2\n", "line 2: epochs: the key is there twice"),
        ("[" * 3000, "nested too deeply"),
    ],
)  # fmt: skip
def test_a_choice_of_ones_own_that_would_never_be_read_is_refused_at_once(
    tmp_path: Path, text: str, reason: str
) -> None:
    (tmp_path / "treatment").mkdir()
    file = tmp_path / "treatment" / "mine.yaml"
    file.write_text(text)
    with pytest.raises(ConfigError, match=re.escape(f"{file}: {reason}")):
        Composer(str(tmp_path))


def test_what_is_no_yaml_matters_only_when_it_is_chosen(tmp_path: Path) -> None:
    (tmp_path / "treatment").mkdir()
    (tmp_path / "treatment" / "notes.yaml").write_text("{ not YAML")
    assert Composer(str(tmp_path)).compose([]).choices["treatment"] == "none"
