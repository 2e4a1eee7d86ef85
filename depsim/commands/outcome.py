"""How a command ends: what it prints last, and its exit code."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from depsim.__main__ import FAILED, INTERRUPTED, OK, WRONG_USAGE
from depsim.config import ConfigError
from depsim.execution.files import LockedError, NetworkDiskError

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
    except ConfigError as error:
        for line in str(error).splitlines():
            print(f"depsim: {line}", file=sys.stderr)
        return WRONG_USAGE
    except LockedError as error:
        print(f"depsim: another depsim is at work on the same job ({error}); wait for it to end", file=sys.stderr)
        return FAILED
    except NetworkDiskError as error:
        print(f"depsim: {error}", file=sys.stderr)
        return WRONG_USAGE
    except OSError as error:
        print(f"depsim: {error.strerror or error}: {error.filename or ''}".rstrip(": "), file=sys.stderr)
        return FAILED
    except KeyboardInterrupt:
        print(f"\ninterrupted; everything finished is kept. To go on: {again}", file=sys.stderr)
        return INTERRUPTED


def exit_code(logs: Sequence[JobLog]) -> int:
    """0 if every individual has an outcome; says on standard error which have none."""
    failed = [(log, seed) for log in logs for seed in sorted(log.failures)]
    for log, seed in failed:
        print(f"failed: {log.job.title}, individual {seed}: {log.reason(seed)}", file=sys.stderr)
    if failed:
        print(f"{len(failed)} failed; the tracebacks are artifacts of their runs (depsim ui)", file=sys.stderr)
    return FAILED if failed else OK
