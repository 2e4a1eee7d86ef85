"""The page of all configuration keys, from conf/ and the classes that it names."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, get_args

from omegaconf import OmegaConf

from depsim.component import Component
from depsim.config import Composer, parse_overrides
from depsim.config.session import Session
from depsim.population import Population
from depsim.registry import find_class, own_folder
from depsim.search.objective import Constraint, Objective
from depsim.search.settings import Fresh, NoPruning, Sampler, SearchSettings, Wilcoxon
from depsim.search.sweep_files import SearchFile, SweepFile
from depsim.training import HealthyTraining
from depsim.treatment.regimen_step import RegimenStep, Threshold
from depsim.yaml_file import read_yaml
from docs_generator.fields import Row, first_line, markdown, rows_of
from docs_generator.tables import table

GROUPS = (
    "task", "model", "pathology", "treatment", "follow_up", "assessment", "cohort", "tracking", "executor", "experiment"
)  # fmt: skip
"""In the order of a course; then who, and how it is run and kept."""
_INTRODUCTION = """\
# Configuration

Every key can be given on the command line, to `depsim.simulate`, and in the `settings` and `grid` of a sweep file:
`depsim run treatment=ketamine treatment.regrow_fraction=0.3 cohort=pilot`. `GROUP=CHOICE` takes a file of
`conf/GROUP/`, and `GROUP.KEY=VALUE` changes one value in it. A key exists where its class is chosen. A wrong key,
value or combination is refused before anything is computed.
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
    yield from (RegimenStep, Threshold, SweepFile, SearchFile, SearchSettings, Objective, Constraint, Fresh)
    yield from _presets()


def _top() -> Iterator[str]:
    config = _composed([])
    yield "## Keys without a group\n"
    yield _keys(Session, "", {"": config})
    yield "## training\n"
    yield f"{markdown(first_line(HealthyTraining))}. A group without choices.\n"
    yield _keys(HealthyTraining, "training.", {"": config["training"]})


def _group(group: str) -> Iterator[str]:
    yield f"## {group}\n"
    entries = [entry for entry in _file("", "config")["defaults"] if isinstance(entry, dict)]
    default = next((entry[group] for entry in entries if group in entry), None)
    rows = []
    for name in choices(group):
        note = " (default)" if name == default else ""
        rows.append([f"`{group}={name}`{note}", markdown(_comment(group, name))])
    yield table(["choice", "what it is"], rows)
    if group == "cohort":
        values = {name: _composed([f"cohort={name}"])["cohort"] for name in choices(group)}
        yield _keys(Population, "cohort.", values, default)
    for kind, names in _classes(group).items():
        if not kind.model_fields or group == "cohort":
            continue
        yield f"### {group}: {kind.__name__}\n"
        yield f"{markdown(first_line(kind))}. Chosen by {', '.join(f'`{name}`' for name in names)}.\n"
        values = {name: _composed([f"{group}={name}"])[group] for name in names}
        yield _keys(kind, f"{group}.", values, default if default in names else None)


def _regimens() -> Iterator[str]:
    yield "## The steps of a regimen\n"
    yield "`steps` of a regimen is a list of these; `treatment.steps.0.repeat=2` changes one, counted from 0."
    yield "The drugs' own keys are those of their treatments: `treatment.drugs.ssri.epochs=50`.\n"
    yield _keys(RegimenStep, "", {})
    yield "`unless` can be a threshold:\n"
    yield _keys(Threshold, "unless.", {})


def _searches() -> Iterator[str]:
    yield "## Sweep files\n"
    yield "`depsim sweep NAME` runs `sweeps/NAME.yaml` of the working directory.\n"
    yield _keys(SweepFile, "", {})
    yield "`report` is a list of [questions](report.md); a file with a search may have one, too.\n"
    yield "## Searches\n"
    yield "Keys below `search` of a sweep file, or below `hydra.sweeper` on the command line with "
    yield "`depsim run -m hydra/sweeper=depsim_optuna`.\n"
    settings = _file("hydra/sweeper", "depsim_optuna")
    chosen = {part: name for entry in settings["defaults"] if isinstance(entry, dict) for part, name in entry.items()}
    yield _keys(SearchSettings, "", {"": settings | chosen})
    yield "One of the `objectives`:\n"
    yield _keys(Objective, "objectives.0.", {"": settings["objectives"][0]})
    yield "One of the `constraints`, with one of the two bounds:\n"
    yield _keys(Constraint, "constraints.0.", {})
    for kind, name in _presets().items():
        part = "pruner" if kind in (NoPruning, Wilcoxon) else "sampler"
        yield f"### {part}: {name}\n"
        yield f"{markdown(first_line(kind))}.\n"
        yield _keys(kind, f"{part}.", {"": _file(f"hydra/sweeper/{part}", name)})


def _keys(
    kind: type[Component], prefix: str, values: Mapping[str, Mapping[str, Any]], default: str | None = None
) -> str:
    """The table of a component's keys.

    Args:
        kind: the component.
        prefix: what its keys begin with.
        values: the settings that each choice of it has.
        default: the choice whose values come first, if it is among them.
    """
    rows = []
    for row in rows_of(kind):
        cells = [f"`{prefix}{row.key}`", row.meaning, row.unit, row.allowed]
        rows.append([*cells, _defaults_of(row, values, default)] if values else cells)
    return table(["key", "meaning", "unit", "allowed", *(["default"] if values else [])], rows)


def _defaults_of(row: Row, values: Mapping[str, Mapping[str, Any]], first: str | None) -> str:
    """The value of each choice: the common one, then the choices that differ; none of a group of keys."""
    if row.allowed.startswith("the keys below"):
        return ""
    found = {name: _spelled(_at(settings, row.key)) for name, settings in values.items()}
    usual = found.get(first or "", next(iter(found.values())))
    others: dict[str, list[str]] = {}
    for name, text in found.items():
        if text != usual:
            others.setdefault(text, []).append(f"`{name}`")
    return "; ".join([usual, *(f"{', '.join(names)}: {text}" for text, names in others.items())])


def _at(settings: Mapping[str, Any], key: str) -> Any:
    """The value of a dotted key; None below a group that is left out, which is what its absence means."""
    value: Any = settings
    for part in key.split("."):
        value = value.get(part) if isinstance(value, Mapping) else None
    return value


def _spelled(value: Any) -> str:
    """A value as on the command line; what a regimen is made of stands in its file."""
    holds_groups = isinstance(value, Mapping) and any(isinstance(each, Mapping) for each in value.values())
    if holds_groups or (isinstance(value, list) and any(isinstance(each, Mapping) for each in value)):
        return "the choice's own"
    return f"`{value}`" if isinstance(value, str) else f"`{json.dumps(value)}`"


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


def _presets() -> dict[type[Component], str]:
    """Samplers and pruners with their names."""
    kinds = [*get_args(get_args(Sampler)[0]), NoPruning, Wilcoxon]
    return {kind: str(get_args(kind.model_fields["name"].annotation)[0]) for kind in kinds}


def _composed(overrides: Iterable[str]) -> dict[str, Any]:
    """A configuration, plainly."""
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
    """The comment that a choice's file begins with."""
    lines = (own_folder("conf") / group / f"{name}.yaml").read_text(encoding="utf-8").splitlines()
    told = []
    for line in lines:
        if not line.startswith("#"):
            break
        if not line.startswith("# @"):
            told.append(line.removeprefix("#").strip())
    return " ".join(told)
