"""``depsim run``: one condition on one cohort, or several with ``-m``; an ordinary Hydra application to its users.

Jobs that this process runs are composed once, here. Hydra's own machinery serves its launchers and sweepers, help,
shell completion and showing a configuration.
"""

from __future__ import annotations

import argparse
import itertools
import os
import re
import shlex
import shutil
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import hydra
from hydra._internal.utils import get_args_parser  # nothing public parses Hydra's flags
from hydra.core.hydra_config import HydraConfig
from hydra.core.override_parser.types import Override
from hydra.errors import HydraException
from omegaconf import DictConfig
from omegaconf.errors import OmegaConfBaseException

from depsim.commands import OK
from depsim.commands.hydra_flags import check_flags, informs
from depsim.commands.outcome import LauncherError, exit_code, guarded, is_expected
from depsim.commands.standard_streams import prepare_streams
from depsim.config.composition import Composer
from depsim.config.errors import ConfigError, shortened
from depsim.config.hydra_keys import BASIC_LAUNCHER, BASIC_SWEEPER, SEARCH_SWEEPER
from depsim.config.overrides import (
    below_swept_choices,
    first_value,
    parse_overrides,
    refuse_too_many,
    single_values,
)
from depsim.config.safety import refuse_foreign_overrides
from depsim.execution.recorder import JobRecord
from depsim.registry import own_folder

if TYPE_CHECKING:
    from depsim.config import JobSpec

_FULL_ERROR = "HYDRA_FULL_ERROR"
"""Set, Hydra hands on what goes wrong; otherwise it prints a traceback of it."""


class IndividualsFailedError(RuntimeError):
    """Some individuals of a job have no outcome; only raised where nothing else shows it, on a launcher's machine."""


def main(words: Sequence[str]) -> int:
    """Check everything, then run it."""

    def work() -> int:
        try:
            arguments = get_args_parser().parse_intermixed_args(list(words))
        except SystemExit as stop:  # argparse has printed what is wrong
            return int(stop.code or 0)
        check_flags(arguments)
        ordered = _flags_first(words, arguments.overrides)
        if informs(arguments):
            return _show(ordered, arguments)
        return _run(ordered, arguments)

    return guarded(work, shlex.join(["depsim", "run", *words]))


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
    return _hydra(words, _HydraJobs([]))


def _complete(words: Sequence[str]) -> int:
    """Shell completion, by Hydra."""
    try:
        return _hydra(words, _HydraJobs([]))
    except Exception:  # a line that is being typed may be wrong in any way; there is nothing to offer then
        return OK


def _run(words: Sequence[str], arguments: argparse.Namespace) -> int:
    """Compose and check every job before the first starts, then run all."""
    parsed, composer = parse_overrides(arguments.overrides), Composer(arguments.config_dir)
    if "hydra/launcher=submitit_slurm" in arguments.overrides and shutil.which("srun") is None:
        raise ConfigError(
            "hydra/launcher=submitit_slurm: no SLURM on this machine (srun is not there); allowed here is "
            "hydra/launcher=submitit_local"
        )
    refuse_foreign_overrides(parsed)
    if not arguments.multirun:
        _refuse(parsed, r"hydra[./]", "on a single job; allowed is depsim run -m")
        return _run_here([arguments.overrides], composer)
    first = composer.compose(parse_overrides([first_value(override) for override in parsed]))
    if first.choices["hydra/sweeper"] == SEARCH_SWEEPER:
        _refuse(parsed, r"hydra\.(?!sweeper\.)", "on a search; allowed are hydra.sweeper.*")
        jobs = _HydraJobs(parsed)  # the sweeper checks the whole space before it writes anything
        return _hydra(jobs.forced(words), jobs)
    refuse_too_many([[override] for override in parsed], first.config)
    points = list(itertools.product(*map(single_values, parsed)))
    if (first.launcher, first.sweeper) == (BASIC_LAUNCHER, BASIC_SWEEPER):
        _refuse(parsed, r"hydra\.", "on jobs that run here; allowed with a launcher such as submitit_local")
        return _run_here([[line for line in point if not line.startswith("hydra/")] for point in points], composer)
    from depsim.config import prepare

    for point in points:
        prepare(point, composer)
    _make_folder(first.sweep_dir)
    jobs = _HydraJobs(parsed)
    return _hydra(jobs.forced(words), jobs)


def _make_folder(folder: str) -> None:
    """Make the folder that a launcher hands its jobs over in."""
    try:
        Path(folder).mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ConfigError(f"hydra.sweep.dir={folder}: {error.strerror}; allowed is a folder that can be made") from None


def _refuse(parsed: Sequence[Override], pattern: str, where: str) -> None:
    """Refuse keys of Hydra's own that would have no effect."""
    for override in parsed:
        if re.match(pattern, override.key_or_group):
            raise ConfigError(f"{shortened(override.input_line)}: of no effect {where}")


def _run_here(points: Sequence[Sequence[str]], composer: Composer) -> int:
    """Run jobs in this process, and say where to look at them."""
    from depsim.commands.ui import ui_command
    from depsim.config import prepare
    from depsim.report.terminal import say

    records = _run_specs([prepare(point, composer) for point in points])
    if records and records[-1].run_id is not None:
        say(f"next: {ui_command(records[-1].job.study)}    to look at it")
    return exit_code(records)


def _run_specs(specs: Sequence[JobSpec]) -> list[JobRecord]:
    """Run jobs in this process and show each."""
    from depsim.commands.progress import TerminalProgress
    from depsim.commands.replicates import show_reliability
    from depsim.execution.runner import run_jobs

    records = []
    for (tracking, resources), alike in itertools.groupby(specs, lambda spec: (spec.tracking, spec.resources)):
        jobs = [job for spec in alike for job in spec.job.replicates]
        records += run_jobs(jobs, tracking, resources, TerminalProgress(), settled=_show_record)
    show_reliability(records)
    return records


def _show_record(record: JobRecord) -> None:
    """Print what came out of a job, and where it is kept."""
    from depsim.report.terminal import say, show_condition

    if not record.job.replicate and (individuals := record.metrics()):
        show_condition(record.job.title, individuals)
    if record.run_id is not None:
        say(f"run {record.run_id}{f', replicate {record.job.replicate}' if record.job.replicate else ''}")


class _HydraJobs:
    """What Hydra calls: for every job that a launcher starts, and for a search.

    Args:
        parsed: the overrides as they were typed.
    """

    def __init__(self, parsed: Sequence[Override]) -> None:
        self._forced = {override.key_or_group for override in below_swept_choices(parsed)}
        self.code = OK
        self.error: Exception | None = None

    def forced(self, words: Sequence[str]) -> list[str]:
        """The words with ``++`` before the keys that Hydra does not know before it has made a swept choice."""
        return [f"++{word}" if word.partition("=")[0] in self._forced else word for word in words]

    def _typed(self, words: Sequence[str]) -> list[str]:
        """Words that Hydra was given, or gives back, without the ``++`` that :meth:`forced` added."""
        return [word.removeprefix("++") if word.lstrip("+").partition("=")[0] in self._forced else word
                for word in words]  # fmt: skip

    def __call__(self, config: DictConfig) -> None:
        """Run one of a launcher's jobs and print what came out."""
        prepare_streams()  # a launcher may have started this process
        from depsim.config import build

        hydra_config = HydraConfig.get()
        parsed = parse_overrides(self._typed(hydra_config.overrides.task))
        records = _run_specs([build(config, hydra_config.runtime.choices, parsed, _extra_dir(hydra_config))])
        if exit_code(records) != OK:
            raise IndividualsFailedError(f"{sum(len(record.failures) for record in records)} individuals failed")

    def search(self, arguments: Sequence[str], sweeper: Mapping[str, Any], config: DictConfig) -> None:
        """What depsim's sweeper does: the search that Hydra was asked for.

        Args:
            arguments: the overrides of the jobs.
            sweeper: the keys of ``hydra.sweeper``.
            config: composed by Hydra.
        """
        from depsim.commands.search import from_hydra, run_search

        again = shlex.join(["depsim", "run", *self._typed(sys.argv[1:])])
        try:
            if (launcher := config.hydra.launcher._target_) != BASIC_LAUNCHER:
                raise ConfigError(f"hydra.launcher._target_={launcher}: a search runs its trials itself; to spread it "
                                  "over machines, start the same command on each (docs/cluster.md)")  # fmt: skip
            plan = from_hydra(self._typed(arguments), sweeper, again, Composer(_extra_dir(config.hydra)))
            self.code = run_search(plan)
        except Exception as error:
            if not is_expected(error):
                raise
            self.error = error  # Hydra would print a traceback of it


def _extra_dir(hydra_config: Any) -> str | None:
    """The folder given with ``--config-dir``."""
    sources = hydra_config.runtime.config_sources
    return next((source.path for source in sources if source.provider == "command-line"), None)


def _hydra(words: Sequence[str], jobs: _HydraJobs) -> int:
    """Hand over to Hydra; returns the exit code."""
    application = hydra.main(version_base="1.3", config_path=str(own_folder("conf")), config_name="config")(jobs)
    before, full = sys.argv, os.environ.get(_FULL_ERROR)
    sys.argv, os.environ[_FULL_ERROR] = ["depsim", *words], "1"
    try:
        application()
    except SystemExit as stop:
        return stop.code if isinstance(stop.code, int) else int(stop.code is not None)
    except (HydraException, OmegaConfBaseException) as error:
        raise ConfigError(shortened(str(error))) from None
    except Exception as error:
        if type(error).__module__.split(".")[0] != "submitit":
            raise
        raise LauncherError(_last_line(str(error))) from None
    finally:
        sys.argv = before
        os.environ.pop(_FULL_ERROR)
        if full is not None:
            os.environ[_FULL_ERROR] = full
    if jobs.error is not None:
        raise jobs.error
    return jobs.code


def _last_line(text: str) -> str:
    """What a traceback comes to."""
    return next((line.strip() for line in reversed(text.splitlines()) if line.strip()), "it says nothing")
