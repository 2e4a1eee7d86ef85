"""Output that cannot be printed: nobody reads it, it goes nowhere, or its encoding has no such character."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

import depsim
from tests.jobs import TINY

RUN = ["run", *TINY, "treatment=none", "study=s", "cohort=smoke", "cohort.size=2"]
TWO_WORKERS = [word.replace("workers=1", "workers=2") for word in RUN]
NO_UTF_8 = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}


def plain() -> dict[str, str]:
    """This process's environment, in which nothing is said about the streams."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith("PYTHON")}
    return kept | {"PYTHONPATH": str(Path(depsim.__file__).parents[1])}


def command(words: list[str], redirect: str = "", **environment: str) -> subprocess.CompletedProcess[str]:
    """A command of ``depsim``, started by a shell that redirects its streams, in the working directory."""
    line = ["bash", "-c", f'exec "$@" {redirect}', "bash", sys.executable, "-m", "depsim", *words]
    return subprocess.run(line, env=plain() | environment, capture_output=True, text=True, check=False)


def without_reader(words: list[str], **environment: str) -> tuple[int, str]:
    """Exit code and standard error of a command whose standard output is a pipe that nobody reads."""
    reading, writing = os.pipe()
    os.close(reading)
    line = [sys.executable, "-m", "depsim", *words]
    with os.fdopen(writing, "wb") as pipe:
        answer = subprocess.run(line, env=plain() | environment, stdout=pipe, stderr=subprocess.PIPE, text=True)
    return answer.returncode, answer.stderr


@pytest.mark.parametrize("environment", [{}, {"PYTHONUNBUFFERED": "1"}], ids=["buffered", "unbuffered"])
def test_help_that_nobody_reads_ends_as_sigpipe_does(environment: dict[str, str]) -> None:
    assert without_reader(["--help"], **environment) == (141, "")


@pytest.mark.slow
@pytest.mark.parametrize("words", [["sweep", "--help"], ["cache"]])
def test_no_command_minds_that_nobody_reads(words: list[str], empty: Path) -> None:
    assert without_reader(words) == (141, "")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
@pytest.mark.parametrize("environment", [{}, {"PYTHONUNBUFFERED": "1"}], ids=["buffered", "unbuffered"])
def test_output_that_cannot_be_written_is_a_failure(environment: dict[str, str]) -> None:
    answer = command(["--help"], "> /dev/full", **environment)
    assert answer.returncode == 1
    assert answer.stderr == "depsim: the output cannot be written: No space left on device\n"


@pytest.mark.parametrize("redirect", ["1>&-", "2>&-", "0<&- 1>&- 2>&-"])
def test_help_and_complaints_go_nowhere_where_a_stream_is_closed(redirect: str) -> None:
    helped, refused = command(["--help"], redirect), command(["fly"], redirect)
    assert (helped.returncode, refused.returncode) == (0, 2)
    assert (helped.stdout == "") == ("1>&-" in redirect)
    assert (refused.stderr == "") == ("2>&-" in redirect)
    assert helped.stderr == refused.stdout == ""


def test_a_complaint_may_name_any_character() -> None:
    answer = command(["fl\u00fc"], PYTHONIOENCODING="ascii:strict")
    assert answer.returncode == 2
    assert answer.stderr.startswith("depsim: fl\\xfc: no such command")
