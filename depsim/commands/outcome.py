"""How a command ends: what it prints last, and its exit code."""

from __future__ import annotations

import signal
import sys
import threading
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress

from depsim.commands import FAILED, INTERRUPTED, OK, WRONG_USAGE
from depsim.config import ConfigError
from depsim.execution.executor import ExecutorError
from depsim.execution.files import LockedError, NotADatabaseError
from depsim.execution.memory import memory_shortage
from depsim.execution.recorder import JobRecord
from depsim.execution.sources import SourcesChangedError
from depsim.registry import PluginError
from depsim.terminal_text import complain
from depsim.tracking.mlflow_store import StoreAddressError, store_trouble
from depsim.tracking.mlflow_studies import StudyDeletedError
from depsim.tracking.older_store import OlderStoreError

_AGAIN_SECONDS = 0.05
"""After which an interruption that got lost comes again."""


def guarded(command: Callable[[], int], again: str) -> int:
    """Run a command's work, turning what can go wrong into one message and an exit code.

    Args:
        command: the work.
        again: the command that goes on after an interruption.
    """
    try:
        with _interrupted_by_signals():
            return command()
    except (KeyboardInterrupt, Exception) as error:
        if isinstance(error, KeyboardInterrupt) or _is_interruption(error.__context__):
            _say_last(f"\ninterrupted; everything finished is kept. To go on: {again}")
            return INTERRUPTED
        explained = _explain(error, again)
        if explained is None:
            raise
        code, message = explained
        _say_last("\n".join(f"depsim: {line}" for line in message.splitlines()))
        return code


def _is_interruption(error: BaseException | None) -> bool:
    """Whether an error is an interruption, or came of one: where the terminal has gone, too, or a library tidies up."""
    while error is not None and not isinstance(error, KeyboardInterrupt):
        error = error.__context__
    return error is not None


@contextmanager
def _interrupted_by_signals() -> Iterator[None]:
    """Ctrl-C, SIGTERM and SIGHUP raise KeyboardInterrupt, unless they were ignored at the start, as under ``nohup``.

    An interruption that comes while Python cleans up an object is printed and forgotten by Python; it comes again then.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    ends = [number for number in (signal.SIGTERM, signal.SIGHUP) if signal.getsignal(number) is signal.SIG_DFL]
    ends += [signal.SIGINT] if signal.getsignal(signal.SIGINT) is not signal.SIG_IGN else []
    before, unraisable = {number: signal.getsignal(number) for number in (*ends, signal.SIGALRM)}, sys.unraisablehook

    def come_again(lost: sys.UnraisableHookArgs) -> None:
        if issubclass(lost.exc_type, KeyboardInterrupt):
            signal.setitimer(signal.ITIMER_REAL, _AGAIN_SECONDS)  # which raises it, too
        else:
            unraisable(lost)

    for number in before:
        signal.signal(number, signal.default_int_handler)
    sys.unraisablehook = come_again
    try:
        yield
    finally:
        sys.unraisablehook = unraisable
        signal.setitimer(signal.ITIMER_REAL, 0)
        for number, handler in before.items():
            signal.signal(number, handler)


def _say_last(text: str) -> None:
    """Print to a standard error that may have gone with the terminal."""
    with suppress(OSError):
        complain(text)


def _explain(error: Exception, again: str) -> tuple[int, str] | None:
    """Exit code and message for what can go wrong, or None for what is a mistake in the program.

    None, too, where nobody reads the output any more: there is no message then.
    """
    if isinstance(error, BrokenPipeError):
        return None
    wrong = ConfigError | NotADatabaseError | OlderStoreError | StoreAddressError | PluginError
    if isinstance(error, wrong):
        return WRONG_USAGE, str(error)
    if isinstance(error, LockedError):
        return FAILED, f"another depsim is at work on the same job ({error}); wait for it to end"
    if isinstance(error, StudyDeletedError):
        return FAILED, f"{error}. To bring it back and go on: {again}"
    if isinstance(error, ExecutorError):
        return FAILED, f"{error}. To go on: {again}"
    if isinstance(error, SourcesChangedError):
        return FAILED, f"{error}; everything finished is kept. To go on with what is there now: {again}"
    if (shortage := memory_shortage("".join(traceback.format_exception(error)))) is not None:
        return FAILED, f"{shortage}; everything finished is kept. To go on: {again}"
    if isinstance(error, OSError):
        return FAILED, f"{error.strerror or error}: {error.filename or ''}".rstrip(": ")
    if (reason := store_trouble(error)) is not None:
        return FAILED, f"the MLflow store failed ({reason}); everything finished is kept. To go on: {again}"
    return None


def exit_code(records: Sequence[JobRecord]) -> int:
    """0 if every individual has an outcome; says on standard error which have none."""
    failed = [(record, seed) for record in records for seed in sorted(record.failures)]
    for record, seed in failed:
        complain(f"failed: {record.job.title}, individual {seed}: {record.reason(seed)}")
    if failed:
        unkept = {record.failures[seed].strip(): None for record, seed in failed if record.run_id is None}
        where = (
            "nothing is tracked, so the tracebacks are these:"
            if unkept
            else "the tracebacks are artifacts of their runs (depsim ui)"
        )
        complain("\n".join([f"{len(failed)} failed; {where}", *unkept]))
    return FAILED if failed else OK
