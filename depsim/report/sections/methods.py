"""Methods: how individuals are paired and what every number of the report is, in words."""

from __future__ import annotations

from depsim.report.document import Paragraph, Section
from depsim.study.reading import Study

_TEXTS = (
    (
        "individuals",
        "Individuals and pairing",
        (
            "The unit is the individual: one network with random streams of its own for data, initial weights, "
            "training order, treatment and exams, made from its seed. An individual gives the same numbers alone and "
            "in company. All conditions of an individual share everything but the treatment, so conditions are "
            "compared within individuals: a contrast is the mean of the individuals' own differences, over those that"
            " both conditions have.",
            "With shared data everyone has the same training and test points; with individual data everyone has their"
            " own. Shared data leave out a part of what varies between people, so the two are shown apart and never "
            "pooled.",
            "Failed individuals are counted and listed with the reason, and are part of no number. A missing value is"
            " a dash. Where all individuals have one value the constant is shown, without an interval.",
        ),
    ),
    (
        "outcomes",
        "Outcomes",
        (
            "Primary outcomes are the accuracy under combined stress, the accuracy at internal noise of 2.5, the area"
            " under the resilience curve (mean accuracy over noise from 0 to 2.5, by trapezoids) and the relapse "
            "drop. Everything else is exploratory. Accuracies and sparsity are in per cent, drops in points: combined"
            " accuracy before further pruning minus after it, so a positive drop is a loss.",
        ),
    ),
    (
        "intervals",
        "Intervals of a mean",
        (
            "An interval around a mean is the 95 % bias-corrected and accelerated bootstrap interval (Efron 1987) "
            "from 9,999 resamples of individuals with a fixed generator. It says where the mean of all possible "
            "individuals lies, and is never used to judge a single one.",
        ),
    ),
    (
        "prediction",
        "Is a published value typical?",
        (
            "The published values are of one individual, so they are compared with a 95 % prediction interval for one"
            " new individual, not with the interval of the mean. For accuracies it is a Student t interval on the "
            "logit of the error, (errors + 0.5) / (tests + 1); for drops and areas a Student t interval of the values"
            " themselves. Beside it stands the range of the individuals, which holds one new individual with "
            "probability (n - 1) / (n + 1), and the share of individuals below the published value, ties counted "
            "half. The individual with seed 42, the paper's own, is left out of the reference. Bounds are rounded to "
            "the published decimals before comparing.",
            "Of many cells one or two fall outside by chance alone. The joint verdict therefore takes the published "
            "table as a whole: its largest studentised deviation is ranked among those that the individuals have, "
            "each seen from the others. Below 19 individuals this rank cannot reject at the 5 % level.",
        ),
    ),
    (
        "tests",
        "Contrasts and claims",
        (
            "A contrast's p value is that of the sign-flip permutation test of the mean paired difference, exact for "
            "small numbers of individuals and from 9,999 random flips beyond. P values of one family (all pairs of "
            "conditions at one pathology, all primary outcomes) are adjusted by Holm's method. d_z is the mean "
            "difference in standard deviations of the differences; the probability of superiority is the share of "
            "individuals in whom the first condition is better, ties counted half.",
            "Two conditions count as equivalent when two one-sided t tests (TOST) put the difference within 2 points "
            "at the 5 % level, as different when its interval lies outside the margin, and else as undecided.",
            "A claim of the paper is checked in every individual. It is supported when the Wilson 95 % interval of "
            "the share of individuals in whom it holds lies above one half, refuted when it lies below, and else "
            "undecided; below 10 individuals nothing is decided.",
            "Whether there are enough individuals is judged by the width of intervals, never by p values.",
        ),
    ),
)


def section(_study: Study) -> Section:
    """The section; the same for every study."""
    parts = tuple(
        Section(f"methods-{anchor}", title, tuple(Paragraph(text) for text in texts)) for anchor, title, texts in _TEXTS
    )
    return Section("methods", "Methods", (), parts)
