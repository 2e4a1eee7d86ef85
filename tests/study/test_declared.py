from __future__ import annotations

from types import SimpleNamespace

import pytest

from depsim.study.declared import declared_claims, was_seen


def run(run_id: str, **tags: str) -> SimpleNamespace:
    return SimpleNamespace(info=SimpleNamespace(run_id=run_id), data=SimpleNamespace(tags=tags))


BELOW = {"mlflow.parentRunId": "p"}


@pytest.mark.parametrize(
    ("individual", "runs", "declared"),
    [
        (run("i", **BELOW), [run("q"), run("p", **{"depsim.claims": '{"a": "1"}'})], {"a": "1"}),
        (run("i", **BELOW, **{"depsim.claims": "{}"}), [run("p", **{"depsim.claims": '{"a": "1"}'})], {}),
        (run("i", **{"depsim.claims": '{"a": "2"}'}), [], {"a": "2"}),
        (run("i", **BELOW), [run("p")], {}),
        (run("i", **BELOW), [run("q", **{"depsim.claims": '{"a": "1"}'})], {}),
        (run("i"), [], {}),
    ],
    ids=["its condition's", "copied", "alone", "an older condition", "the condition is gone", "an older one alone"],
)
def test_claims_are_the_individuals_own_or_its_conditions(
    individual: SimpleNamespace, runs: list[SimpleNamespace], declared: dict[str, str]
) -> None:
    assert declared_claims(individual, runs) == declared


def test_seeds_of_earlier_findings_are_used_up_and_those_from_10_000_on_are_not() -> None:
    seen = [(0, "shared"), (199, "shared"), (0, "individual"), (299, "individual")]
    fresh = [(200, "shared"), (300, "individual"), (10_000, "shared"), (10_000, "individual")]
    assert [was_seen(*who) for who in seen + fresh] == [True] * 4 + [False] * 4
