"""Where components may come from: depsim itself, and packages that the user has allowed outside any configuration.

A package is allowed by its name in the environment variable ``DEPSIM_PLUGINS`` (several with commas; it may lie in the
working directory) or by an installed distribution under the entry point group ``depsim.components``. Its folder
``conf/``, if there is one, joins the configuration search path.
"""

from __future__ import annotations

import importlib
import importlib.util
import os
import pkgutil
import re
import sys
from collections.abc import Callable, Mapping
from functools import cache
from importlib.metadata import entry_points
from pathlib import Path
from types import ModuleType
from typing import Any, TypeVar

from depsim.component import Component, Label, label_of, neutral_settings
from depsim.terminal_text import meant
from depsim.yaml_file import YamlFileError, read_yaml

VARIABLE = "DEPSIM_PLUGINS"
_GROUP, _ROOMS = "depsim.components", "depsim.rooms"
_CLASS = re.compile(r"(?P<module>[a-z_][a-z0-9_]*(\.[a-z_][a-z0-9_]*)*)\.(?P<name>[A-Z]\w*)")
_FUNCTION = re.compile(r"(?P<module>[A-Za-z_]\w*(\.[A-Za-z_]\w*)*):(?P<name>[A-Za-z_]\w*)", re.ASCII)
_OWN_FUNCTIONS = ("depsim.model.torch_networks", "depsim.task.torch_examples")
"""The modules of depsim's own whose functions a setting may name."""
_Part = TypeVar("_Part", bound=Component)


class PluginError(ValueError):
    """A plugin that was allowed is not there; the message says which."""


def packages() -> tuple[str, ...]:
    """The allowed packages, depsim first.

    Raises:
        PluginError: if one is not there.
    """
    return _packages(os.environ.get(VARIABLE, ""))


def rooms() -> tuple[str, ...]:
    """Where questions and references may be written: rooms of depsim (entry points ``depsim.rooms``), then packages.

    Raises:
        PluginError: if a package is not there.
    """
    own = sorted(point.value for point in entry_points(group=_ROOMS))
    return (*own, *packages()[1:])


def allowing(package: str) -> str:
    """The variable's setting that allows a package beside those that it names now."""
    return f"{VARIABLE}={','.join(dict.fromkeys([*_named(os.environ.get(VARIABLE, '')), package]))}"


def _named(variable: str) -> list[str]:
    return [name.strip() for name in variable.split(",") if name.strip()]


@cache
def _packages(variable: str) -> tuple[str, ...]:
    named = _named(variable)
    for name in named:
        if not name.isidentifier():
            raise PluginError(f"{VARIABLE}={variable}: {name}: must be the name of a package")
        if importlib.util.find_spec(name) is None:
            if not (Path(name) / "__init__.py").is_file():
                raise PluginError(
                    f"{VARIABLE}={variable}: no package {name}, neither installed nor in this folder; go to its "
                    f"folder, or unset {VARIABLE}"
                )
            sys.path.append(os.getcwd())
            importlib.invalidate_caches()
        if (spec := importlib.util.find_spec(name)) is None or spec.origin is None:
            raise PluginError(f"{VARIABLE}={variable}: {name}: a folder without __init__.py is no package")
    installed = [point.value.split(":")[0].split(".")[0] for point in entry_points(group=_GROUP)]
    return tuple(dict.fromkeys(["depsim", *named, *installed]))


def as_default(place: str) -> str:
    """What a file lists under ``defaults`` so that it takes in the choice of that name.

    Args:
        place: where the choice stands.

    >>> as_default("treatment.drugs.ssri")
    '/treatment@drugs.ssri: ssri'
    """
    group, _, below = place.partition(".")
    return f"/{group}@{below}: {below.rpartition('.')[2]}"


def own_folder(name: str) -> Path:
    """``conf`` or ``sweeps``, in a checkout or in an installed package."""
    package = Path(__file__).parent
    installed = package / name
    return installed if installed.is_dir() else package.parent / name


def conf_folders() -> list[Path]:
    """The configuration folders, depsim's own first."""
    folders = [own_folder("conf")]
    for name in packages()[1:]:
        spec = importlib.util.find_spec(name)
        if spec is not None and spec.origin is not None and (folder := Path(spec.origin).parent / "conf").is_dir():
            folders.append(folder)
    return folders


def find_class(target: object, base: type[_Part] = Component) -> type[_Part] | None:  # type: ignore[assignment]
    """The component that a configuration's ``_target_`` names, or None if it names none in an allowed package.

    Args:
        target: what stands there.
        base: what it has to be.

    Raises:
        PluginError: if a plugin is not there, or its module imports something that is not.
    """
    named = _CLASS.fullmatch(target) if isinstance(target, str) else None
    if named is None or named["module"].split(".")[0] not in packages():
        return None
    try:
        kind = getattr(importlib.import_module(named["module"]), named["name"], None)
    except ImportError as error:
        if error.name is None or named["module"].startswith(error.name):
            return None  # there is no such module
        raise PluginError(f"{target}: its module cannot be imported: {error}") from None
    return kind if isinstance(kind, type) and issubclass(kind, base) else None


def import_below(name: str) -> list[ModuleType]:
    """A module of an allowed package and all modules below it, by name; empty where there is none of that name.

    Raises:
        PluginError: if one cannot be imported.
    """
    found = []
    try:
        if importlib.util.find_spec(name) is None:
            return []
        found.append(importlib.import_module(name))
        for path in getattr(found[0], "__path__", ()):
            below = sorted(module.name for module in pkgutil.iter_modules([path]))
            found += [importlib.import_module(f"{name}.{module}") for module in below]
    except Exception as error:  # of whatever stands in somebody's module
        raise PluginError(
            f"{name} cannot be imported: {type(error).__name__}: {' '.join(str(error).split())}"
        ) from error
    return found


def find_function(target: object) -> Callable[..., Any]:
    """The function, or class, that a setting names, which has to be written in an allowed package.

    Args:
        target: ``package.module:function``.

    Raises:
        PluginError: if it names none; the message says why, and what to do. Nothing that is not allowed is imported.
    """
    named = _FUNCTION.fullmatch(target) if isinstance(target, str) else None
    if named is None:
        raise PluginError(f"must be package.module:function{_function_meant(target)}")
    package, module = named["module"].split(".")[0], named["module"]
    if package not in packages():
        raise PluginError(f"the package {package} is not allowed; if you trust it, export {allowing(package)}")
    if package == "depsim" and module not in _OWN_FUNCTIONS:
        raise PluginError(f"of depsim, only functions of {' and '.join(_OWN_FUNCTIONS)} can be named")
    try:
        home_module = importlib.import_module(module)
    except Exception as error:  # of whatever stands in somebody's module
        reason = " ".join(str(error).split())
        raise PluginError(f"{module} cannot be imported: {type(error).__name__}: {reason}") from error
    function: Any = getattr(home_module, named["name"], None)
    if not callable(function):
        functions = [name for name, value in vars(home_module).items() if callable(value)]
        raise PluginError(f"{module} has no function {named['name']}{meant(named['name'], functions)}")
    home = str(getattr(function, "__module__", None))
    if home.split(".")[0] != package:
        raise PluginError(f"{named['name']} is written in {home}; write a function in {package} that calls it")
    return function  # type: ignore[no-any-return]


def _function_meant(target: object) -> str:
    """The function that may have been meant by a dotted name, or a file's, as the end of a message.

    >>> _function_meant("mylab.nets.net"), _function_meant("mylab/nets.py:net"), _function_meant(None)
    (' (did you mean mylab.nets:net?)', ' (did you mean mylab.nets:net?)', '')
    """
    text = str(target).replace(".py:", ":").replace("/", ".").removesuffix("()")
    named = text if ":" in text else ":".join(text.rsplit(".", 1))
    return f" (did you mean {named}?)" if _FUNCTION.fullmatch(named) else ""


def class_of_choice(group: str, choice: str) -> type[Component] | None:
    """The component that a file of a configuration group names, or None if there is none such.

    Raises:
        PluginError: if the file cannot be read.
    """
    for folder in conf_folders():
        if (file := folder / group / f"{choice}.yaml").is_file():
            return _class_named_in(file, file.stat().st_mtime_ns, packages())
    return None


@cache
def _class_named_in(file: Path, _written: int, _packages: tuple[str, ...]) -> type[Component] | None:
    try:
        content = read_yaml(file)
    except YamlFileError as error:
        raise PluginError(str(error)) from None
    return find_class(content.get("_target_")) if isinstance(content, Mapping) else None


def title_of(config: Mapping[str, Any], key: str) -> str:
    """What a key of a group's component is, in words and with its unit; empty for any other key."""
    *places, name = key.lstrip("+").split(".")
    values: Any = config
    for place in places:
        values = values.get(place) if isinstance(values, Mapping) else None
    kind = _component_of(values)
    if kind is None or name not in kind.model_fields:
        return ""
    label, whose = label_of(kind, name), f"{places[-1]}: " if len(places) > 1 else ""
    return f" ({whose}{label.title}{f', {label.unit}' if label.unit else ''})"


def fields_of_choice(group: str, choice: str) -> dict[str, Label]:
    """What the settings of a choice are called; none where its class cannot be found, whatever the reason."""
    try:
        kind = class_of_choice(group, choice)
    except Exception:  # a module of somebody else's may raise anything; who chooses it is told
        return {}
    return {} if kind is None else {name: label_of(kind, name) for name in kind.model_fields}


def label_of_key(key: str) -> Label | None:
    """What a key of a group is called by every choice that has it; None where none has, or they differ."""
    return _label_in(key, packages())


@cache
def _label_in(key: str, _packages: tuple[str, ...]) -> Label | None:
    group, _, name = key.partition(".")
    choices = {file.stem for folder in conf_folders() for file in (folder / group).glob("*.yaml")}
    fields = [fields_of_choice(group, choice) for choice in choices]
    kinds = {names[name] for names in fields if name in names}
    return kinds.pop() if len(kinds) == 1 else None


def neutral_keys(config: Mapping[str, Any]) -> dict[str, Any]:
    """The neutral values of all keys that came later: dotted key to value.

    Args:
        config: resolved; its groups name their classes.
    """
    neutral: dict[str, Any] = {}
    for group, values in config.items():
        if (kind := _component_of(values)) is not None:
            neutral |= {f"{group}.{name}": value for name, value in neutral_settings(kind).items()}
        if isinstance(values, Mapping):
            neutral |= {f"{group}.{key}": value for key, value in neutral_keys(values).items()}
    return neutral


def _component_of(values: object) -> type[Component] | None:
    """The class that a part of a configuration names, if any."""
    return find_class(values.get("_target_")) if isinstance(values, Mapping) else None
