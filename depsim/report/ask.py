"""What a report may be asked: one class a question, by the word that a sweep file has for it."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Collection, Mapping, Sequence
from typing import Any, ClassVar

from pydantic import ValidationError

from depsim.component import Component
from depsim.report.parts import Finding
from depsim.study.reading import Study
from depsim.terminal_text import meant

KEY = "report"
"""Of a sweep file: the list of what its report asks."""


class AskError(ValueError):
    """A report was asked for what there is not; the message names the word and what is allowed."""


class Ask(Component):
    """A question with its options, which are the fields of the class.

    A class of one's own sets :attr:`word` and, where one option is enough to say, :attr:`shorthand`.
    """

    word: ClassVar[str]
    shorthand: ClassVar[str] = ""
    """The option that a bare value stands for: ``response: treatment.epochs``."""

    @abstractmethod
    def findings(self, study: Study) -> Sequence[Finding]:
        """What a study says; empty where it has nothing of the kind.

        Args:
            study: without groups of too few individuals.
        """

    def check(self, varied: Collection[str], treatments: Collection[str]) -> None:
        """Refuse options that the conditions of a sweep cannot answer.

        Args:
            varied: keys with several values among them.
            treatments: that they have.

        Raises:
            AskError: naming the option, its value and what is allowed.
        """

    def dump(self) -> dict[str, Any]:
        """As a sweep file says it."""
        return {self.word: self.model_dump(mode="json", exclude_defaults=True)}


def require(word: str, option: str, value: str | None, allowed: Collection[str]) -> None:
    """Refuse a value that is none of the allowed ones; None is fine.

    Raises:
        AskError: naming it and what is allowed.
    """
    if value is not None and value not in allowed:
        raise AskError(
            f"{KEY}: {word}.{option}={value}: allowed are {', '.join(sorted(allowed)) or 'none here'}"
            f"{meant(value, sorted(allowed))}"
        )


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
    from depsim.report.questions import ASKS

    word, options = (
        (entry, {})
        if isinstance(entry, str)
        else next(iter(entry.items()), ("", {}))
        if isinstance(entry, Mapping) and len(entry) == 1
        else ("", {})
    )
    kind = ASKS.get(str(word))
    if kind is None:
        given = word if word else entry
        raise AskError(f"{KEY}: {given}: no such question; there are {', '.join(ASKS)}{meant(str(given), list(ASKS))}")
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
