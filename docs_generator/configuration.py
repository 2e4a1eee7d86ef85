"""The page of all configuration keys, from conf/ and the classes that it names."""

from __future__ import annotations

import csv
import io
import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from typing import Any

from omegaconf import OmegaConf

from depsim.component import Component
from depsim.config import Composer, parse_overrides
from depsim.config.session import Session
from depsim.population import Population
from depsim.registry import find_class, own_folder
from depsim.search.multiverse_file import MultiverseFile
from depsim.search.samplers import plain_parameters
from depsim.search.settings import Fresh, OptunaClass, Pruner, Sampler, SearchSettings
from depsim.search.sweep_files import SearchFile, SweepFile
from depsim.study.objective import Constraint, Objective
from depsim.study.setting_range import SettingRange
from depsim.training import HealthyTraining
from depsim.treatment.regimen_step import RegimenStep, Threshold
from depsim.yaml_file import read_yaml
from docs_generator.fields import GROUP, Row, first_line, markdown, rows_of
from docs_generator.tables import table

GROUPS = (
    "task",
    "model",
    "pathology",
    "treatment",
    "follow_up",
    "assessment",
    "cohort",
    "tracking",
    "executor",
    "experiment",
)
"""In the order of a course; then who, and how it is run and kept."""
KEYS = "<!-- keys: {} -->"
"""Where the site puts the keys of a group."""
_INTRODUCTION = """\
# Configuration

Every key can be given on the command line, to `depsim.simulate`, and in the `settings` and `grid` of a sweep file:
`depsim run treatment=ketamine treatment.regrow_fraction=0.3 cohort=pilot`. `GROUP=CHOICE` takes a file of
`conf/GROUP/`, and `GROUP.KEY=VALUE` changes one value in it. A key exists where its class is chosen. A wrong key,
value or combination is refused before anything is computed.

All keys, with defaults, what is allowed and meanings, are in [keys.csv](keys.csv), and on the site on this page, with
the default and, in brackets, what is allowed: `0–10` is whole numbers, `0.0–1.0` any, `keys` a group whose keys follow.
"""


def page() -> str:
    """The page."""
    parts = [_INTRODUCTION, *_top(), *(part for group in GROUPS for part in _group(group)), *_regimens(), *_searches()]
    return "\n".join(parts)


def components() -> Iterator[type[Component]]:
    """All classes that have keys."""
    yield from (Session, HealthyTraining, Population)
    for group in GROUPS:
        yield from _classes(group)
    yield from (
        RegimenStep,
        Threshold,
        SweepFile,
        SearchFile,
        MultiverseFile,
        SettingRange,
        SearchSettings,
        Sampler,
        Pruner,
        Objective,
        Constraint,
        Fresh,
    )


def _top() -> Iterator[str]:
    config = _composed([])
    yield "## Keys without a group\n"
    yield _keys(Session, "", {"": config})
    yield "## training\n"
    yield f"{markdown(first_line(HealthyTraining))}. A group without choices.\n"
    yield _keys(HealthyTraining, "training.", {"": config["training"]})


def _group(group: str) -> Iterator[str]:
    """The choices of a group; the site puts its keys below them."""
    yield f"## {group}\n"
    default, classes = _default(group), _with_keys(group)
    for name in choices(group):
        of_class = [kind.__name__ for kind, names in classes.items() if name in names and len(classes) > 1]
        marks = ", ".join(["default"] * (name == default) + of_class)
        yield f"- `{group}={name}`{f' ({marks})' if marks else ''}: {markdown(_comment(group, name))}"
    yield f"\n{KEYS.format(group)}\n" if classes else ""


def keys_of(group: str) -> str:
    """The keys that each class of a group has alone, and those that several have, or those of a part of a file."""
    if group not in GROUPS:
        return _keys(*_parts_of_files()[group])
    classes, default = _with_keys(group), _default(group)
    settings = {name: _composed([f"{group}={name}"])[group] for names in classes.values() for name in names}
    rows_by_class = {kind: list(rows_of(kind)) for kind in classes}
    counts = Counter(row for rows in rows_by_class.values() for row in rows)
    shared = [row for row, count in counts.items() if count > 1]
    lines = []
    for kind, names in classes.items():
        if rows := [row for row in rows_by_class[kind] if row not in shared]:
            if len(classes) > 1:
                lines.append(f"### {group}: {kind.__name__}\n")
            lines.append(_list(rows, f"{group}.", {name: settings[name] for name in names}, default))
    if shared:
        lines.append(f"### {group}: keys of several classes\n")
        for row in shared:
            having = [kind for kind in classes if row in rows_by_class[kind]]
            values = {name: settings[name] for kind in having for name in classes[kind]}
            line = _list([row], f"{group}.", values, default).rstrip("\n")
            lines.append(f"{line} ({', '.join(kind.__name__ for kind in having)})")
        lines.append("")
    return "\n".join(lines)


def keys_as_csv() -> str:
    """The keys of all groups and files: key, what has it, default, what is allowed, unit, meaning."""
    text = io.StringIO()
    lines = csv.writer(text, lineterminator="\n")
    lines.writerow(("key", "of", "default", "allowed", "unit", "meaning"))

    def write(kind: type[Component], prefix: str, values: Mapping[str, Any], default: str | None, owner: str) -> None:
        for row in rows_of(kind):
            usual, others = _defaults_of(row, values, default)
            cells = "; ".join([usual.removeprefix("="), *others]), row.allowed, row.unit, row.meaning
            lines.writerow((f"{prefix}{row.key}", owner, *(cell.replace("`", "") for cell in cells)))

    for group in GROUPS:
        for kind, names in _with_keys(group).items():
            settings = {name: _composed([f"{group}={name}"])[group] for name in names}
            owner = "" if len(_with_keys(group)) == 1 else ", ".join(names)
            write(kind, f"{group}.", settings, _default(group), owner)
    for part, (kind, prefix, values) in _parts_of_files().items():
        write(kind, prefix, values, None, part.replace("_", " "))
    return text.getvalue()


def _with_keys(group: str) -> dict[type[Component], list[str]]:
    """The classes of a group that have keys, with their choices."""
    if group == "cohort":
        return {Population: list(choices(group))}
    return {kind: names for kind, names in _classes(group).items() if kind.model_fields}


def _default(group: str) -> str | None:
    """The choice of a group that is taken unless another is named."""
    entries = [entry for entry in _file("", "config")["defaults"] if isinstance(entry, dict)]
    return next((entry[group] for entry in entries if group in entry), None)


def _regimens() -> Iterator[str]:
    yield "## The steps of a regimen\n"
    yield "`steps` of a regimen is a list; `treatment.steps.0.repeat=2` changes one, counted from 0."
    yield "The drugs' own keys are those of their treatments: `treatment.drugs.ssri.epochs=50`.\n"
    yield f"{KEYS.format('step')}\n"
    yield "`unless` is `remitted` or a threshold, `unless.combined`.\n"
    yield f"{KEYS.format('threshold')}\n"


def _searches() -> Iterator[str]:
    yield "## Sweep files\n"
    yield "`depsim sweep NAME` runs `sweeps/NAME.yaml` of the working directory. Its `report` is a list of"
    yield "[questions](report.md).\n"
    yield f"{KEYS.format('sweep_file')}\n"
    yield "## Multiverses\n"
    yield "A sweep file with a `space` and without a `search` ([how to write one](../how-to/multiverse.md)).\n"
    yield f"{KEYS.format('multiverse')}\n\n{KEYS.format('space')}\n"
    yield "## Searches\n"
    yield "Keys below `search` of a sweep file, or below `hydra.sweeper` on the command line with "
    yield "`depsim run -m hydra/sweeper=depsim_optuna`.\n"
    yield f"{KEYS.format('search')}\n\n{KEYS.format('objective')}\n\n{KEYS.format('constraint')}\n"
    yield "A name alone, `sampler=RandomSampler`, is `sampler.name`. Beside it stand arguments of that class of"
    yield "[Optuna](https://optuna.readthedocs.io/en/stable/reference), which says what they do:"
    yield "`{name: TPESampler, n_startup_trials: 20}`. One that is not given has Optuna's default.\n"
    yield table(["class", "arguments, with their defaults"], list(_optuna_classes(Sampler, Pruner)))


def _parts_of_files() -> dict[str, tuple[type[Component], str, dict[str, dict[str, Any]]]]:
    """What files consist of beside groups: the component, what its keys begin with, and its defaults."""
    settings = _file("hydra/sweeper", "depsim_optuna")
    portion = SearchSettings.model_fields["portion"].default
    shown = settings | {"portion": portion, "pruner": {"name": settings["pruner"]}}
    return {
        "step": (RegimenStep, "", {}),
        "threshold": (Threshold, "unless.", {}),
        "sweep_file": (SweepFile, "", {}),
        "multiverse": (MultiverseFile, "", {}),
        "space": (SettingRange, "space.KEY.", {}),
        "search": (SearchSettings, "", {"": shown}),
        "objective": (Objective, "objectives.0.", {"": settings["objectives"][0]}),
        "constraint": (Constraint, "constraints.0.", {}),
    }


def _optuna_classes(*kinds: type[OptunaClass]) -> Iterator[list[str]]:
    """Rows of the classes of Optuna's that can be named, with the arguments that take plain values."""
    for kind in kinds:
        for name in kind.choices:
            parameters = plain_parameters(kind(name=name)).items()
            arguments = [f"`{key}={json.dumps(given.default)}`" for key, given in parameters if key != "seed"]
            yield [f"`{name}`", ", ".join(arguments)]


def _keys(
    kind: type[Component], prefix: str, values: Mapping[str, Mapping[str, Any]], default: str | None = None
) -> str:
    """The list of a component's keys.

    Args:
        kind: the component.
        prefix: what its keys begin with.
        values: the settings that each choice of it has.
        default: the choice whose values come first, if it is among them.
    """
    return _list(rows_of(kind), prefix, values, default)


def _list(rows: Iterable[Row], prefix: str, values: Mapping[str, Mapping[str, Any]], default: str | None = None) -> str:
    """Keys in a list: with the default, what is allowed, and the choices that have another default."""
    lines = []
    for row in rows:
        usual, others = _defaults_of(row, values, default)
        allowed = " ".join(part for part in (row.allowed, row.unit if row.unit != "share" else "") if part)
        lines.append(f"- `{prefix}{row.key}{usual}` ({allowed}): {'; '.join([row.meaning, *others])}")
    return "\n".join([*lines, ""])


def _defaults_of(row: Row, values: Mapping[str, Mapping[str, Any]], first: str | None) -> tuple[str, list[str]]:
    """The usual value, as ``=VALUE``, and those of the choices that differ; none of a group of keys."""
    if not values or row.allowed.startswith(GROUP):
        return "", []
    texts = {name: _spelled(_at(settings, row.key)) for name, settings in values.items()}
    usual = texts.get(first or "", next(iter(texts.values())))
    choices_of: dict[str, list[str]] = {}
    for name, text in texts.items():
        if text != usual:
            choices_of.setdefault(text, []).append(f"`{name}`")
    others = [f"{', '.join(names)}: {f'`{text}`' if text else 'its own'}" for text, names in choices_of.items()]
    return f"={usual}" if usual else "", others


def _at(settings: Mapping[str, Any], key: str) -> Any:
    """The value of a dotted key; None below a group that is left out, which is what its absence means."""
    value: Any = settings
    for part in key.split("."):
        value = value.get(part) if isinstance(value, Mapping) else None
    return value


def _spelled(value: Any) -> str:
    """A value as on the command line; empty of what a regimen is made of, which stands in its file."""
    holds_groups = isinstance(value, Mapping) and any(isinstance(each, Mapping) for each in value.values())
    if holds_groups or (isinstance(value, list) and any(isinstance(each, Mapping) for each in value)):
        return ""
    return value if isinstance(value, str) else json.dumps(value)


def choices(group: str) -> Sequence[str]:
    """The choices of a group."""
    return sorted(path.stem for path in (own_folder("conf") / group).glob("*.yaml"))


def _classes(group: str) -> dict[type[Component], list[str]]:
    """The classes that a group's choices name, with their choices."""
    found: dict[type[Component], list[str]] = {}
    for name in choices(group):
        kind: type[Component] | None = find_class(_file(group, name).get("_target_"))
        if kind is not None:
            found.setdefault(kind, []).append(name)
    return found


def _composed(overrides: Iterable[str]) -> dict[str, Any]:
    """A configuration, plainly."""
    return _composed_once(tuple(overrides))


@cache
def _composed_once(overrides: tuple[str, ...]) -> dict[str, Any]:
    composed = Composer().compose(parse_overrides(list(overrides)))
    plain = OmegaConf.to_container(composed.config, resolve=True)
    assert isinstance(plain, dict)
    return {str(key): value for key, value in plain.items()}


def _file(group: str, name: str) -> dict[str, Any]:
    """What a file of ``conf/`` says."""
    content = read_yaml(own_folder("conf") / group / f"{name}.yaml")
    assert isinstance(content, dict)
    return content


def _comment(group: str, name: str) -> str:
    """The first sentence of the comment that a choice's file begins with."""
    lines = (own_folder("conf") / group / f"{name}.yaml").read_text(encoding="utf-8").splitlines()
    told = []
    for line in lines:
        if not line.startswith("#"):
            break
        if not line.startswith("# @"):
            told.append(line.removeprefix("#").strip())
    return re.split(r"\. (?=[A-Z])", " ".join(told))[0]
