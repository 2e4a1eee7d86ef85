"""The questions that a report may be asked, one file each."""

from depsim.report.ask import Ask
from depsim.report.questions.claims import Claims
from depsim.report.questions.conditions import Estimates
from depsim.report.questions.contrasts import Contrasts
from depsim.report.questions.course import Courses
from depsim.report.questions.multiverse import AcrossSettings
from depsim.report.questions.published import Published
from depsim.report.questions.rates import Rates
from depsim.report.questions.response import Response
from depsim.report.questions.search import Searches
from depsim.report.questions.traits import WhoBenefits
from depsim.report.questions.variance import Variance

_KINDS: tuple[type[Ask], ...] = (
    Estimates,
    Contrasts,
    Claims,
    Published,
    Response,
    Courses,
    Rates,
    WhoBenefits,
    Variance,
    Searches,
    AcrossSettings,
)
ASKS: dict[str, type[Ask]] = {kind.word: kind for kind in _KINDS}
"""By the word that a sweep file has for each."""

__all__ = ["ASKS"]
