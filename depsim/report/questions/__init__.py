"""The questions that a report may be asked, one file each."""

from depsim.report.ask import Ask
from depsim.report.questions.conditions import Estimates
from depsim.report.questions.contrasts import Contrasts

_KINDS: tuple[type[Ask], ...] = (Estimates, Contrasts)
ASKS: dict[str, type[Ask]] = {kind.word: kind for kind in _KINDS}
"""By the word that a sweep file has for each."""

__all__ = ["ASKS"]
