"""``depsim run``: one condition on one cohort, as an ordinary Hydra application."""

from __future__ import annotations

import argparse
import itertools
import re
import shlex
import shutil
import sys
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import hydra
from hydra._internal.utils import get_args_parser
from hydra.core.hydra_config import HydraConfig
from omegaconf import DictConfig

from depsim.config.composition import below_swept_choices, compose_config, config_folder, parse_overrides, single_values
from depsim.config.errors import ConfigError
from depsim.config.safety import BASIC_LAUNCHER, SEARCH_SWEEPER

if TYPE_CHECKING:
    from depsim.tracking import JobLog

_REFUSED = ("config_name", "config_path", "experimental_rerun")
"""Hydra's flags that would run another configuration than the one that is checked, or unpickle a file."""
_ALONE = ("run", "multirun", "cfg", "info", "shell_completion")
_INFORMATIVE = ("help", "hydra_help", "cfg", "info", "shell_completion", "resolve", "package")


class IndividualsFailedError(RuntimeError):
    """Some individuals of a job have no outcome; only raised where nobody else can tell, on a launcher's machine."""


_finished: list[JobLog] = []
"""Records of the jobs that Hydra has run in this process."""


_searched: list[int] = []
"""Exit codes of the searches that Hydra has run in this process."""

_troubles: list[Exception] = []
"""What kept jobs from running at all: Hydra would print a traceback of it."""

_forced: set[str] = set()
"""Keys that Hydra has been handed with ``++`` though they were typed without."""


def main(words: Sequence[str]) -> int:
    """Check everything, then let Hydra run it."""
    from depsim.commands.outcome import exit_code, guarded

    for left in (_finished, _searched, _troubles, _forced):
        left.clear()
    again = shlex.join(["depsim", "run", *words])

    def work() -> int:
        try:
            arguments = get_args_parser().parse_args(list(words))
        except SystemExit as stop:  # argparse has said what is wrong
            return int(stop.code or 0)
        _check_flags(arguments)
        if not any(getattr(arguments, name) for name in _INFORMATIVE):
            _check(arguments.overrides, arguments.config_dir, arguments.multirun)
        elif not arguments.shell_completion:  # showing a configuration sets up its logging, which may build objects
            parsed = parse_overrides(arguments.overrides)
            if swept := [o.input_line for o in parsed if o.is_sweep_override()]:
                raise ConfigError(f"{swept[0]}: several values at once; allowed is one, whose configuration is shown")
            compose_config(arguments.overrides, parsed, arguments.config_dir)
        if (code := _hydra(_for_hydra(words, arguments.overrides) if arguments.multirun else words)) != 0:
            return code
        if _troubles:
            raise _troubles[0]
        if _finished and _finished[-1].run_id is not None:
            from depsim.report.terminal import say

            say(f"next: depsim ui    (study {_finished[-1].job.study})")
        return max([exit_code(_finished), *_searched])

    return guarded(work, again)


def _check_flags(arguments: argparse.Namespace) -> None:
    """Refuse Hydra's flags that are not ours, and those that do not go together."""
    for flag in _REFUSED:
        if (value := getattr(arguments, flag)) is not None:
            raise ConfigError(f"--{flag.replace('_', '-')} {value}: not allowed; allowed is --config-dir FOLDER")
    if arguments.help or arguments.hydra_help:
        return
    if len(given := [f"--{flag.replace('_', '-')}" for flag in _ALONE if getattr(arguments, flag)]) > 1:
        raise ConfigError(f"{' '.join(given)}: do not go together; allowed is one of them")
    if arguments.resolve and not arguments.cfg:
        raise ConfigError("--resolve: shows nothing by itself; allowed with --cfg or --help")


def _check(overrides: Sequence[str], extra_dir: str | None, multirun: bool) -> None:
    """Compose and check every job before the first starts.

    Raises:
        ConfigError: naming the key, the value and what is allowed.
    """
    from depsim.config import prepare

    if "hydra/launcher=submitit_slurm" in overrides and shutil.which("srun") is None:
        raise ConfigError(
            "hydra/launcher=submitit_slurm: no SLURM on this machine (srun is not there); allowed here is "
            "hydra/launcher=submitit_local"
        )
    if not multirun:
        _refuse_of_several(overrides)
        prepare(overrides, extra_dir)
        return
    if _is_search(overrides, extra_dir):
        return  # its sweeper checks the whole space before it writes anything
    for point in itertools.product(*map(single_values, parse_overrides(overrides))):
        prepare(point, extra_dir)


def _refuse_of_several(overrides: Sequence[str]) -> None:
    """Refuse what only says how several jobs are run."""
    for override in parse_overrides(overrides):
        if re.match(r"hydra([./](launcher|sweeper)|\.sweep)([./]|$)", override.key_or_group):
            raise ConfigError(f"{override.input_line}: of no effect on a single job; allowed is depsim run -m")


def _is_search(overrides: Sequence[str], extra_dir: str | None) -> bool:
    """Whether Hydra would hand the jobs over to depsim's own sweeper."""
    from depsim.search.space import first_value

    plain = [first_value(override) for override in parse_overrides(overrides)]
    if not any("hydra/sweeper" in line or line.startswith(("experiment=", "+experiment=")) for line in plain):
        return False
    config = compose_config(plain, parse_overrides(plain), extra_dir)
    return str(config.hydra.runtime.choices["hydra/sweeper"]) == SEARCH_SWEEPER


def search_from_hydra(arguments: Sequence[str], sweeper: Mapping[str, Any], config: DictConfig) -> None:
    """What depsim's sweeper does: the search that Hydra was asked for.

    Args:
        arguments: the overrides of the jobs.
        sweeper: the keys of ``hydra.sweeper``.
        config: composed by Hydra.
    """
    from depsim.commands.outcome import is_expected
    from depsim.commands.search import from_hydra, run_search

    again = shlex.join(["depsim", "run", *_as_typed(sys.argv[1:])])
    try:
        if (launcher := config.hydra.launcher._target_) != BASIC_LAUNCHER:
            raise ConfigError(f"hydra.launcher._target_={launcher}: a search runs its trials itself; to spread it over "
                              "machines, start the same command on each (docs/cluster.md)")  # fmt: skip
        sources = config.hydra.runtime.config_sources
        extra_dir = next((source.path for source in sources if source.provider == "command-line"), None)
        _searched.append(run_search(from_hydra(_as_typed(arguments), sweeper, again, extra_dir)))
    except Exception as error:
        if not is_expected(error):
            raise
        _troubles.append(error)


def _for_hydra(words: Sequence[str], overrides: Sequence[str]) -> list[str]:
    """The words with ``++`` before the keys that Hydra does not know before it has made a swept choice."""
    below = below_swept_choices(parse_overrides(overrides))
    _forced.update(override.key_or_group for override in below)
    lines = [override.input_line for override in below]
    return [f"++{word}" if word in lines else word for word in words]


def _as_typed(words: Sequence[str]) -> list[str]:
    """Words that Hydra was handed, or hands back, without the ``++`` that nobody typed."""
    return [word.removeprefix("++") if word.lstrip("+").partition("=")[0] in _forced else word for word in words]


def _hydra(words: Sequence[str]) -> int:
    """Hand over to Hydra; returns its exit code."""
    application = hydra.main(version_base="1.3", config_path=str(config_folder("conf")), config_name="config")(_job)
    before = sys.argv
    sys.argv = ["depsim", *words]
    try:
        application()
    except SystemExit as stop:
        return stop.code if isinstance(stop.code, int) else int(stop.code is not None)
    finally:
        sys.argv = before
    return 0


def _job(config: DictConfig) -> None:
    """One of Hydra's jobs."""
    from depsim.commands.outcome import is_expected

    try:
        _run(config)
    except Exception as error:
        if HydraConfig.get().launcher._target_ != BASIC_LAUNCHER or not is_expected(error):
            raise
        _troubles.append(error)


def _run(config: DictConfig) -> None:
    """Run a job and print what came out."""
    from depsim.commands.outcome import exit_code
    from depsim.config import build
    from depsim.progress import show_progress
    from depsim.report.terminal import say, show_condition
    from depsim.runner import run_jobs

    hydra_config = HydraConfig.get()
    parsed = parse_overrides(_as_typed(hydra_config.overrides.task))
    extra_dir = next((s.path for s in hydra_config.runtime.config_sources if s.provider == "command-line"), None)
    order = build(config, hydra_config.runtime.choices, parsed, extra_dir)
    (log,) = run_jobs([order.job], order.tracking.open(), order.resources, show_progress)
    if people := log.metrics():
        show_condition(order.job.title, people)
    if log.run_id is not None:
        say(f"run {log.run_id}")
    _finished.append(log)
    if hydra_config.launcher._target_ != BASIC_LAUNCHER and exit_code([log]) != 0:
        raise IndividualsFailedError(f"{len(log.failures)} individuals failed")
