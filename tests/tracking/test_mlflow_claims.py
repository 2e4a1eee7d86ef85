"""Runs carry the claims that were declared before them; what is changed afterwards was not declared beforehand."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from depsim.paper.arm_claims import declared_hashes
from depsim.paper.claim_panels import ClaimPanel
from depsim.paper.claim_rows import judge
from depsim.paper.claims import FILE, claims
from depsim.paper.conditions import papers_conditions
from depsim.study.groups import groups
from depsim.study.reading import read_study
from depsim.tracking.mlflow_store import open_client
from tests.claim_files import other_claims
from tests.jobs import run, runs, spec, watch_work

pytestmark = [pytest.mark.usefixtures("project"), pytest.mark.slow]  # whole jobs on a store

CHANGED, SAME = "Combined stress costs the pruned network more", "Input jitter costs the pruned network accuracy"
FRESH = "cohort.first_seed=21000"
THREE = ("cohort=smoke", FRESH, "study=s")


@pytest.fixture
def changed(tmp_path: Path) -> Any:
    @contextmanager
    def claims() -> Iterator[None]:
        text, holds = FILE.read_text(), "[untreated combined, below, untreated standard]"
        assert text.count(holds) == 1
        with other_claims(tmp_path, text.replace(holds, "[untreated combined, below, untreated standard, 1]")):
            yield

    return claims


def declared(study: str = "s") -> tuple[bool, bool]:
    """Whether it was declared beforehand: of the claim that is changed, and of one that is not."""
    (group,) = groups(read_study(open_client(), study), ("treatment",))
    found = {row.of("claim"): row for row in judge(ClaimPanel({}, papers_conditions(group)), claims())}
    assert found[CHANGED].n
    assert found[SAME].n
    return bool(found[CHANGED].more["declared"]), bool(found[SAME].more["declared"])


def test_a_claim_that_is_changed_after_the_runs_is_not_declared_beforehand(changed: Any) -> None:
    run(spec("none", *THREE))
    assert declared() == (True, True)
    with changed():
        assert declared() == (False, True)
        run(spec("none", *THREE))  # again: nothing is written
        assert declared() == (False, True)
    assert declared() == (True, True)


def test_the_condition_carries_every_hash_from_its_creation_on(monkeypatch: pytest.MonkeyPatch) -> None:
    created: list[dict[str, str]] = []
    client_type = type(open_client())
    create = client_type.create_run

    def watched(self: Any, *args: Any, **kwargs: Any) -> Any:
        created.append(kwargs["tags"])
        return create(self, *args, **kwargs)

    monkeypatch.setattr(client_type, "create_run", watched)
    run(spec("none", *THREE))
    tags = [tag["depsim.claims"] for tag in created if tag["depsim.kind"] == "condition"]
    assert [json.loads(tag) for tag in tags] == [declared_hashes()]
    assert all(len(tag) < 5000 for tag in tags)  # what a tag can hold
    assert not any("depsim.claims" in tag for tag in created if tag["depsim.kind"] == "individual")


def test_a_study_that_goes_on_keeps_the_claims_of_its_first_start(changed: Any) -> None:
    with pytest.MonkeyPatch.context() as patch:
        watch_work(patch, interrupt_after=1)
        with pytest.raises(KeyboardInterrupt):
            run(spec("none", *THREE))
    first = declared_hashes()
    with changed():
        run(spec("none", *THREE))
        (parent,) = runs("s", kind="condition")
        assert json.loads(parent.data.tags["depsim.claims"]) == first
        assert declared() == (False, True)
    assert declared() == (True, True)


def test_individuals_of_before_and_after_a_change_are_not_declared_beforehand(changed: Any) -> None:
    run(spec("none", "cohort=smoke", "seed=21000", "study=s"))
    assert declared() == (True, True)
    with changed():
        run(spec("none", *THREE))
        assert declared() == (False, True)
    assert declared() == (False, True)


@pytest.mark.slow
def test_a_copy_is_as_old_as_what_it_was_copied_from(changed: Any) -> None:
    run(spec("none", *THREE))
    with changed():
        run(spec("none", "cohort=smoke", FRESH, "study=t"))
        run(spec("none", "cohort=smoke", FRESH, "cohort.size=4", "study=u"))
        run(spec("none", "cohort=smoke", "seed=21001", "study=v"))
        for study in ("t", "u", "v"):  # all of it copied, all but one, and a cohort of one
            assert declared(study) == (False, True), study
    assert [declared(study)[0] for study in ("t", "u", "v")] == [True, False, True]


def test_runs_of_an_older_version_declare_nothing() -> None:
    run(spec("none", *THREE))
    (parent,) = runs("s", kind="condition")
    open_client().delete_tag(parent.info.run_id, "depsim.claims")
    assert declared() == (False, False)
    run(spec("none", "cohort=smoke", FRESH, "study=t"))
    assert declared("t") == (False, False)


def test_claims_are_in_no_key(changed: Any) -> None:
    job = spec("none", *THREE).job
    with changed():
        other = spec("none", *THREE).job
    assert job.claims != other.claims
    assert (job.job_key, job.arm_key, job.run_key(0), job.params()) == (
        other.job_key,
        other.arm_key,
        other.run_key(0),
        other.params(),
    )


def test_nobody_declares_claims_where_nothing_is_kept() -> None:
    assert spec("none", "cohort=smoke", "tracking=none").job.claims == {}


def test_individuals_of_earlier_findings_were_seen_before_any_claim() -> None:
    run(spec("none", "cohort=smoke", "study=s"))
    assert declared() == (False, False)
