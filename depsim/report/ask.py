"""What a question of a report is: a class with its options, by the word that a sweep file has for it."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Collection, Sequence
from typing import Any, ClassVar, NamedTuple

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
    of_multiverses: ClassVar[bool] = False
    """Whether a multiverse is asked it, which is asked nothing else."""
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

    @classmethod
    def unasked(cls, study: Study) -> Sequence[Unasked]:
        """What of it a study is asked whose sweep file says nothing of its report; nothing where it is left as it is.

        Args:
            study: without groups of too few individuals.
        """
        return ()

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


class Unasked(NamedTuple):
    """A question that nobody had to ask.

    Args:
        turn: smaller ones come first. What a study was made for (a search, crossed seeds, traits, courses) has 10 to
            50, pairs with a part less of a treatment 60 to 69, settings 70, all conditions in pairs 80, what was said
            before any run 90, what else was measured 100 to 199.
        ask: the question.
    """

    turn: int
    ask: Ask
