from __future__ import annotations

import time

import pytest

from depsim.execution import waiting
from depsim.execution.waiting import note_if_slow


def test_a_long_wait_is_said_and_said_again(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(waiting, "_PATIENCE_SECONDS", 0.01)
    monkeypatch.setattr(waiting, "_AGAIN_SECONDS", 0.02)
    with note_if_slow("a lock"):
        time.sleep(0.3)
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) >= 2
    assert set(lines) == {"note: a lock"}


def test_a_short_wait_is_not_said(capsys: pytest.CaptureFixture[str]) -> None:
    with note_if_slow("a lock"):
        pass
    assert capsys.readouterr().err == ""
