"""How a command ends: what it prints last, and its exit code."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from depsim.__main__ import FAILED, INTERRUPTED, OK, WRONG_USAGE
from depsim.config import ConfigError
from depsim.execution.files import LockedError, NetworkDiskError
from depsim.tracking.mlflow_store import StoreAddressError, store_trouble

if TYPE_CHECKING:
    from depsim.tracking import JobLog


def guarded(command: Callable[[], int], again: str) -> int:
    """Run a command's work, turning what can go wrong into one message and an exit code.

    Args:
        command: the work.
        again: the command that goes on after an interruption.
    """
    try:
        return command()
    except KeyboardInterrupt:
        print(f"\ninterrupted; everything finished is kept. To go on: {again}", file=sys.stderr)
        return INTERRUPTED
    except Exception as error:
        told = _explain(error, again)
        if told is None:
            raise
        code, message = told
        for line in message.splitlines():
            print(f"depsim: {line}", file=sys.stderr)
        return code


def is_expected(error: Exception) -> bool:
    """Whether this can go wrong without anybody having made a mistake in the program."""
    return _explain(error, "") is not None


def _explain(error: Exception, again: str) -> tuple[int, str] | None:
    """Exit code and message for what can go wrong, or None for what is a mistake in the program."""
    if isinstance(error, ConfigError | NetworkDiskError | StoreAddressError):
        return WRONG_USAGE, str(error)
    if isinstance(error, LockedError):
        return FAILED, f"another depsim is at work on the same job ({error}); wait for it to end"
    if isinstance(error, OSError):
        return FAILED, f"{error.strerror or error}: {error.filename or ''}".rstrip(": ")
    if (reason := store_trouble(error)) is not None:
        return FAILED, f"the MLflow store failed ({reason}); everything finished is kept. To go on: {again}"
    return None


def exit_code(logs: Sequence[JobLog]) -> int:
    """0 if every individual has an outcome; says on standard error which have none."""
    failed = [(log, seed) for log in logs for seed in sorted(log.failures)]
    for log, seed in failed:
        print(f"failed: {log.job.title}, individual {seed}: {log.reason(seed)}", file=sys.stderr)
    if failed:
        print(f"{len(failed)} failed; the tracebacks are artifacts of their runs (depsim ui)", file=sys.stderr)
    return FAILED if failed else OK
