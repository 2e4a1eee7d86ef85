"""``depsim run``: one condition on one cohort, or several with ``-m``; an ordinary Hydra application to its users.

Jobs are composed here, once each. Hydra's own machinery serves help, shell completion, showing a configuration, and
building the sweeper of a search.
"""

from __future__ import annotations

import argparse
import itertools
import os
import re
import shlex
import sys
from collections.abc import Sequence
from typing import Any

import hydra
from hydra._internal.utils import get_args_parser  # nothing public parses Hydra's flags
from hydra.core.override_parser.types import Override
from hydra.errors import HydraException
from hydra.types import TaskFunction
from omegaconf import DictConfig, OmegaConf
from omegaconf.errors import OmegaConfBaseException

from depsim.commands import OK
from depsim.commands.hydra_flags import check_flags, informs
from depsim.commands.outcome import exit_code, guarded
from depsim.config.allow_list import SEARCH_SWEEPER, refuse_foreign_overrides
from depsim.config.composition import Composer
from depsim.config.errors import ConfigError, shortened
from depsim.config.overrides import first_value, parse_overrides, refuse_too_many, single_values
from depsim.execution.recorder import JobRecord
from depsim.registry import own_folder

DRY_RUN = "--dry-run"
_FULL_ERROR = "HYDRA_FULL_ERROR"
"""Set, Hydra hands on what goes wrong; otherwise it prints a traceback of it."""


def main(words: Sequence[str]) -> int:
    """Check everything, then run it."""

    def work() -> int:
        try:
            arguments = _parser().parse_intermixed_args(list(words))
        except SystemExit as stop:  # argparse has printed what is wrong
            return int(stop.code or 0)
        check_flags(arguments)
        ordered = _flags_first([word for word in words if word != DRY_RUN], arguments.overrides)
        if informs(arguments):
            return _show(ordered, arguments)
        return _run(ordered, arguments)

    return guarded(work, shlex.join(["depsim", "run", *words]))


def _parser() -> argparse.ArgumentParser:
    """Hydra's flags, and one of ours."""
    parser: argparse.ArgumentParser = get_args_parser()
    parser.prog = "depsim run"
    parser.add_argument(DRY_RUN, action="store_true", help="list the jobs with time and memory; compute nothing")
    return parser


def _flags_first(words: Sequence[str], overrides: Sequence[str]) -> list[str]:
    """The same words as Hydra takes them, which knows no flag between overrides.

    >>> _flags_first(["a=1", "-m", "b=1,2", "--config-dir", "mine"], ["a=1", "b=1,2"])
    ['-m', '--config-dir', 'mine', 'a=1', 'b=1,2']
    """
    flags = list(words)
    for override in reversed(overrides):
        del flags[len(flags) - 1 - flags[::-1].index(override)]
    return [*flags, *overrides]


def _show(words: Sequence[str], arguments: argparse.Namespace) -> int:
    """Help, a configuration or a completion, by Hydra; showing a configuration sets up logging, which is checked."""
    composer = Composer(arguments.config_dir)
    if arguments.shell_completion:
        return _complete(words)
    if arguments.overrides:
        parsed = parse_overrides(arguments.overrides)
        if swept := [o.input_line for o in parsed if o.is_sweep_override()]:
            raise ConfigError(
                f"{shortened(swept[0])}: several values at once; allowed is one, whose configuration is shown"
            )
        composer.compose(parsed)
    return _hydra(words)


def _complete(words: Sequence[str]) -> int:
    """Shell completion, by Hydra."""
    try:
        return _hydra(words)
    except Exception:  # a line that is being typed may be wrong in any way; there is nothing to offer then
        return OK


def _run(words: Sequence[str], arguments: argparse.Namespace) -> int:
    """Compose and check every job before the first starts, then run all."""
    parsed, composer = parse_overrides(arguments.overrides), Composer(arguments.config_dir)
    refuse_foreign_overrides(parsed)
    if not arguments.multirun:
        _refuse(parsed, r"hydra[./]", "on a single job; allowed is depsim run -m")
        return _run_jobs([arguments.overrides], composer, arguments.dry_run)
    settings = [override for override in parsed if override.key_or_group.startswith("hydra.")]
    first = [first_value(override) for override in parsed if override not in settings]
    composed = composer.compose(parse_overrides(first))
    if composed.choices["hydra/sweeper"] == SEARCH_SWEEPER:
        return _search(words, parsed, first, composer, arguments.dry_run)
    _refuse(settings, "", "without a search; allowed with hydra/sweeper=depsim_optuna")
    jobs = [override for override in parsed if not override.key_or_group.startswith("hydra/")]
    refuse_too_many([[override] for override in jobs], composed.config)
    return _run_jobs(list(itertools.product(*map(single_values, jobs))), composer, arguments.dry_run)


def _search(
    words: Sequence[str], parsed: Sequence[Override], first: Sequence[str], composer: Composer, is_dry: bool
) -> int:
    """A search, by the sweeper that Hydra builds; which keys the sweeper has is known to the search.

    Args:
        words: as they were typed, which go on with it.
        parsed: the overrides among them.
        first: those of a condition of its space.
        composer: of the conditions.
        is_dry: only list what there is to do.
    """
    from depsim.commands.search import dry_run, from_hydra, run_search

    lines = [(override.input_line or "", override.key_or_group) for override in parsed]
    space = [line for line, key in lines if not key.startswith(("hydra.", "hydra/"))]
    forced = [f"++{line.lstrip('+')}" for line, key in lines if key.startswith("hydra.")]
    folder = [] if composer.extra_dir is None else ["--config-dir", composer.extra_dir]
    codes: list[int] = []

    def search(settings: DictConfig) -> None:
        block: Any = OmegaConf.to_container(settings)
        plan = from_hydra(space, block, shlex.join(["depsim", "run", *words]), composer)
        codes.append(dry_run(plan, f"search {plan.title}") if is_dry else run_search(plan))

    return _hydra(["--multirun", *folder, *first, *forced], search) or codes[0]


def _refuse(parsed: Sequence[Override], pattern: str, where: str) -> None:
    """Refuse keys of Hydra's own that would have no effect."""
    for override in parsed:
        if re.match(pattern, override.key_or_group):
            raise ConfigError(f"{shortened(override.input_line)}: of no effect {where}")


def _run_jobs(points: Sequence[Sequence[str]], composer: Composer, is_dry: bool) -> int:
    """Run jobs and say where to look at them, or only list them."""
    from depsim.commands.progress import TerminalProgress
    from depsim.commands.replicates import show_reliability
    from depsim.commands.ui import ui_command
    from depsim.config import prepare
    from depsim.execution.runner import run_jobs
    from depsim.report.terminal import say

    specs = [prepare(point, composer) for point in points]
    if is_dry:
        from depsim.commands.dry_run import list_jobs

        return list_jobs("depsim run", specs)
    records: list[JobRecord] = []
    for (tracking, resources), alike in itertools.groupby(specs, lambda spec: (spec.tracking, spec.resources)):
        jobs = [job for spec in alike for job in spec.job.replicates]
        records += run_jobs(jobs, tracking, resources, TerminalProgress(), settled=_show_record)
    show_reliability(records)
    if records and records[-1].run_id is not None:
        say(f"next: {ui_command(records[-1].job.study)}    to look at it")
    return exit_code(records)


def _show_record(record: JobRecord) -> None:
    """Print what came out of a job, and where it is kept."""
    from depsim.report.terminal import say, show_condition

    if not record.job.replicate and (individuals := record.metrics()):
        show_condition(record.job.title, individuals)
    if record.run_id is not None:
        say(f"run {record.run_id}{f', replicate {record.job.replicate}' if record.job.replicate else ''}")


def _nothing(_config: DictConfig) -> None:
    """What Hydra calls where it only shows something."""


def _hydra(words: Sequence[str], task: TaskFunction = _nothing) -> int:
    """Hand over to Hydra, which calls the task where something is to be run; returns the exit code."""
    application = hydra.main(version_base="1.3", config_path=str(own_folder("conf")), config_name="config")(task)
    before, full = sys.argv, os.environ.get(_FULL_ERROR)
    sys.argv, os.environ[_FULL_ERROR] = ["depsim", *words], "1"
    try:
        application()
    except SystemExit as stop:
        return stop.code if isinstance(stop.code, int) else int(stop.code is not None)
    except (HydraException, OmegaConfBaseException) as error:
        raise ConfigError(shortened(str(error))) from None
    finally:
        sys.argv = before
        os.environ.pop(_FULL_ERROR)
        if full is not None:
            os.environ[_FULL_ERROR] = full
    return OK
