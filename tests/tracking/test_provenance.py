from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from depsim.tracking import provenance as module
from depsim.tracking.provenance import provenance, uncommitted_patch
from tests.jobs import artifacts, run, runs, spec


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
    assert uncommitted_patch() == b""


def test_an_installed_package_does_not_take_the_commit_of_a_checkout_around_it(monkeypatch: pytest.MonkeyPatch) -> None:
    real = subprocess.run

    def untracked(words: list[str], **options: Any) -> Any:
        return real(["false"], check=False) if "ls-files" in words else real(words, **options)

    monkeypatch.setattr(module.subprocess, "run", untracked)
    assert provenance("", "cpu")["git_commit"] is None


LATIN = "# caf\xe9\n".encode("latin-1")


def git(folder: Path, *words: str) -> bytes:
    return subprocess.run(["git", "-C", str(folder), *words], check=True, capture_output=True).stdout


@pytest.fixture
def checkout(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A checkout whose package is changed and whose git shows changes in colours and by other programs."""
    folder = tmp_path_factory.mktemp("checkout")
    git(folder, "init", "--quiet")
    for key, value in (("user.name", "a"), ("user.email", "a@b"), ("color.ui", "always")):
        git(folder, "config", key, value)
    (folder / "__init__.py").write_bytes(b"before = 1\n")
    (folder / ".gitattributes").write_bytes(b"*.py diff=shout\n")
    git(folder, "add", ".")
    git(folder, "commit", "--quiet", "-m", "first")
    for key, value in (("diff.external", "echo external"), ("diff.shout.textconv", "tr a-z A-Z <")):
        git(folder, "config", key, value)
    (folder / "__init__.py").write_bytes(b"after = 2\n" + LATIN)
    monkeypatch.setattr(module, "__file__", str(folder / "tracking" / "provenance.py"))
    return folder


def test_the_patch_can_be_applied_whatever_git_is_set_to_do_for_readers(checkout: Path) -> None:
    changed = (checkout / "__init__.py").read_bytes()
    patch = uncommitted_patch()
    assert LATIN in patch
    git(checkout, "checkout", "--quiet", "--", ".")
    subprocess.run(["git", "-C", str(checkout), "apply", "-"], input=patch, check=True)
    assert (checkout / "__init__.py").read_bytes() == changed


def test_the_commit_is_named_without_colours(checkout: Path) -> None:
    found = provenance("", "cpu")
    assert found["git_commit"] == git(checkout, "rev-parse", "HEAD").decode().strip()
    assert found["git_dirty"] is True


@pytest.mark.slow  # a job in a checkout
def test_a_run_keeps_the_patch_as_it_is(checkout: Path, project: Path) -> None:
    run(spec("none", "seed=1", "study=s"))
    (found,) = runs("s")
    assert (artifacts(found) / "uncommitted.patch").read_bytes() == uncommitted_patch()


def test_a_command_line_need_not_be_utf_8(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module.sys, "argv", ["/bin/depsim", "run", "study=\udcff"])
    made_by = provenance("", "cpu")
    assert made_by["launched_by"] == ["depsim", "run", "study=\\udcff"]
    json.dumps(made_by, ensure_ascii=False).encode()
