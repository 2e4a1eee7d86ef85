from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from depsim.study.analyses.search import search_rows
from depsim.study.search_files import history_csv, read_searches, winner_json
from depsim.study.searches import Score, Search, Trial, Winner
from tests.searches import objective

METRIC = "treated/internal_noise_2.5"
HISTORY = """number,state,reason,individuals,value,feasible,treatment.regrow_fraction
2,COMPLETE,,6,70.5,true,0.5
0,COMPLETE,,6,60.0,true,0.1
1,PRUNED,"mean 40 of 2 individuals,
worse than the best trial's",2,,,0.02
3,FAIL,individual 4: nan,5,,,0.9
4,COMPLETE,,6,99.0,false,0.8
"""
WINNER = {"trial": 2, "point": {"treatment.regrow_fraction": 0.5}, "values": [70.5],
          "fresh_values": [68.0], "fresh_failure": None, "fresh_run": "fresh",
          "reference_values": [66.0], "reference_failure": None, "reference_run": "papers"}  # fmt: skip


class Store:
    """A store that holds the artifacts of runs."""

    def __init__(self, files: dict[str, dict[str, str]]) -> None:
        self.files = files

    def list_artifacts(self, run_id: str) -> list[Any]:
        return [SimpleNamespace(path=name) for name in self.files.get(run_id, {})]

    def download_artifacts(self, run_id: str, name: str, folder: str) -> str:
        path = Path(folder) / name
        path.write_text(self.files[run_id][name], newline="")
        return str(path)


def run(run_id: str, metrics: dict[str, float] | None = None, status: str = "FINISHED", **tags: str) -> Any:
    info = SimpleNamespace(run_id=run_id, start_time=0, status=status)
    named = {f"depsim.{key}" if key != "parent" else "mlflow.parentRunId": value for key, value in tags.items()}
    params = {"metric": METRIC, "directions": "maximise", "statistic": "mean", "sampler": "tpe"}
    return SimpleNamespace(info=info, data=SimpleNamespace(tags=named, metrics=metrics or {}, params=params))


def search_run(run_id: str = "s", status: str = "FINISHED") -> Any:
    return run(run_id, kind="search", sweep="search_ketamine", status=status)


def trial(number: int, *values: float, feasible: bool = True) -> Trial:
    return Trial(number, "COMPLETE" if values else "PRUNED", "", 6, values, feasible and bool(values), {})


def searched(trials: Sequence[Trial], *directions: str) -> Search:
    objectives = tuple(objective(f"m{place}", direction, "mean") for place, direction in enumerate(directions))
    return Search("s", objectives, {}, tuple(trials), (), (), True, "")


def test_a_search_is_read_with_its_trials_in_order_and_its_winner_beside_the_papers_settings() -> None:
    files = {"history.csv": HISTORY, "winner.json": json.dumps({"winners": [WINNER]})}
    runs = [
        search_run(),
        run("fresh", {METRIC: 68.0}, kind="condition", search="s", trial="winner"),
        run("a", {METRIC: 67.0}, kind="individual", search="s", parent="fresh", seed="50"),
        run("b", {METRIC: 69.0}, kind="individual", search="s", parent="fresh", seed="51"),
        run("failed", {METRIC: 1.0}, "FAILED", kind="individual", search="s", parent="fresh", seed="52"),
        run("c", {METRIC: 66.0}, kind="individual", search="s", parent="papers", seed="50"),
        run("other", {METRIC: 2.0}, kind="individual", search="another", parent="fresh", seed="53"),
    ]
    (search,) = read_searches(Store({"s": files}), runs)
    assert (search.name, search.objectives) == ("search_ketamine", (objective(METRIC, "maximise", "mean"),))
    assert [(t.number, t.state, t.individuals, t.values, t.feasible) for t in search.trials] == [
        (0, "COMPLETE", 6, (60.0,), True),
        (1, "PRUNED", 2, (), False),
        (2, "COMPLETE", 6, (70.5,), True),
        (3, "FAIL", 5, (), False),
        (4, "COMPLETE", 6, (99.0,), False),
    ]
    assert "\n" in search.trials[1].reason
    assert search.trials[3].point == {"treatment.regrow_fraction": "0.9"}
    (winner,) = search.winners
    assert winner.fresh.people == {50: {METRIC: 67.0}, 51: {METRIC: 69.0}}
    assert (winner.reference.values, winner.reference.people) == ((66.0,), {50: {METRIC: 66.0}})
    assert winner.optimism(search.objectives) == (2.5,)


def test_optimism_is_positive_where_the_search_was_too_good_also_when_less_is_better() -> None:
    entry = {**WINNER, "values": [3.0], "fresh_values": [5.0], "fresh_run": None}
    for key in ("reference_values", "reference_failure", "reference_run"):
        del entry[key]  # as of a search by an earlier version
    files = {"history.csv": HISTORY, "winner.json": json.dumps({"winners": [entry]})}
    run = search_run()
    run.data.params |= {"directions": "minimise", "metric": "relapse_drop"}
    (search,) = read_searches(Store({"s": files}), [run])
    (winner,) = search.winners
    assert (winner.optimism(search.objectives), winner.reference.values) == ((2.0,), None)
    assert (winner.fresh.people, winner.reference.people) == ({}, {})


def test_an_unfinished_search_has_trials_and_no_winner_and_a_new_one_has_neither() -> None:
    runs = [search_run("s", "RUNNING"), search_run("t", "RUNNING")]
    begun, new = read_searches(Store({"s": {"history.csv": HISTORY}}), runs)
    assert (len(begun.trials), begun.winners, begun.finished) == (5, (), False)
    assert (new.name, new.trials, new.importance) == ("search_ketamine (2)", (), ())


def test_the_front_holds_those_that_nobody_beats_in_both_objectives() -> None:
    trials = [trial(0, 1.0, 9.0), trial(1, 2.0, 5.0), trial(2, 1.0, 10.0), trial(3, 3.0, 1.0, feasible=False), trial(4)]
    assert [tried.number for tried in searched(trials, "maximise", "maximise").front()] == [1, 2]
    assert [tried.number for tried in searched(trials, "minimise", "maximise").front()] == [2]
    assert searched(trials, "maximise", "maximise").best_so_far() == {}


@pytest.mark.parametrize(("direction", "best"), [("maximise", [2.0, 2.0, 5.0]), ("minimise", [2.0, 1.0, 1.0])])
def test_best_so_far_never_gets_worse(direction: str, best: list[float]) -> None:
    search = searched([trial(0, 2.0), trial(1, 1.0), trial(2), trial(3, 5.0)], direction)
    assert search.best_so_far() == dict(zip([0, 1, 3], best, strict=True))


def test_of_equal_trials_the_earlier_one_is_best_and_of_a_trade_off_the_earlier_one_is_in_it() -> None:
    equal = searched([trial(number, value) for number, value in enumerate((1.0, 2.0, 2.0, 0.0))], "maximise")
    assert [tried.number for tried in equal.front()] == [1]
    trials = [trial(number, *values) for number, values in enumerate(((2.0, 2.0), (1.0, 1.0), (2.0, 2.0), (1.0, 2.0)))]
    assert [tried.number for tried in searched(trials, "maximise", "minimise").front()] == [0, 1]


def test_the_best_so_far_and_the_winner_keep_the_constraints() -> None:
    search = searched([trial(0, 1.0), trial(1, 9.0, feasible=False), trial(2, 2.0)], "maximise")
    assert search.best_so_far() == {0: 1.0, 2: 2.0}
    assert [tried.number for tried in search.front()] == [2]


def test_what_a_search_writes_is_what_its_report_reads() -> None:
    trials = (
        Trial(0, "COMPLETE", "", 6, (70.5, 1.0), True, {"a": 0.5, "b": "x, y"}),
        Trial(1, "COMPLETE", "", 6, (60.0, 2.0), False, {"a": 0.1, "b": "z"}),
        Trial(2, "PRUNED", "mean 40,\nworse", 2, (), False, {"a": 0.2, "b": "z"}),
        Trial(3, "FAIL", "interrupted", 0, (), False, {}),
    )
    fresh, papers = Score((68.0, 1.5), None, {}, "fresh", "depsim run a"), Score(None, "no cure", {}, "papers", "again")
    winner = Winner(0, {"a": 0.5, "b": "x, y"}, (70.5, 1.0), fresh, papers, ("mean of c <= 1",))
    shares = (("a", "m0", 0.75), ("b", "m0", 0.25))
    search = replace(searched(trials, "maximise", "minimise"), winners=(winner,), importance=shares)
    files = {
        "history.csv": history_csv(trials, ["a", "b"], 2).decode(),
        "winner.json": winner_json(search, search_rows(search), {"study": "s"}).decode(),
    }
    run = search_run()
    run.data.params |= {"metric": "m0, m1", "directions": "maximise, minimise", "statistic": "mean, mean"}
    (read,) = read_searches(Store({"s": files}), [run])
    as_text = [replace(tried, point={key: str(tried.point.get(key, "")) for key in "ab"}) for tried in trials]
    assert (list(read.trials), read.winners, read.objectives) == (as_text, (winner,), search.objectives)
    assert read.importance == shares
    content = json.loads(files["winner.json"])
    assert (content["study"], content["winners"][0]["optimism"]) == ("s", [2.5, 0.5])
