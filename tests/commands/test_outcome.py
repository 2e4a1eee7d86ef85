from __future__ import annotations

import pytest

from depsim.commands.outcome import guarded
from depsim.execution.sources import SourcesChangedError


def test_changed_sources_end_a_command_in_one_line_that_says_what_to_do(capsys: pytest.CaptureFixture[str]) -> None:
    def command() -> int:
        raise SourcesChangedError("the code of depsim.steps.prune was edited")

    assert guarded(command, "depsim sweep paper") == 1
    assert capsys.readouterr().err == (
        "depsim: the code of depsim.steps.prune was edited; everything finished is kept. To go on with what is there "
        "now: depsim sweep paper\n"
    )


def test_an_error_that_came_of_an_interruption_is_one_however_deep(capsys: pytest.CaptureFixture[str]) -> None:
    """OmegaConf, interrupted while it sets a flag, fails as it puts the flag back, and wraps that twice."""

    def command() -> int:
        try:
            try:
                raise KeyboardInterrupt
            finally:
                raise AttributeError("no flag")
        except AttributeError as error:
            raise ValueError("model.hidden") from error

    assert guarded(command, "depsim run") == 130
    assert capsys.readouterr().err == "\ninterrupted; everything finished is kept. To go on: depsim run\n"
