"""What is secret in the environment reaches neither the store nor any other file that a run leaves."""

from __future__ import annotations

import uuid
from pathlib import Path

import pytest

from tests.jobs import TINY, depsim, sicken

pytestmark = pytest.mark.slow  # whole commands on a store

HUSH = uuid.uuid4().hex
"""A word that stands nowhere else: a run keeps what is uncommitted in this very repository."""
SECRETS = {
    "SECRET_TOKEN": f"{HUSH}-1f7a",
    "MLFLOW_TRACKING_PASSWORD": f"{HUSH}-2c9d",
    "AWS_SECRET_ACCESS_KEY": f"{HUSH}-3e5b",
    "HUSH": f"{HUSH}-4d1e",
}


def files_that_mention(folder: Path, word: str) -> list[str]:
    return [str(path) for path in folder.rglob("*") if path.is_file() and word.encode() in path.read_bytes()]


@pytest.mark.usefixtures("project")
def test_no_secret_of_the_environment_is_in_any_file(
    project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, secret in SECRETS.items():
        monkeypatch.setenv(name, secret)
    sicken(monkeypatch, 2)  # its traceback is kept, too
    assert depsim("sweep", "paper", *TINY, "study=s", "cohort=smoke", "treatment=none,ssri") == 1
    assert depsim("run", "-m", *TINY, "study=s", "seed=7", "treatment=ssri") == 0
    heard = capsys.readouterr()
    assert len(list(project.rglob("traceback.txt"))) == 1
    assert files_that_mention(project, HUSH) == []
    assert HUSH not in heard.out + heard.err
    (project / "note").write_text(HUSH)
    assert files_that_mention(project, HUSH) == [str(project / "note")]
