from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import depsim
from depsim.model.masks import unpack
from tests.execution.test_runner import SMALL
from tests.jobs import SIZES, runs, statuses, tiny, watch_work

NEUROSTEROID = tiny("neurosteroid", "cohort=smoke")


def test_metrics_are_arrays_with_a_value_per_individual(empty: Path) -> None:
    result = depsim.simulate(*NEUROSTEROID)
    assert result.seeds == (0, 1, 2)
    assert result.failures == {}
    assert result.run_id is None
    assert {"treated/combined", "withdrawn/combined", "dose/l1", "relapse_drop"} <= set(result.metrics)
    for name, values in result.metrics.items():
        assert isinstance(values, np.ndarray)
        assert values.shape == (3,)
        assert values.dtype == np.float64
        assert np.isfinite(values).all() or name in ("treated/response", "treated/remission")  # of whom there is none
    assert list(empty.iterdir()) == []


def test_masks_are_boolean_arrays_by_stage() -> None:
    result = depsim.simulate(*tiny("ketamine", "cohort=smoke", "tracking=none"))
    masks = result.masks(1)
    assert {"healthy", "depressed", "treated", "relapsed"} <= set(masks)
    assert [mask.shape for mask in masks["depressed"]] == [(16, 2), (12, 16), (4, 12)]
    assert all(mask.dtype == np.bool_ for layers in masks.values() for mask in layers)
    assert sum(int(mask.sum()) for mask in masks["depressed"]) < sum(int(mask.sum()) for mask in masks["treated"])
    kept = sum(int(mask.sum()) for mask in masks["treated"])
    assert result.metrics["treated/sparsity"][1] == pytest.approx(100 * (1 - kept / 272))
    assert all(masks["healthy"][0].flatten())
    assert unpack(result.outcomes[1].masks).keys() == masks.keys()


def test_who_is_not_there_has_no_masks() -> None:
    result = depsim.simulate(*tiny("none", *SMALL, "seed=1"))
    with pytest.raises(KeyError, match="no outcome of individual 7"):
        result.masks(7)


def test_who_failed_is_named_with_the_traceback() -> None:
    result = depsim.simulate(*tiny("none", "cohort=smoke", "training.learning_rate=1e30", "training.epochs=6"))
    assert result.outcomes == ()
    assert result.seeds == ()
    assert result.metrics == {}
    assert set(result.failures) == {0, 1, 2}
    assert all("DivergedError" in text for text in result.failures.values())


@pytest.mark.slow
def test_with_tracking_it_has_a_run_and_the_second_time_comes_from_there(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    words = [*NEUROSTEROID, "tracking=mlflow", "study=s"]
    first = depsim.simulate(*words)
    (parent,) = runs("s", kind="condition")
    assert first.run_id == parent.info.run_id
    computed = watch_work(monkeypatch)
    again = depsim.simulate(*words)
    assert computed == []
    assert again == first
    assert again.outcomes == depsim.simulate(*NEUROSTEROID).outcomes
    assert statuses("s") == {"FINISHED": 4}


def test_a_wrong_override_is_an_error_that_says_so(empty: Path) -> None:
    with pytest.raises(depsim.ConfigError, match=r"pathology\.sparsity=1\.2: must be less than or equal to 1"):
        depsim.simulate("pathology.sparsity=1.2", "tracking=mlflow")
    with pytest.raises(ValueError, match="several values at once"):
        depsim.simulate("seed=1,2")
    assert list(empty.iterdir()) == []


def test_progress_is_shown_only_if_asked_for(capsys: pytest.CaptureFixture[str]) -> None:
    depsim.simulate(*tiny("none", *SMALL, "seed=1"))
    assert capsys.readouterr() == ("", "")
    depsim.simulate(*tiny("none", *SMALL, "seed=1"), progress=True)
    assert "100%" in capsys.readouterr().err


def test_there_is_nothing_else() -> None:
    with pytest.raises(AttributeError, match="no attribute 'simulated'"):
        _ = depsim.simulated


@pytest.mark.parametrize(
    "code", ["import depsim", "import depsim.__main__; depsim.__main__.main(['--help'])", "import depsim.statistics"]
)
def test_importing_is_cheap(code: str) -> None:
    ask = f"{code}; import sys; print(*sorted({{'torch', 'mlflow', 'hydra', 'scipy', 'numba'}} & set(sys.modules)))"
    answer = subprocess.run([sys.executable, "-c", ask], capture_output=True, text=True, check=True)
    assert answer.stdout.splitlines()[-1] == ""


def test_settings_can_be_a_mapping() -> None:
    words = tiny("ketamine", "cohort.seeds=[3,1]", "cohort.size=null", "cohort.first_seed=null")
    settings = {
        "treatment": "ketamine", "treatment.epochs": 2, "task.train_size": np.int64(300), "task.test_size": 200,
        "task.clean_size": 40, "model.hidden": (16, 12), "training.epochs": 2, "workers": 1,
        "cohort.seeds": np.array([3, 1]), "cohort.size": None, "cohort.first_seed": None,
    }  # fmt: skip
    one, other = depsim.simulate(settings, {"study": "a b"}), depsim.simulate(*words)
    assert one.seeds == other.seeds == (3, 1)
    assert {name: list(found) for name, found in one.metrics.items()} == {
        name: list(found) for name, found in other.metrics.items()
    }
    with pytest.raises(depsim.ConfigError, match="workers: complex; allowed are texts, numbers"):
        depsim.simulate({"workers": 1j})
    with pytest.raises(depsim.ConfigError, match="allowed are texts such as 'treatment=ketamine', and mappings"):
        depsim.simulate(3)  # type: ignore[arg-type]


@pytest.mark.parametrize("text", ["a b", "it's", "\\", "a\\'b", "x,y", "[1]", "null", "1", "ü", "a\\\\", ""])
def test_a_text_arrives_as_it_is(text: str) -> None:
    from hydra.core.override_parser.overrides_parser import OverridesParser

    from depsim.api import _spelled

    (parsed,) = OverridesParser.create().parse_overrides([f"key={_spelled('key', text)}"])
    assert str(parsed.value()) == text


def test_a_result_is_short_and_a_frame() -> None:
    result = depsim.simulate(*NEUROSTEROID)
    assert repr(result) == f"<neurosteroid, 2 epochs, {SIZES}: 3 individuals, 0 failed>"
    frame = result.frame()
    assert list(frame.columns) == ["arm", "seed", "replicate", "exam", "metric", "value"]
    assert len(frame) == sum(len(outcome.metrics) for outcome in result.outcomes)
    own = frame[(frame.seed == 1) & (frame.metric == "treated/combined")]
    assert list(own.value) == [result.metrics["treated/combined"][1]]
    assert set(own.exam) == {"treated"}


@pytest.mark.slow
def test_replicates_are_no_further_individuals() -> None:
    result, alone = depsim.simulate(*NEUROSTEROID, "cohort.replicates=2"), depsim.simulate(*NEUROSTEROID)
    assert result.seeds == alone.seeds
    assert result.metrics.keys() == alone.metrics.keys()
    for name, own in result.metrics.items():
        np.testing.assert_array_equal(own, alone.metrics[name])
    (again,) = result.replicates
    assert (again.seeds, again.replicates, alone.replicates) == (result.seeds, (), ())
    frame = result.frame()
    everyone = frame[~frame.metric.isin(["treated/response", "treated/remission"])]
    assert everyone.groupby("replicate").size().to_dict() == {0: len(everyone) / 2, 1: len(everyone) / 2}
    treated = frame[(frame.replicate == 1) & (frame.metric == "treated/combined")]
    assert list(treated.value) == list(again.metrics["treated/combined"])


def test_what_there_is_to_use() -> None:
    assert dir(depsim) == ["ConfigError", "Result", "load_study", "simulate"]
    for name in dir(depsim):
        assert getattr(depsim, name).__doc__
