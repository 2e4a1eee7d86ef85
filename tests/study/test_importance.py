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
from depsim.search.sweep_files import SearchFile, load_sweep, sweep_names
from depsim.study.importance import FEWEST_TRIALS, _dimension, importances
from depsim.study.search_files import read_searches
from depsim.study.searches import Search
from tests.study.test_searches import METRIC, Store, search_run

SWEEPS = [
    "interval(2,8)", "interval(-1.5,1e-3)", "interval(0.00001,123456)", "interval(0.12345678,0.87654321)",
    "int(interval(0,2000000))", "int(interval(1234567,7654321))", "tag(log,int(interval(1,100)))",
    "tag(log,interval(1e-4,1e-2))", "tag(log,interval(1.23456789e-4,0.5))", "tag(log,range(1,10))",
    "range(1,10,3)", "range(5,0,-1)", "range(0.1234567,1,0.25)", "range(0,1,0.1234567)",
    "choice(gradient,random)", "choice([1, 2],[3])", "choice('a, b',c)", "true,null", "shuffle(3,1,2)",
]  # fmt: skip


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
def test_the_texts_of_a_dimension_and_of_its_points_are_read_back(line: str) -> None:
    """Points as Optuna draws them and ``history.csv`` has them; those at the ends say what six digits do not."""
    wanted = dimension(line)
    distribution, read = _dimension(wanted.text, [str(corner) for corner in wanted.corners])
    assert distribution == wanted.distribution()
    for corner in wanted.corners:
        assert read(str(corner)) == corner
    study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=0))
    drawn = [study.ask({"x": wanted.distribution()}).params["x"] for _ in range(FEWEST_TRIALS)]
    points = [{"x": str(value), "y": str(k / FEWEST_TRIALS)} for k, value in enumerate(drawn)]
    assert (
        len(importances({"x": wanted.text, "y": "float 0 to 1"}, points, list(map(float, range(FEWEST_TRIALS))))) == 2
    )


SPACE = {"dose": "float 0 to 1", "epochs": "int 0 to 20", "idle": "float 0 to 1", "way": "one of a, b"}


def drawn(count: int, seed: int = 0) -> list[dict[str, str]]:
    random = np.random.default_rng(seed)
    return [{"dose": str(random.random()), "epochs": str(random.integers(0, 21)), "idle": str(random.random()),
             "way": str(random.choice(["a", "b"]))} for _ in range(count)]  # fmt: skip


def gains(points: Sequence[dict[str, str]]) -> list[float]:
    """Most by the dose, less by the epochs, a little by the way."""
    return [100 * float(p["dose"]) + 2 * float(p["epochs"]) + (5 if p["way"] == "a" else 0) for p in points]


@pytest.mark.parametrize("important", ["dose", "epochs", "way"])
def test_the_only_setting_that_matters_has_most_and_all_shares_make_one(important: str) -> None:
    points = drawn(150, 3)
    shares = importances(SPACE, points, [float({"a": "1", "b": "0"}.get(p[important], p[important])) for p in points])
    assert shares[0][0] == important
    assert shares[0][1] > 0.5
    assert [share for _, share in shares] == sorted((share for _, share in shares), reverse=True)
    assert sum(share for _, share in shares) == pytest.approx(1)


def test_more_is_better_for_a_gain_and_the_best_trials_decide() -> None:
    """A setting that matters only where gains are low does not count, one that matters at the top does."""
    points = drawn(300, 5)
    gains = [10 + float(p["dose"]) if float(p["dose"]) > 0.6 else -float(p["idle"]) for p in points]
    assert importances({key: SPACE[key] for key in ("dose", "idle")}, points, gains)[0][0] == "dose"


def test_fewer_than_sixty_trials_one_setting_alone_or_equal_gains_have_no_importance() -> None:
    assert [len(importances(SPACE, points, gains(points))) for points in map(drawn, (0, 59, 60))] == [0, 0, len(SPACE)]
    points = drawn(80)
    assert importances({"dose": SPACE["dose"]}, points, gains(points)) == []
    assert importances(SPACE, points, [3.0] * 80) == []


def test_the_same_trials_have_the_same_importances_and_optuna_stays_as_it_was() -> None:
    points, before = drawn(FEWEST_TRIALS), optuna.logging.get_verbosity()
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
    alone, mixed = searched(complete(60)), searched([*complete(60), *others])
    assert len(mixed.trials) == 64
    assert alone.importance == mixed.importance
    assert alone.importance[0][:2] == ("dose", METRIC)
    assert searched([*complete(59), *others]).importance == ()


def test_what_is_minimised_is_read_the_other_way_round() -> None:
    assert searched(complete(60, -1), "minimise").importance == searched(complete(60)).importance != ()
