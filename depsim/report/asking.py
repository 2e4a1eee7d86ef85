"""Which questions there are, what a sweep file asks of them, and what follows from a study where it asks nothing.

Questions are found where they are written: in the module or package ``questions`` of depsim's rooms and of the packages
that the user has allowed (:func:`depsim.registry.rooms`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from pydantic import ValidationError

from depsim.registry import PluginError, import_below, rooms
from depsim.report.ask import KEY, Ask, AskError
from depsim.report.words import listed
from depsim.study.components import without_crossed
from depsim.study.groups import varied
from depsim.study.labels import setting_of
from depsim.study.reading import Study
from depsim.terminal_text import meant

_WHO = ("cohort.", "device")


def questions() -> Mapping[str, type[Ask]]:
    """Every question by its word.

    Raises:
        depsim.registry.PluginError: if a package's questions cannot be imported, or have a word that is taken.
    """
    return _questions(rooms())


@cache
def _questions(places: tuple[str, ...]) -> dict[str, type[Ask]]:
    found: dict[str, type[Ask]] = {}
    for module in (module for place in places for module in import_below(f"{place}.questions")):
        for kind in vars(module).values():
            is_ask = isinstance(kind, type) and issubclass(kind, Ask) and kind.__module__ == module.__name__
            if is_ask and "word" in vars(kind) and (other := found.setdefault(kind.word, kind)) is not kind:
                raise PluginError(f"{kind.__module__}: the word {kind.word} is taken by {other.__module__}")
    return dict(sorted(found.items()))


def read_asks(entries: Any) -> tuple[Ask, ...]:
    """The questions that a sweep file lists.

    Args:
        entries: a list of words, or of mappings from a word to its options.

    Raises:
        AskError: naming what is wrong, and what is allowed.
    """
    if not isinstance(entries, Sequence) or isinstance(entries, str):
        raise AskError(f"{KEY}={entries}: must be a list, such as [contrasts, {{response: treatment.epochs}}]")
    return tuple(_read(entry) for entry in entries)


def _read(entry: Any) -> Ask:
    kinds = questions()
    word, options = (
        (entry, {})
        if isinstance(entry, str)
        else next(iter(entry.items()), ("", {}))
        if isinstance(entry, Mapping) and len(entry) == 1
        else ("", {})
    )
    kind = kinds.get(str(word))
    if kind is None:
        given = word if word else entry
        raise AskError(
            f"{KEY}: {given}: no such question; there are {', '.join(kinds)}{meant(str(given), list(kinds))}"
        )
    if not isinstance(options, Mapping):
        if not kind.shorthand:
            raise AskError(f"{KEY}: {word}: {options}: takes options by name: {', '.join(kind.model_fields) or 'none'}")
        options = {kind.shorthand: options}
    values = {name: tuple(value) if isinstance(value, list) else value for name, value in options.items()}
    try:
        return kind.model_validate(values)
    except ValidationError as error:
        first = error.errors()[0]
        option = ".".join(map(str, first["loc"]))
        raise AskError(
            f"{KEY}: {word}.{option}={first['input']}: {first['msg'].lower()}; allowed are "
            f"{', '.join(kind.model_fields) or 'no options'}"
        ) from None


def default_asks(study: Study) -> tuple[Ask, ...]:
    """The questions that a study's conditions answer, the one that they were made for first."""
    of_multiverses = study.multiverse is not None
    kinds = [kind for kind in questions().values() if kind.of_multiverses == of_multiverses]
    unasked = [one for kind in kinds for one in kind.unasked(study)]
    return tuple(one.ask for one in sorted(unasked, key=lambda one: one.turn))


def default_question(study: Study) -> str:
    """What was varied, as a question."""
    if study.multiverse is not None:
        return "In what share of reasonable settings does each order hold?"
    arms = [arm for arm in without_crossed(study).arms if arm.individuals]
    if not arms:
        return f"What did study {study.name} find?"
    treatments = list(dict.fromkeys(arm.treatment for arm in arms))
    keys = {
        key
        for treatment in treatments
        for key in varied([arm for arm in arms if arm.treatment == treatment])
        if not key.startswith(_WHO)
    }
    what = [_noun(key) for key in sorted(keys) if not any(key.startswith(f"{other}.") for other in keys)]
    if what:
        return f"What changes with {listed(what[:3])}?"
    if len(treatments) > 1:
        return "Which treatment helps, and how much?"
    return f"How are individuals under {'no treatment' if treatments == ['none'] else treatments[0]}?"


def _noun(key: str) -> str:
    """A setting in a sentence."""
    return f"the {setting_of(key).label.partition(' (')[0]}"
