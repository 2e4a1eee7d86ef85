"""Whatever is written as overrides: no traceback, no hang, one of the known exit codes, and nothing written."""

from __future__ import annotations

import contextlib
import io
import signal
import sys
from collections.abc import Iterator
from pathlib import Path
from types import FrameType
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from depsim.commands import FAILED, INTERRUPTED, OK, WRONG_USAGE
from tests.jobs import depsim

LONGEST = 60
"""Seconds; a command that only composes takes less than one."""
KEYS_TEXT = """
    task model pathology treatment assessment cohort tracking experiment study device seed workers chunk
    max_jobs training training.epochs training.batch_size task.train_size task.spread model.hidden
    pathology.sparsity pathology.criterion treatment.epochs treatment._target_ cohort.size cohort.seeds
    cohort.hold cohort.hold.data assessment.internal_noise search.n_trials search.sampler search.space hydra
    hydra.run.dir hydra.sweep.dir hydra.sweep.subdir hydra.verbose hydra.mode hydra.job.name hydra.job.env_set
    hydra.sweeper.params hydra.sweeper.max_batch_size hydra.launcher.name hydra/launcher hydra/sweeper
    hydra/sweeper/sampler hydra/env hydra.searchpath treatment@second nonsense a.b.c model.hidden.0
    model.hidden[0] _target_
"""
KEYS = st.sampled_from(KEYS_TEXT.split())
FINE_TEXT = """
    ketamine ssri none paper smoke overpruning mild_pruning basic depsim_optuna tpe magnitude
    mlp individual null true false 0 1 -1 3 0.5 1e3 1e999 nan -inf /proc/x /dev/null ../x ketamine.yaml
    Default ${seed} ${nowhere} ${treatment} 'x' "x_y" %j 1000001 10000000000
"""
FINE = st.sampled_from(FINE_TEXT.split())
WILD = ["", "a b", "${oc.env:HOME}", "${", "💀", "größe", "\\", "\n", "\t", "=", "a=b", ":", "~", "@", "'", "]", "x\ty",
        "x" * 300, "9" * 500, "_target_:os.system"]  # fmt: skip
WORDS = FINE | FINE | FINE | st.sampled_from(WILD)
NUMBERS = st.integers(-5, 10**12).map(str) | st.integers(-2, 3).map(str) | st.floats().map(str)


def calls(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """Hydra's functions, and others of that look."""
    names = [
        "choice",
        "tag",
        "shuffle",
        "sort",
        "glob",
        "int",
        "float",
        "str",
        "bool",
        "json_str",
        "extend_list",
        "nonsense",
    ]
    some = st.builds("{}({})".format, st.sampled_from(names), st.lists(inner | NUMBERS, max_size=3).map(",".join))
    numbers = st.lists(NUMBERS, min_size=1, max_size=3).map(",".join)
    return some | st.builds("{}({})".format, st.sampled_from(["range", "interval", "int", "sort"]), numbers)


def composed(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """What values are made of."""
    several = st.lists(inner, min_size=1, max_size=3)
    pairs = st.lists(st.builds("{}:{}".format, st.sampled_from(["a", "b", "epochs", "size", "_target_"]), inner))
    depths = st.sampled_from([2, 19, 21, 300])
    deep = st.builds(lambda n, pair, text: f"{pair[0] * n}{text}{pair[1] * n}", depths,
                     st.sampled_from([("[", "]"), ("{a:", "}"), ("(", ")"), ("[", "")]), inner)  # fmt: skip
    return st.one_of(
        several.map(",".join), several.map(lambda texts: f"[{','.join(texts)}]"),
        pairs.map(lambda texts: "{" + ",".join(texts) + "}"), calls(inner), deep,
    )  # fmt: skip


VALUES = st.recursive(WORDS | NUMBERS, composed, max_leaves=4)
FINE_OVERRIDES = st.builds("{}={}".format, KEYS, VALUES)
ODD_OVERRIDES = st.builds("{}{}{}{}".format, st.sampled_from(["+", "++", "~", " ", ""]), KEYS,
                          st.sampled_from(["=", "=", "", " = ", "=="]), VALUES)  # fmt: skip
OVERRIDES = FINE_OVERRIDES | FINE_OVERRIDES | FINE_OVERRIDES | ODD_OVERRIDES
COMMANDS = st.sampled_from(
    [("sweep", "paper", "--dry-run"), ("sweep", "search_ketamine", "--dry-run"), ("sweep", "seeds", "--help"),
     ("run", "--cfg", "job"), ("run", "--cfg", "hydra"), ("run", "--help"), ("run", "--info"), ("run", "--hydra-help"),
     ("run", "--cfg", "job", "--resolve"), ("run", "--cfg", "job", "--package", "treatment"),
     ("run", "-m"), ("run",), ("run", "-sc"), ("run", "-m", "hydra/sweeper=depsim_optuna")]
)  # fmt: skip
REFUSED = ("training.epochs=-1",)
"""Given last, so that a command that would compute something is refused once all else is read and composed."""
COMPUTES = ("run", "-m"), ("run",), ("run", "-m", "hydra/sweeper=depsim_optuna")


@contextlib.contextmanager
def time_limit() -> Iterator[None]:
    def stop(_number: int, _frame: FrameType | None) -> None:
        raise TimeoutError(f"still at it after {LONGEST} s")

    before = signal.signal(signal.SIGALRM, stop)
    signal.alarm(LONGEST)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


def hear(*words: str) -> tuple[int, str]:
    """The exit code of a command and all that it prints."""
    out = io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(out), time_limit():
        code = depsim(*words)
    return code, out.getvalue()


EXAMPLES = 120
"""Five times as many with ``make soak``."""


def commands(draw: Any) -> list[str]:
    command = draw(COMMANDS)
    last = REFUSED if command in COMPUTES else ()
    return [*command, *draw(st.lists(OVERRIDES, min_size=1, max_size=2)), *last]


def with_examples(count: int) -> settings:
    """So many of them, the same ones every time."""
    return settings(
        max_examples=count, deadline=None, derandomize=True, database=None,
        suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    )  # fmt: skip


@pytest.mark.slow
@given(words=st.composite(commands)())
@with_examples(EXAMPLES)
def test_no_override_makes_a_traceback_or_a_hang(words: list[str], empty: Path) -> None:
    assert_no_traceback_and_no_hang(words, empty)


def assert_no_traceback_and_no_hang(words: list[str], empty: Path) -> None:
    arguments = list(sys.argv)
    code, said = hear(*words)
    assert code in (OK, FAILED, WRONG_USAGE, INTERRUPTED)
    assert "Traceback" not in said
    assert code == OK or said.strip()
    assert [path.name for path in empty.iterdir()] in ([], [".hypothesis"])
    assert sys.argv == arguments
