from __future__ import annotations

from types import SimpleNamespace

import pytest

from depsim.paper.claims import claim_hashes, claims
from depsim.paper.seen import was_seen
from depsim.study.declared import declared_claims


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


def test_whoever_was_in_a_finding_tells_of_no_claim_that_came_after_it() -> None:
    known = next(iter(claim_hashes().values()))
    seen = [(0, "shared"), (199, "shared"), (0, "individual"), (299, "individual")]
    for claim in (known, "0" * 12):
        assert [was_seen(*who, claim) for who in seen] == [True] * 4
        assert [was_seen(seed, "shared", claim) for seed in (200, 21_000)] == [False, False]
    assert [was_seen(10_000, data, known) for data in ("shared", "individual")] == [False, False]
    assert [was_seen(10_000, data, "0" * 12) for data in ("shared", "individual")] == [True, True]
    assert was_seen(20_127, "individual"), "in a set of the multiverse"


def test_a_claim_whose_margin_is_declared_elsewhere_was_not_declared_before_the_finding_of_november_2026() -> None:
    late = [claim.name for claim in claims() if was_seen(10_000, "shared", claim.hash())]
    assert late == ["Neurosteroid comes close to ketamine under combined stress"]
