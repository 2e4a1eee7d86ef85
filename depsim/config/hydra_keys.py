"""Hydra's own configuration is closed but for a list of keys: one rule for the command line and for every file.

Hydra acts on its own keys: it sets environment variables, changes folders, builds launchers, callbacks and logging.
Whatever is not on the list has to be as depsim and Hydra ship it, whoever would change it and from where.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from hydra.core.override_parser.types import Override
from omegaconf import DictConfig, OmegaConf

from depsim.config.errors import ConfigError, shortened

_ON_THE_COMMAND_LINE = re.compile(
    r"hydra/(launcher|sweeper|sweeper/sampler|sweeper/pruner)"
    r"|hydra\.(sweep\.dir|job\.name|verbose)"
    r"|hydra\.launcher\.(?!_target_).+"
    r"|hydra\.sweeper\.(?!_target_|params\b).+"
)
_IN_FILES = re.compile(r"hydra\.(sweep\.dir|job\.name|verbose\b.*|(launcher|sweeper)\..+)")
"""The same keys, once files are chosen and composed; what these bring is looked at more closely."""
_FROM_HYDRA = re.compile(r"hydra\.((overrides|searchpath|runtime)\b.*|job\.(override_dirname|config_name))")
"""What Hydra writes itself, at every composition."""
_FIXED = (
    "this part of Hydra's own configuration is fixed; allowed are hydra/launcher, hydra/sweeper, hydra.launcher.*, "
    "hydra.sweeper.*, hydra.sweep.dir, hydra.job.name and hydra.verbose"
)
_SHELL_COMMANDS = ("setup", "additional_parameters", "python", "srun_args")
"""Keys of launchers that write lines into a shell script."""
_COPIED = "hydra.job.env_set"
BASIC_LAUNCHER = "hydra._internal.core_plugins.basic_launcher.BasicLauncher"
"""The launcher that runs jobs in this process."""
BASIC_SWEEPER = "hydra._internal.core_plugins.basic_sweeper.BasicSweeper"
"""The sweeper that runs all combinations."""
SEARCH_SWEEPER = "depsim_optuna"
"""The sweeper that searches, as it is called in ``conf/hydra/sweeper``."""
_TARGETS = {
    "launcher": (
        BASIC_LAUNCHER,
        "hydra_plugins.hydra_submitit_launcher.submitit_launcher.LocalLauncher",
        "hydra_plugins.hydra_submitit_launcher.submitit_launcher.SlurmLauncher",
    ),
    "sweeper": (BASIC_SWEEPER, "hydra_plugins.depsim_optuna.sweeper.DepsimOptunaSweeper"),
}
_FIXED_PARTS: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("launcher", BASIC_LAUNCHER, ()),
    ("sweeper", BASIC_SWEEPER, ("max_batch_size",)),
)
"""What takes no other keys than these."""


def is_hydra_key(key: str) -> bool:
    """Whether a key or a package belongs to Hydra's own configuration.

    >>> [is_hydra_key(key) for key in ("hydra.job.name", "hydra/launcher", "_global_.hydra", "hydraulics")]
    [True, True, True, False]
    """
    return re.match(r"(_global_\.)?hydra([./@:]|$)", key) is not None


def refuse_fixed_key(override: Override) -> None:
    """Refuse an override of a key of Hydra's own that is not on the list.

    Raises:
        ConfigError: naming the override and what is allowed.
    """
    key, package = override.key_or_group, override.package
    if (is_hydra_key(key) and not _ON_THE_COMMAND_LINE.fullmatch(key)) or (package and "hydra" in package):
        raise ConfigError(f"{shortened(override.input_line)}: {_FIXED}")


def refuse_changed_keys(config: DictConfig, shipped: DictConfig, file_of: Callable[[str], str | None]) -> None:
    """Refuse a composed configuration in which a file changes a key of Hydra's own that is not on the list.

    Args:
        config, shipped: composed with and without what the user gives, both with Hydra's own part.
        file_of: the file that sets a key, if it is one of a configuration folder.

    Raises:
        ConfigError: naming the file, the key, the value and what is allowed.
    """
    found, expected = _hydra_leaves(config), _hydra_leaves(shipped)

    def refuse(key: str, reason: str) -> None:
        file, value = file_of(key), shortened(str(found.get(key)))
        raise ConfigError(f"{f'{file}: ' if file else ''}{key}={value}: {reason}")

    for part, targets in _TARGETS.items():
        key = f"hydra.{part}._target_"
        if found.get(key) not in targets:
            refuse(key, f"not allowed; choose hydra/{part}=basic")
    keys = {**found, **expected}
    for key in sorted(keys, key=lambda key: key.startswith(_COPIED)):  # Hydra fills these in from the environment
        if _FROM_HYDRA.fullmatch(key) or (found.get(key) == expected.get(key) and not _IN_FILES.fullmatch(key)):
            continue
        if not _IN_FILES.fullmatch(key):
            refuse(key, _FIXED)
        if reason := _foreign(key, found.get(key)):
            refuse(key, reason)
    _refuse_unknown_keys(config)
    _require_complete_launcher(config)


def _hydra_leaves(config: DictConfig) -> dict[str, Any]:
    """Dotted key to value of everything in Hydra's own part, nothing resolved."""
    return dict(leaves(OmegaConf.to_container(config.hydra, resolve=False), "hydra"))


def _foreign(key: str, value: object) -> str | None:
    """Why a value of an open key is not allowed, if it is not."""
    names = key.split(".")
    if any(re.fullmatch(r"_.*_", name) for name in names[3:]) or (len(names) > 3 and re.fullmatch(r"_.*_", names[2])):
        return "objects inside of launchers and sweepers run foreign code; allowed are plain values"
    if len(names) == 3 and re.fullmatch(r"_(?!target_).*_", names[2]):
        return "not allowed; only plain keys are"
    if re.match(rf"hydra\.launcher\.({'|'.join(_SHELL_COMMANDS)})\b", key) and value:
        return "writes into a shell script, which would run foreign code; allowed is what the launcher does without it"
    if key.startswith("hydra.sweeper.params") and value is not None:
        return "not allowed; give the values with -m KEY=A,B"
    if isinstance(value, str) and (not value.isprintable() or re.search(r"\$\{[^}]*:", value)):
        return "resolvers and control characters are not allowed, only plain values and ${key}"
    return _wrong_value(key, value)


def _wrong_value(key: str, value: object) -> str | None:
    """Why one of Hydra's open keys cannot have a value; Hydra itself would fail with a traceback."""
    is_text = isinstance(value, str) and value.strip() != ""
    if key.startswith("hydra.verbose") and not isinstance(value, bool):
        return "must be true or false"
    if key in ("hydra.sweep.dir", "hydra.job.name") and (not is_text or "${" in str(value)):
        return "must be plain text"
    if key == "hydra.sweeper.max_batch_size":
        is_count = isinstance(value, int) and not isinstance(value, bool) and value >= 1
        return None if value is None or is_count else "must be a whole number of jobs, at least 1, or null"
    return None


def _refuse_unknown_keys(config: DictConfig) -> None:
    """Refuse added keys of Hydra's own launcher and sweeper, which would not take them."""
    for part, target, known in _FIXED_PARTS:
        block = config.hydra[part]
        extra = [key for key in block if key not in ("_target_", "params", *known)]
        if block._target_ == target and extra:
            allowed = f"allowed are {', '.join(known)}" if known else "there are none"
            raise ConfigError(f"hydra.{part}.{extra[0]}={block[extra[0]]}: unknown key; {allowed}")


def _require_complete_launcher(config: DictConfig) -> None:
    """Refuse a launcher file of one's own that takes nothing over from submitit's."""
    launcher, name = config.hydra.launcher, config.hydra.runtime.choices.get("hydra/launcher")
    if "submitit" in launcher._target_ and "submitit_folder" not in launcher:
        raise ConfigError(
            f"hydra/launcher={name}: lacks the settings of submitit, such as submitit_folder; allowed is a file with "
            "defaults: [submitit_slurm] or [submitit_local], and what is to be different"
        )


def leaves(node: Any, key: str) -> Iterable[tuple[str, Any]]:
    """All (dotted key, value) pairs below a node; what is empty counts as a value.

    >>> list(leaves({"a": [1, {"b": None}], "c": {}}, ""))
    [('a[0]', 1), ('a[1].b', None), ('c', {})]
    """
    if isinstance(node, Mapping) and node:
        for name, value in node.items():
            yield from leaves(value, f"{key}.{name}" if key else str(name))
    elif isinstance(node, list) and node:
        for index, value in enumerate(node):
            yield from leaves(value, f"{key}[{index}]")
    else:
        yield key, node
