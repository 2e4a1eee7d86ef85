"""The page on Python: what may be imported, what it is and what it has."""

from __future__ import annotations

import importlib
import inspect
import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from depsim.component import Component
from docs_generator.fields import described_arguments

_HEAD = """\
# Python

`help(depsim.simulate)`, and `help` of every other name here, says more: what arguments are, shapes, errors, examples.
Arrays have the individuals N first; B are samples, O and I the units out of and into a weight matrix, T steps of a
curve. Keys of components are in [Configuration](configuration.md).
"""


class _Section(NamedTuple):
    title: str
    text: str
    names: tuple[str, ...]


_SECTIONS = (
    _Section(
        "Simulate, and read a study",
        "",
        (
            "depsim.simulate",
            "depsim.Result",
            "depsim.load_study",
            "depsim.study.table.StudyTable",
            "depsim.ConfigError",
            "depsim.model.masks.unpack",
            "depsim.statistics.contrast",
        ),
    ),
    _Section(
        "Components",
        "The base classes of what `conf/` chooses from, and what their fields are made of: `Share`, `PositiveShare`, "
        "`StandardDeviation`, `Gain`, `Count`, `Epochs`, `LearningRate`, `Seed` of `depsim.component`.",
        (
            "depsim.component.Component",
            "depsim.component.Label",
            "depsim.component.Neutral",
            "depsim.treatment.base.Treatment",
            "depsim.pathology.base.Pathology",
            "depsim.follow_up.base.FollowUp",
            "depsim.assessment.base.Assessment",
            "depsim.assessment.battery.Battery",
            "depsim.task.base.Task",
            "depsim.task.dataset.Dataset",
            "depsim.task.dataset.Points",
            "depsim.model.base.Model",
            "depsim.model.base.Architecture",
            "depsim.model.base.HiddenLayer",
            "depsim.model.base.Stage",
        ),
    ),
    _Section(
        "Networks and random numbers",
        "",
        (
            "depsim.model.cohort.Cohort",
            "depsim.model.state.StandingState",
            "depsim.streams.Streams",
            "depsim.streams.Position",
            "depsim.model.mlp.uniform_parameters",
            "depsim.task.dataset.stacked",
        ),
    ),
    _Section(
        "Steps",
        "What a pathology or a treatment plans; it computes nothing itself.",
        (
            "depsim.steps.prune.Prune",
            "depsim.steps.regrow.Regrow",
            "depsim.steps.train.Train",
            "depsim.training.schedules.Phase",
            "depsim.steps.modulate.Modulate",
            "depsim.model.state.Activity",
            "depsim.steps.examine.Examine",
            "depsim.steps.base.SideBranch",
            "depsim.steps.base.Step",
            "depsim.steps.base.Path",
        ),
    ),
    _Section(
        "Probes",
        "",
        (
            "depsim.steps.examine.Probe",
            "depsim.steps.examine.Exam",
            "depsim.steps.examine.Measured",
            "depsim.steps.base.Curve",
        ),
    ),
    _Section(
        "Contract tests",
        "A subclass whose name begins with `Test`, with `component` set, runs a suite with pytest.",
        (
            "depsim.testing.plans.TreatmentContract",
            "depsim.testing.plans.PathologyContract",
            "depsim.testing.assessments.AssessmentContract",
            "depsim.testing.tasks.TaskContract",
            "depsim.testing.models.ModelContract",
        ),
    ),
)


def page() -> str:
    """The page."""
    parts = [_HEAD]
    for section in _SECTIONS:
        parts += [f"## {section.title}\n", *([f"{section.text}\n"] if section.text else [])]
        parts += [*map(_entry, section.names), ""]
    return "\n".join(parts)


def names() -> list[str]:
    """All that the page is about."""
    return [name for section in _SECTIONS for name in section.names]


def _entry(name: str) -> str:
    """A name with its arguments or parts, and what it is."""
    module, _, own = name.rpartition(".")
    thing = getattr(importlib.import_module(module), own)
    if not inspect.isclass(thing):
        return f"- `{name}({', '.join(_arguments(thing))})`: {_first_sentence(thing)}"
    fields = [] if issubclass(thing, Component) else list(described_arguments(thing))
    parts = [f"`{part}`" for part in (*fields, *_members(thing))] if ".testing." not in name else []
    return f"- `{name}`: {_first_sentence(thing)}" + (f" Has {', '.join(parts)}." if parts else "")


def _members(kind: type) -> Iterator[str]:
    """The public properties and methods, with their arguments, that a class has and no base of it."""
    inherited = {name for base in kind.__mro__[1:] for name in vars(base)}
    for name, member in vars(kind).items():
        thing = getattr(member, "__func__", getattr(member, "fget", member))
        if not name.startswith("_") and name not in inherited and inspect.isfunction(thing):
            yield name if isinstance(member, property) else f"{name}({', '.join(_arguments(thing))})"


def _arguments(function: Any) -> list[str]:
    parameters = inspect.signature(function).parameters.values()
    return [
        {2: "*", 4: "**"}.get(int(each.kind), "") + each.name for each in parameters if each.name not in ("self", "cls")
    ]


def _first_sentence(thing: Any) -> str:
    """The first line of a docstring."""
    return _plain((inspect.getdoc(thing) or "").partition("\n\n")[0])


def _plain(text: str) -> str:
    """A docstring's text as Markdown in a line."""
    return re.sub(r":\w+:`~?([\w.]+)`", r"`\1`", text).replace("``", "`").replace("\n", " ")
