"""A stored study as tables: the numbers are those of the runs."""

from __future__ import annotations

import numpy as np
import pytest

import depsim
from depsim.tracking.mlflow_individuals import DamagedRecordError
from tests.jobs import TINY, artifacts, run, runs, sicken, spec

pytestmark = [pytest.mark.usefixtures("project"), pytest.mark.slow]  # whole jobs on a store


def study() -> None:
    """Two levels of pruning under two treatments, three individuals each, one of whom fails once."""
    jobs = [
        spec(treatment, "cohort=smoke", f"pathology.sparsity={level}", "study=s")
        for treatment in ("ketamine", "none")
        for level in ("0.9", "0.95")
    ]
    run(*jobs[:3])
    with pytest.MonkeyPatch.context() as patch:
        sicken(patch, 2)
        run(jobs[3])


def test_a_study_is_a_tidy_frame() -> None:
    study()
    table = depsim.load_study("s")
    assert repr(table) == "<study s: 4 arms, 11 individuals>"
    frame = table.frame
    assert list(frame.columns) == [
        "arm", "treatment", "seed", "replicate", "pathology.sparsity", "exam", "metric", "value",
    ]  # fmt: skip
    people = [each for each in runs("s", kind="individual") if each.info.status == "FINISHED"]
    assert len(people) == 11
    for each in people:
        own = frame[(frame.treatment == each.data.tags["depsim.treatment"])
                    & (frame["pathology.sparsity"] == float(each.data.params["pathology.sparsity"]))
                    & (frame.seed == int(each.data.tags["depsim.seed"]))]  # fmt: skip
        measured = {k: v for k, v in each.data.metrics.items() if not k.endswith(("/loss", "/resilience"))}
        assert dict(zip(own.metric, own.value, strict=True)) == measured
        assert set(own.exam) == {name.partition("/")[0] if "/" in name else "" for name in measured}
    assert not frame.duplicated(["arm", "seed", "metric"]).any()
    assert set(frame.replicate) == {0}


def test_replicates_are_counted_from_zero() -> None:
    run(spec("none", "cohort=smoke", "cohort.replicates=2", "study=r"))
    frame = depsim.load_study("r").frame
    combined = frame[frame.metric == "treated/combined"]
    assert sorted(zip(combined.seed, combined.replicate, strict=True)) == [(s, r) for s in range(3) for r in range(2)]
    again = {each.data.tags["depsim.seed"]: each.data.metrics["treated/combined"]
             for each in runs("r", kind="individual") if each.data.tags.get("depsim.replicate") == "1"}  # fmt: skip
    second = combined[combined.replicate == 1]
    assert dict(zip(map(str, second.seed), second.value, strict=True)) == again


def test_one_metric_is_a_table_of_individuals_by_arms() -> None:
    study()
    table = depsim.load_study("s")
    wide = table.wide("treated/combined")
    assert list(wide.index) == [0, 1, 2]
    assert set(wide.columns) == set(table.arms.index)
    (sick,) = [name for name in wide.columns if "none" in name and "0.95" in name]
    assert np.isnan(wide.loc[2, sick])
    assert wide.notna().sum().sum() == 11
    with pytest.raises(
        KeyError,
        match=r"treated/combinde: not measured \(did you mean treated/combined\?\); there are .*treated/combined",
    ):
        table.wide("treated/combinde")


def test_arms_and_failures() -> None:
    study()
    table = depsim.load_study("s")
    assert list(table.arms.finished) == [3, 2, 3, 3]
    assert list(table.arms.failed) == [0, 1, 0, 0]
    assert set(table.arms["pathology.sparsity"]) == {"0.9", "0.95"}
    (failure,) = table.failures.itertuples()
    assert (failure.seed, failure.reason) == (2, "ArithmeticError: no cure for (2,)")
    assert failure.arm in table.arms.index


def test_curves_and_masks() -> None:
    run(spec("ketamine", "cohort=smoke", "study=s"))
    table = depsim.load_study("s")
    curves = table.curves("healthy/loss")
    assert list(curves.columns) == ["arm", "seed", "replicate", "step", "value"]
    assert list(curves.step) == [0, 1] * 3
    simulated = depsim.simulate("treatment=ketamine", "treatment.epochs=2", *TINY, "cohort=smoke")
    assert list(curves.value) == [v for outcome in simulated.outcomes for _, v in outcome.curves["healthy/loss"]]
    (arm,) = table.arms.index
    for stage, layers in table.masks(arm, 1).items():
        assert all(np.array_equal(a, b) for a, b in zip(layers, simulated.masks(1)[stage], strict=True))
    with pytest.raises(KeyError, match="no individual has such a curve"):
        table.curves("healthy/los")
    with pytest.raises(KeyError, match=f"{arm}: no individual 7; there are "):
        table.masks(arm, 7)
    with pytest.raises(KeyError, match=f"nobody: no such arm; there are {arm}"):
        table.masks("nobody", 1)


def test_damaged_masks_are_named() -> None:
    run(spec("none", "cohort=smoke", "study=s"))
    (person,) = [each for each in runs("s", kind="individual") if each.data.tags["depsim.seed"] == "1"]
    (artifacts(person) / "masks.npz").write_bytes(b"not masks")
    table = depsim.load_study("s")
    with pytest.raises(DamagedRecordError, match=f"masks.npz of run {person.info.run_id}"):
        table.masks("none", 1)


def test_what_is_not_there_is_named(tmp_path: object) -> None:
    run(spec("none", "seed=1", "study=s"))
    with pytest.raises(LookupError, match="t: no such study; there are s"):
        depsim.load_study("t")


def test_without_a_store_nothing_is_made(empty: object) -> None:
    from pathlib import Path

    for path in Path("mlruns").iterdir():
        path.unlink()
    Path("mlruns").rmdir()
    with pytest.raises(LookupError, match="there are no runs in"):
        depsim.load_study("s")
    assert not Path("mlruns").exists()
