"""What a report says of a search's settings is read from the texts that the search wrote."""

from __future__ import annotations

from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any

import numpy as np
import optuna
import pytest

from depsim.config import parse_overrides
from depsim.search.space import Dimension, read_dimension
from depsim.search.sweeps import SearchFile, load_sweep, sweep_names
from depsim.study.importance import _dimension, importances
from depsim.study.searches import Search, read_searches
from tests.study.test_searches import METRIC, Store, search_run

SWEEPS = [
    "interval(0.1,0.8)",
    "interval(2,8)",
    "interval(-1.5,1e-3)",
    "interval(0.00001,123456)",
    "int(interval(2,8))",
    "int(interval(0,2000000))",
    "tag(log,interval(1e-4,1e-2))",
    "tag(log,int(interval(1,100)))",
    "range(1,10)",
    "range(1,10,3)",
    "range(0,1,0.25)",
    "range(5,0,-1)",
    "tag(log,range(1,10))",
    "choice(gradient,random)",
    "0.9,0.95",
    "choice([1,2],[3])",
    "true,null",
    "shuffle(3,1,2)",
    "interval(0.12345678,0.87654321)",
    "int(interval(1234567,7654321))",
    "tag(log,interval(1.23456789e-4,0.5))",
    "choice('a, b',c)",
    "choice([1, 2],[3])",
    "range(0.1234567,1,0.25)",
    "range(0,1,0.1234567)",
]


def dimension(line: str) -> Dimension:
    (override,) = parse_overrides([line])
    return read_dimension(override)


def shipped() -> list[str]:
    """The spaces of the searches that come along."""
    files = [load_sweep(name) for name in sweep_names()]
    return [
        f"{key}={text}" for file in files if isinstance(file, SearchFile) for key, text in file.search.space.items()
    ]


@pytest.mark.parametrize("line", [*(f"treatment.x={sweep}" for sweep in SWEEPS), *shipped()])
def test_the_text_of_a_dimension_is_read_back_as_that_dimension(line: str) -> None:
    wanted = dimension(line)
    corners = [str(corner) for corner in wanted.corners]  # trials at its ends say what six digits do not
    found, read = _dimension(wanted.text, corners)
    assert found == wanted.distribution()
    for corner in wanted.corners:
        assert read(str(corner)) == corner


@pytest.mark.parametrize("line", [*(f"treatment.x={sweep}" for sweep in SWEEPS), *shipped()])
def test_the_points_that_a_search_writes_are_read_back(line: str) -> None:
    """As Optuna draws them and ``history.csv`` has them."""
    wanted = dimension(line)
    study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=0))
    drawn = [study.ask({"x": wanted.distribution()}).params["x"] for _ in range(12)]
    points = [{"x": str(value), "y": str(k / 12)} for k, value in enumerate(drawn)]
    found = importances({"x": wanted.text, "y": "float 0 to 1"}, points, [float(k) for k in range(12)])
    assert {key for key, _ in found} == {"x", "y"}


SPACE = {"dose": "float 0 to 1", "epochs": "int 0 to 20", "idle": "float 0 to 1", "way": "one of a, b"}


def drawn(count: int, seed: int = 0) -> list[dict[str, str]]:
    random = np.random.default_rng(seed)
    return [
        {
            "dose": str(random.random()),
            "epochs": str(random.integers(0, 21)),
            "idle": str(random.random()),
            "way": str(random.choice(["a", "b"])),
        }
        for _ in range(count)
    ]


def gains(points: Sequence[dict[str, str]]) -> list[float]:
    """Most by the dose, less by the epochs, a little by the way."""
    return [100 * float(p["dose"]) + 2 * float(p["epochs"]) + (5 if p["way"] == "a" else 0) for p in points]


def test_shares_are_not_negative_make_one_and_the_idle_setting_has_least() -> None:
    points = drawn(200)
    found = importances(SPACE, points, gains(points))
    shares = dict(found)
    assert set(shares) == set(SPACE)
    assert all(share >= 0 for share in shares.values())
    assert sum(shares.values()) == pytest.approx(1)
    assert [key for key, _ in found] == sorted(shares, key=lambda key: -shares[key])
    assert found[0][0] == "dose"
    assert shares["idle"] < min(shares["dose"], shares["epochs"])


@pytest.mark.parametrize("important", ["dose", "epochs", "idle", "way"])
def test_the_only_setting_that_matters_has_most_and_any_other_less(important: str) -> None:
    points = drawn(150, 3)
    values = [{"a": 1.0, "b": 0.0}.get(point[important]) for point in points]
    own = [float(point[important]) if value is None else value for point, value in zip(points, values, strict=True)]
    found = importances(SPACE, points, own)
    assert found[0][0] == important
    assert found[0][1] > 0.5


def test_more_is_better_for_a_gain_and_the_best_trials_decide() -> None:
    """A setting that matters only where gains are low does not count, one that matters at the top does."""
    points = drawn(300, 5)
    space = {"dose": SPACE["dose"], "idle": SPACE["idle"]}
    top = [float(p["dose"]) > 0.6 for p in points]
    own = [10 + float(p["dose"]) if high else -float(p["idle"]) for p, high in zip(points, top, strict=True)]
    assert importances(space, points, own)[0][0] == "dose"


@pytest.mark.parametrize("count", range(5))
def test_fewer_than_four_trials_say_nothing(count: int) -> None:
    points = drawn(count)
    assert len(importances(SPACE, points, gains(points))) == (0 if count < 4 else len(SPACE))


def test_one_setting_alone_or_equal_gains_say_nothing() -> None:
    points = drawn(20)
    assert importances({"dose": SPACE["dose"]}, points, gains(points)) == []
    assert importances(SPACE, points, [3.0] * 20) == []


def test_the_same_trials_have_the_same_importances_and_optuna_stays_as_it_was() -> None:
    points, before = drawn(30), optuna.logging.get_verbosity()
    optuna.logging.set_verbosity(optuna.logging.INFO)
    assert importances(SPACE, points, gains(points)) == importances(SPACE, points, gains(points))
    assert optuna.logging.get_verbosity() == optuna.logging.INFO
    optuna.logging.set_verbosity(before)


HEAD = "number,state,reason,individuals,value,feasible,dose,idle"


def searched(rows: Sequence[str], direction: str = "maximise") -> Search:
    run: Any = search_run()
    params = {"metric": METRIC, "directions": direction, "statistic": "mean"}
    run.data = SimpleNamespace(
        tags=run.data.tags, metrics={}, params=params | {"space.dose": SPACE["dose"], "space.idle": SPACE["idle"]}
    )
    (search,) = read_searches(Store({"s": {"history.csv": "\n".join([HEAD, *rows, ""])}}), [run])
    return search


def complete(count: int, sign: int = 1) -> list[str]:
    points = drawn(count)
    return [
        f"{k},COMPLETE,,6,{sign * 100 * float(p['dose'])},true,{p['dose']},{p['idle']}" for k, p in enumerate(points)
    ]


def test_failed_and_pruned_trials_are_left_out() -> None:
    others = [
        "90,FAIL,individual 4: nan,5,,,0.1,0.9",
        "91,PRUNED,hopeless,2,,,0.99,0.2",
        "92,RUNNING,,0,,,0.5,0.5",
        "93,FAIL,broken,5,nan,,0.7,0.9",
    ]
    alone, mixed = searched(complete(40)), searched([*complete(40), *others])
    assert len(mixed.trials) == 44
    assert alone.importance == mixed.importance
    assert alone.importance[0][:2] == ("dose", METRIC)
    assert searched([*complete(3), *others]).importance == ()


def test_what_is_minimised_is_read_the_other_way_round() -> None:
    assert searched(complete(40, -1), "minimise").importance == searched(complete(40)).importance
