from __future__ import annotations

import json
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

import depsim
from depsim.execution import keys
from depsim.execution.keys import describe, digest, origin_key, run_key, sources_digest
from depsim.population import Hold
from depsim.protocol import Condition, Origin
from tests import tiny
from tests.tiny import condition, origin, regrowth, tonic_inhibition

BASE = condition(regrowth())
OTHER_ORIGINS: dict[str, Origin] = {
    "spread": origin(points=tiny.task(spread=0.9)),
    "train_size": origin(points=tiny.task(train=201)),
    "hidden": origin((20, 17)),
    "epochs": origin(epochs=3),
    "learning_rate": origin(learning_rate=2e-2),
    "batch_size": origin(batch_size=65),
    "data": origin(data="shared"),
    "hold.init": origin(hold=Hold(data=None, init=0, order=None)),
    "hold.order": origin(hold=Hold(data=None, init=None, order=0)),
}
OTHER_CONDITIONS: dict[str, Condition] = {
    "sparsity": condition(regrowth(), sparsity=0.91),
    "criterion": condition(regrowth(criterion="random")),
    "treatment epochs": condition(regrowth(epochs=3)),
    "treatment": condition(tonic_inhibition()),
    "untreated": condition(),
    "levels": condition(regrowth(), levels=(0.5,)),
    "further_pruning": condition(regrowth(), further_pruning=0.5),
}


def test_a_key_is_32_hexadecimal_digits() -> None:
    for key in (run_key(BASE, 7, "cpu"), origin_key(BASE.origin, 7, "cpu")):
        assert len(key) == 32
        assert set(key) <= set("0123456789abcdef")


def test_equal_conditions_have_equal_keys_even_if_written_differently() -> None:
    again = condition(regrowth(), levels=[0.5, 2.5])  # type: ignore[arg-type]
    assert run_key(again, 7, "cpu") == run_key(BASE, 7, "cpu")
    whole, broken = tiny.task(spread=1), tiny.task(spread=1.0)
    assert origin_key(origin(points=whole), 7, "cpu") == origin_key(origin(points=broken), 7, "cpu")


def test_everything_scientific_changes_the_run_key() -> None:
    found = [run_key(BASE, 7, "cpu"), run_key(BASE, 8, "cpu"), run_key(BASE, 7, "cuda")]
    found += [run_key(replace(BASE, origin=other), 7, "cpu") for other in OTHER_ORIGINS.values()]
    found += [run_key(other, 7, "cpu") for other in OTHER_CONDITIONS.values()]
    assert len(set(found)) == len(found) == 3 + 9 + 7


def test_everything_about_the_origin_changes_its_key() -> None:
    found = [origin_key(BASE.origin, 7, "cpu"), origin_key(BASE.origin, 8, "cpu"), origin_key(BASE.origin, 7, "cuda")]
    found += [origin_key(other, 7, "cpu") for other in OTHER_ORIGINS.values()]
    assert len(set(found)) == len(found)


def test_arms_share_the_key_of_their_origin() -> None:
    assert len({origin_key(other.origin, 7, "cpu") for other in OTHER_CONDITIONS.values()}) == 1


def test_a_key_is_the_same_in_another_process() -> None:
    code = "from tests.execution.test_keys import BASE, run_key; print(run_key(BASE, 7, 'cpu'))"
    root = Path(depsim.__file__).parents[1]
    answer = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=True)
    assert answer.stdout.strip() == run_key(BASE, 7, "cpu")


def test_a_component_is_described_by_its_class_and_fields() -> None:
    assert describe(tiny.overpruning(0.9)) == {
        "_target_": "depsim.pathology.overpruning.Overpruning",
        "sparsity": 0.9,
        "criterion": "magnitude",
    }


def test_a_digest_does_not_depend_on_the_order_of_keys_and_refuses_what_is_not_plain() -> None:
    assert digest({"a": 1, "b": [2, 3]}) == digest({"b": [2, 3], "a": 1})
    assert digest({"a": 1}) != digest({"a": "1"})
    assert digest([1, 2]) != digest([2, 1])
    with pytest.raises(ValueError, match="JSON compliant"):
        digest(float("nan"))
    with pytest.raises(TypeError, match="not JSON serializable"):
        digest(json)


@pytest.fixture
def program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the program's sources that keys are computed from."""
    original = Path(depsim.__file__).parent
    copy = tmp_path / "depsim"
    shutil.copytree(original, copy, ignore=shutil.ignore_patterns("__pycache__", "*.pyc"))
    monkeypatch.setattr(depsim, "__file__", str(copy / "__init__.py"))
    return copy


def fresh_digest(*names: str) -> str:
    return sources_digest.__wrapped__(names)


def test_a_copy_of_the_sources_has_the_same_digest(program: Path) -> None:
    assert fresh_digest(*keys._CONDITION_SOURCES) == sources_digest(keys._CONDITION_SOURCES)


@pytest.mark.parametrize("file", ["streams.py", "task/gaussian_clusters.py", "model/sparse.py", "training/dense.py"])
def test_a_changed_source_of_the_healthy_network_changes_both_digests(program: Path, file: str) -> None:
    before = [fresh_digest(*names) for names in (keys._ORIGIN_SOURCES, keys._CONDITION_SOURCES)]
    with (program / file).open("a") as source:
        source.write("# changed\n")
    after = [fresh_digest(*names) for names in (keys._ORIGIN_SOURCES, keys._CONDITION_SOURCES)]
    assert before[0] != after[0]
    assert before[1] != after[1]


@pytest.mark.parametrize(
    "file", ["protocol.py", "pathology/criteria.py", "treatment/regrowth.py", "assessment/probes.py"]
)
def test_a_changed_later_source_spares_the_healthy_network(program: Path, file: str) -> None:
    before = [fresh_digest(*names) for names in (keys._ORIGIN_SOURCES, keys._CONDITION_SOURCES)]
    with (program / file).open("a") as source:
        source.write("# changed\n")
    after = [fresh_digest(*names) for names in (keys._ORIGIN_SOURCES, keys._CONDITION_SOURCES)]
    assert before[0] == after[0]
    assert before[1] != after[1]


def test_how_the_work_is_spread_changes_no_digest(program: Path) -> None:
    before = fresh_digest(*keys._CONDITION_SOURCES)
    for file in ("execution/pool.py", "execution/plan.py"):
        with (program / file).open("a") as source:
            source.write("# changed\n")
    assert fresh_digest(*keys._CONDITION_SOURCES) == before


def test_a_new_file_and_a_renamed_one_change_the_digest(program: Path) -> None:
    before = fresh_digest("treatment")
    (program / "treatment" / "new.py").write_text("")
    added = fresh_digest("treatment")
    (program / "treatment" / "new.py").rename(program / "treatment" / "newer.py")
    assert len({before, added, fresh_digest("treatment")}) == 3
