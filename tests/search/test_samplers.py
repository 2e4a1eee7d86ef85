"""Samplers and pruners are Optuna's, by its own names, with arguments that their signatures take; nothing else is."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import optuna
import pytest

from depsim.config import ConfigError, validate
from depsim.search.samplers import all_arguments, make_pruner, make_sampler
from depsim.search.settings import Pruner, Sampler, SearchSettings
from tests.searches import search_block


def sampler(given: Any) -> Sampler:
    return validate(SearchSettings, "search", search_block(sampler=given)).sampler


def pruner(given: Any) -> Pruner:
    return validate(SearchSettings, "search", search_block(pruner=given)).pruner


@pytest.mark.parametrize("name", [name for name in Sampler.choices if name != "GridSampler"])
def test_a_sampler_is_optunas_class_of_that_name(name: str) -> None:
    assert type(make_sampler(sampler(name), 0, [])) is getattr(optuna.samplers, name)


@pytest.mark.parametrize("name", Pruner.choices)
def test_a_pruner_is_optunas_class_of_that_name(name: str) -> None:
    assert type(make_pruner(pruner(name))) is getattr(optuna.pruners, name)


def test_arguments_reach_the_class() -> None:
    given = {"name": "TPESampler", "seed": 3, "n_startup_trials": 7, "multivariate": None, "constant_liar": False}
    made = make_sampler(sampler(given), 0, [])
    assert isinstance(made, optuna.samplers.TPESampler)
    assert (made._n_startup_trials, made._multivariate, made._constant_liar) == (7, None, False)
    stopping = make_pruner(pruner({"name": "WilcoxonPruner", "p_threshold": 0.01, "n_startup_steps": 5}))
    assert isinstance(stopping, optuna.pruners.WilcoxonPruner)
    assert (stopping._p_threshold, stopping._n_startup_steps) == (0.01, 5)


def test_what_is_not_given_is_optunas_default() -> None:
    arguments = all_arguments(sampler({"name": "GPSampler", "n_startup_trials": 3}))
    assert arguments == {
        "seed": 0, "n_startup_trials": 3, "deterministic_objective": False, "warn_independent_sampling": True,
    }  # fmt: skip
    assert all_arguments(pruner("NopPruner")) == {}


WRONG: list[tuple[Any, str]] = [
    (
        {"name": "TPESampler", "sed": 1},
        r"sampler\.sed=1: unknown key; allowed are .*did you mean seed\?",
    ),
    (
        {"name": "TPESampler", "population_size": 9},
        r"sampler\.population_size=9: unknown key; allowed are .*seed",
    ),
    ({"name": "TPESampler", "gamma": "os.system"}, r"sampler\.gamma=os\.system: unknown key"),
    (
        {"name": "GPSampler", "independent_sampler": {"_target_": "os.system"}},
        r"independent_sampler=.*: unknown key",
    ),
    ({"name": "TPESampler", "_target_": "os.system"}, r"sampler\._target_=os\.system: unknown key"),
    ({"name": "TPESampler", "n_startup_trials": "many"}, r"sampler\.n_startup_trials=many: must be a valid integer"),
    ({"name": "TPESampler", "n_startup_trials": True}, r"sampler\.n_startup_trials=true: must be a valid integer"),
    ({"name": "TPESampler", "n_startup_trials": 0}, r"sampler\.n_startup_trials=0: must be greater than or equal to 1"),
    ({"name": "TPESampler", "multivariate": [1]}, r"sampler\.multivariate=\[1\]: must be a valid boolean"),
    ({"name": "TPESampler", "group": True, "multivariate": False}, r"sampler=TPESampler: .*group.*multivariate"),
    ({"name": "NSGAIISampler", "population_size": 1}, r"sampler=NSGAIISampler: .*population_size.*2"),
    ({"name": "NSGAIISampler", "crossover_prob": 1.5}, r"sampler=NSGAIISampler: .*crossover_prob"),
    ({"name": "GridSampler", "search_space": {"x": [1]}}, r"sampler\.search_space=.*: unknown key; allowed are seed"),
]


@pytest.mark.parametrize(("given", "message"), WRONG)
def test_an_argument_that_a_sampler_does_not_take_is_refused(given: Any, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        make_sampler(sampler(given), 0, [])


def test_an_argument_that_a_pruner_does_not_take_is_refused() -> None:
    with pytest.raises(ConfigError, match=r"pruner\.p_threshold=x: must be a valid number"):
        make_pruner(pruner({"name": "WilcoxonPruner", "p_threshold": "x"}))
    with pytest.raises(ConfigError, match=r"pruner=WilcoxonPruner: .*between 0 and 1"):
        make_pruner(pruner({"name": "WilcoxonPruner", "p_threshold": 2}))
    with pytest.raises(ConfigError, match=r"pruner\.n=1: unknown key; there are none"):
        make_pruner(pruner({"name": "NopPruner", "n": 1}))


@pytest.mark.parametrize(
    ("part", "name"),
    [
        ("sampler", name)
        for name in ("tpe", "CmaEsSampler", "BaseSampler", "os.system", "__class__", "nsgaii", None, 3, [])
    ]
    + [("pruner", name) for name in ("wilcoxon", "MedianPruner", "PatientPruner", "BasePruner", None)],
)
def test_nothing_but_the_listed_classes_can_be_named(part: str, name: Any) -> None:
    for given in (name, {"name": name}):
        with pytest.raises(ConfigError, match=rf"search\.{part}\.name=.*must be one of (TPESampler|NopPruner), "):
            validate(SearchSettings, "search", search_block(**{part: given}))


def test_a_sampler_is_made_anew_for_every_trial_from_its_seed() -> None:
    drawn = []
    for seed, asked in ((0, 0), (0, 0), (0, 1), (1, 0)):
        made = make_sampler(sampler({"name": "RandomSampler", "seed": seed}), asked, [])
        study = optuna.create_study(sampler=made)
        drawn.append(study.ask({"x": optuna.distributions.FloatDistribution(0, 1)}).params["x"])
    assert drawn[0] == drawn[1]
    assert len(set(drawn)) == 3


@pytest.mark.parametrize(
    ("word", "message"),
    [
        ("sampler.n_startup_trial=3", "sampler.n_startup_trial=3: unknown key; .* mean n_startup_trials.*"),
        ("sampler.group=true", "sampler=TPESampler: .*"),
        ("pruner.p_threshold=2", "pruner=WilcoxonPruner: .*between 0 and 1.*"),
    ],
)
def test_a_wrong_argument_is_refused_before_anything_is_written(
    empty: Path, capsys: pytest.CaptureFixture[str], word: str, message: str
) -> None:
    from tests.jobs import depsim

    assert depsim("sweep", "search_ketamine", f"search.{word}", "search.sampler.multivariate=false") == 2
    assert re.fullmatch(f"depsim: {message}\n", capsys.readouterr().err)
    assert list(empty.iterdir()) == []
