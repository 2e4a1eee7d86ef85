from __future__ import annotations

import json
import subprocess
from typing import Any

import pytest

from depsim.tracking import provenance as module
from depsim.tracking.provenance import provenance, uncommitted_patch


@pytest.fixture(autouse=True)
def _not_remembered() -> None:
    provenance.cache_clear()
    uncommitted_patch.cache_clear()


def test_it_is_plain_data() -> None:
    assert json.loads(json.dumps(provenance("x", "cpu"))) == provenance("x", "cpu")


def test_it_names_versions_processor_threads_and_sources() -> None:
    found = provenance("1234", "cpu")
    assert all(found["packages"][name] for name in ("torch", "numpy", "scipy", "mlflow", "hydra-core"))
    assert found["threads_per_worker"] == 1
    assert found["products"]["by"] in ("numpy", "torch")
    assert found["cores"] >= 1
    assert found["cpu"]
    assert found["sources"] == "1234"


def test_nothing_of_the_environment_gets_in(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOME_TOKEN", "s3cr3t-t0ken")
    assert "s3cr3t-t0ken" not in json.dumps(provenance("", "cpu"))


def test_without_git_there_is_no_commit(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(*_arguments: Any, **_options: Any) -> Any:
        raise FileNotFoundError("git")

    monkeypatch.setattr(module.subprocess, "run", missing)
    assert (provenance("", "cpu")["git_commit"], provenance("", "cpu")["git_dirty"]) == (None, None)
    assert uncommitted_patch() == ""


def test_an_installed_package_does_not_take_the_commit_of_a_checkout_around_it(monkeypatch: pytest.MonkeyPatch) -> None:
    real = subprocess.run

    def untracked(words: list[str], **options: Any) -> Any:
        return real(["false"], check=False) if "ls-files" in words else real(words, **options)

    monkeypatch.setattr(module.subprocess, "run", untracked)
    assert provenance("", "cpu")["git_commit"] is None
