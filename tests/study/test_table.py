"""A stored study as tables: the numbers are those of the runs."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

import depsim
from depsim.study.table import StudyTable as Table
from depsim.tracking.mlflow_individuals import DamagedRecordError
from tests.jobs import TINY, artifacts, run, runs, sicken, spec, working_in

pytestmark = pytest.mark.slow  # whole jobs on a store


@pytest.fixture(scope="module", autouse=True)
def _stored(tmp_path_factory: pytest.TempPathFactory, new_store: Path) -> Iterator[None]:
    """Two levels of pruning under two treatments, two individuals each, one of whom fails once; and replicates."""
    folder = tmp_path_factory.mktemp("table")
    *jobs, last = [
        spec(treatment, "cohort=smoke", "cohort.size=2", f"pathology.sparsity={level}", "study=s")
        for treatment in ("ketamine", "none")
        for level in ("0.9", "0.95")
    ]
    with working_in(folder, new_store):
        run(*jobs)
        with pytest.MonkeyPatch.context() as illness:
            sicken(illness, 1)
            run(last)
        run(spec("none", "cohort=smoke", "cohort.size=2", "cohort.replicates=2", "study=r"))
        yield


@pytest.fixture
def table() -> Table:
    return depsim.load_study("s")


def test_a_study_is_a_tidy_frame(table: Table) -> None:
    assert repr(table) == "<study s: 4 arms, 7 individuals>"
    frame = table.frame
    assert list(frame.columns) == [
        "arm", "treatment", "seed", "replicate", "pathology.sparsity", "exam", "metric", "value",
    ]  # fmt: skip
    people = [ended for ended in runs("s", kind="individual") if ended.info.status == "FINISHED"]
    assert len(people) == 7
    for ended in people:
        rows = frame[(frame.treatment == ended.data.tags["depsim.treatment"])
                    & (frame["pathology.sparsity"] == float(ended.data.params["pathology.sparsity"]))
                    & (frame.seed == int(ended.data.tags["depsim.seed"]))]  # fmt: skip
        measured = {k: v for k, v in ended.data.metrics.items() if not k.endswith(("/loss", "/resilience"))}
        assert dict(zip(rows.metric, rows.value, strict=True)) == measured
        assert set(rows.exam) == {name.partition("/")[0] if "/" in name else "" for name in measured}
    assert not frame.duplicated(["arm", "seed", "metric"]).any()
    assert set(frame.replicate) == {0}


def test_replicates_are_counted_from_zero() -> None:
    frame = depsim.load_study("r").frame
    combined = frame[frame.metric == "treated/combined"]
    assert sorted(zip(combined.seed, combined.replicate, strict=True)) == [(0, 0), (0, 1), (1, 0), (1, 1)]
    again = {ended.data.tags["depsim.seed"]: ended.data.metrics["treated/combined"]
             for ended in runs("r", kind="individual") if ended.data.tags.get("depsim.replicate") == "1"}  # fmt: skip
    second = combined[combined.replicate == 1]
    assert dict(zip(map(str, second.seed), second.value, strict=True)) == again


def test_one_metric_is_a_table_of_individuals_by_arms(table: Table) -> None:
    wide = table.wide("treated/combined")
    assert (list(wide.index), set(wide.columns)) == ([0, 1], set(table.arms.index))
    (sick,) = [name for name in wide.columns if name == "untreated, 95 % pruned"]
    assert np.isnan(wide.loc[1, sick])
    assert wide.notna().sum().sum() == 7
    with pytest.raises(KeyError, match=r"treated/combinde: not measured \(did you mean treated/combined\?\); there"):
        table.wide("treated/combinde")


def test_arms_and_failures(table: Table) -> None:
    assert sorted(zip(table.arms.finished, table.arms.failed, strict=True)) == [(1, 1), (2, 0), (2, 0), (2, 0)]
    assert set(table.arms["pathology.sparsity"]) == {"0.9", "0.95"}
    (failure,) = table.failures.itertuples()
    assert (failure.seed, failure.reason) == (1, "ArithmeticError: no cure for (1,)")
    assert table.arms.failed[failure.arm] == 1


def test_curves_and_masks(table: Table) -> None:
    (arm,) = [name for name in table.arms.index if name == "ketamine, 95 % pruned"]
    curves = table.curves("healthy/loss")
    assert list(curves.columns) == ["arm", "seed", "replicate", "step", "value"]
    curves = curves[curves.arm == arm]
    assert list(curves.step) == [0, 1] * 2
    simulated = depsim.simulate("treatment=ketamine", "treatment.epochs=2", *TINY, "cohort=smoke", "cohort.size=2")
    assert list(curves.value) == [v for outcome in simulated.outcomes for _, v in outcome.curves["healthy/loss"]]
    for stage, layers in table.masks(arm, 1).items():
        assert all(np.array_equal(a, b) for a, b in zip(layers, simulated.masks(1)[stage], strict=True))
    with pytest.raises(KeyError, match="no individual has such a curve"):
        table.curves("healthy/los")
    with pytest.raises(KeyError, match=f"{arm}: no individual 7; there are "):
        table.masks(arm, 7)
    with pytest.raises(KeyError, match=f"nobody: no such arm; there are .*{arm}"):
        table.masks("nobody", 1)


def test_damaged_masks_are_named() -> None:
    (person,) = runs("r", kind="individual", seed="1", replicate="1")
    (artifacts(person) / "masks.npz").write_bytes(b"not masks")
    with pytest.raises(DamagedRecordError, match=f"masks.npz of run {person.info.run_id}"):
        depsim.load_study("r").masks("untreated", 1, 1)


def test_what_is_not_there_is_named_and_nothing_is_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(LookupError, match="t: no such study; there are r, s"):
        depsim.load_study("t")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(LookupError, match="there are no runs in"):
        depsim.load_study("s")
    assert not Path("mlruns").exists()
