"""Methods: how individuals are paired and what every number of the report is, in words."""

from __future__ import annotations

from depsim.report.document import Paragraph, Section
from depsim.report.sections import calibration
from depsim.statistics import FEWEST_FOR_INFERENCE, MEAN_INTERVAL
from depsim.statistics.resampling import RESAMPLES
from depsim.study.reading import Study

_TEXTS = (
    (
        "individuals",
        "Individuals and pairing",
        (
            "The unit is the individual: one network with random streams of its own for data, initial weights, "
            "training order, treatment and exams, made from its seed. An individual gives the same numbers alone "
            "and in company. All conditions of an individual share everything but the treatment, so conditions are "
            "compared within individuals: a contrast is the mean of the individuals' own differences, over those "
            "that both conditions have.",
            "With shared data everyone has the same training and test points; with individual data everyone has "
            "their own. Shared data leave out a part of what varies between people, so the two are shown apart and "
            "never pooled.",
            "Failed individuals are counted and listed with the reason, and are part of no number. A missing value "
            "is a dash. Where all individuals have one value the constant is shown, without an interval.",
        ),
    ),
    (
        "outcomes",
        "Outcomes",
        (
            "Primary outcomes are the accuracy under combined stress, the accuracy at internal noise of 2.5, the "
            "area under the resilience curve (mean accuracy over noise from 0 to 2.5, by trapezoids) and the "
            "relapse drop. Everything else is exploratory. Accuracies and sparsity are in per cent, drops in "
            "points: combined accuracy before further pruning minus after it, so a positive drop is a loss.",
        ),
    ),
    (
        "intervals",
        "Intervals of a mean",
        (
            f"An interval around a mean is the {MEAN_INTERVAL}; the bootstrap's is bias-corrected and accelerated "
            f"(Efron 1987), from {RESAMPLES:,} resamples of individuals with a fixed generator. It says where the mean "
            "of all possible individuals lies, and is never used to judge a single one.",
        ),
    ),
    (
        "prediction",
        "Is the published individual one of ours?",
        (
            "The published values are of one individual, so they are compared with a 95 % prediction interval for "
            "one new individual, not with the interval of the mean. For accuracies it is a Student t interval on "
            "the logit of the error, (errors + 0.5) / (tests + 1); for drops and areas a Student t interval of the "
            "values themselves. Beside it stands the range of the individuals, which holds one new individual with "
            "probability (n − 1) / (n + 1), and the share of individuals below the published value, ties counted "
            "half. Our individual with seed 42 has nothing to do with the paper's and stays in. Bounds are rounded "
            "to the published decimals before comparing.",
            "For clean accuracy, whose test has as many distinct questions as there are clusters, the interval is one "
            "of order statistics (39 individuals or more), as it is for differences between two conditions.",
            "Of many values some fall outside by chance alone. The joint verdict therefore takes the published table "
            "as a whole, without clean accuracy: everyone's Mahalanobis distance from the mean of all, accuracies on "
            "the logit scale, correlations shrunken by 0.2, no standard deviation below what the exam's finite "
            "questions and rounding scatter alone; the published individual's is ranked among all (Vovk, Gammerman "
            "and Shafer 2005), which is exact. Beside it stands its power: each individual was put in the published "
            "one's place with all values of one condition shifted, and the shift is named that was noticed in 8 of "
            "10, for the condition where it takes the most. Below 19 individuals nothing can be rejected at 5 %.",
        ),
    ),
    (
        "tests",
        "Contrasts and claims",
        (
            "A contrast's p value is that of the sign-flip permutation test of the mean paired difference (Fisher "
            "1935; null: differences are as likely to have the other sign; where they are skewed, a mean of 0 is "
            "called different more often than in 5 of 100, see below): over all combinations of signs for up to 16 "
            f"individuals, over {RESAMPLES:,} random ones beyond. P values of one family (all pairs of conditions at "
            "one pathology, all primary outcomes) are adjusted by Holm's method (1979). d_z is the mean difference in "
            "standard deviations of the differences; the probability of superiority is the share of individuals with "
            "the higher value in the first condition, ties counted half.",
            "Two treatments count as equivalent when two one-sided tests at 5 % (TOST, Schuirmann 1987), adjusted by "
            "Holm over all such pairs, place their mean difference within a margin: a quarter of what the better of "
            "the two leaves to be gained, that is the exam's ceiling, as the task states it (98.1 % for combined "
            "stress on the paper's clusters), less its mean or, for the relapse drop, its mean; never below 0.2 "
            "points. The margin is an average over the same individuals, so the tests are of the difference less the "
            "margin, individual by individual. They count as different when the difference lies beyond the margin by "
            "the same tests; else it is undecided.",
            "A claim of the paper is one comparison, checked in every individual. Its p is that of the exact binomial "
            "test of the share of individuals for whom it holds against the share declared with it, the smaller of "
            "the two one-sided ones doubled; for a claim about a mean, that of the sign-flip test of the differences, "
            "the margin taken off (null: they are symmetric about it). Claims are adjusted by Holm's method as one "
            "family, those that another implies among them. At 5 % a claim is supported above what is required, "
            "refuted below, and else undecided. Where one that is not refuted could not reach 5 % if it held for "
            f"everyone, and below {FEWEST_FOR_INFERENCE} individuals, there are too few of them for a verdict. Each "
            "run carries the hash of every claim from its start on: a claim is confirming only where all individuals "
            "began with it as it is now.",
            "The paper's claims of Figures 3 and 4, and questions of ours, which are marked, are about conditions "
            "that are found by the steps they take. Each of the two is a family of its own for Holm's adjustment, of "
            "the claims that a study can judge, so that a question of ours changes no verdict about the paper. A "
            "claim that two means are alike is tested by two one-sided t tests against the margin declared with it: "
            "within it, or beyond it, the smaller p doubled.",
            "Which of several regimens may be the best is told by simultaneous intervals of all paired differences: "
            "each is one multiple of its standard error wide, the 95 % point of the largest studentised difference "
            "among resampled individuals (max-t). From them follow the intervals of each one's difference from the "
            "best (Edwards and Hsu 1983), which allow for the best having been chosen among the same individuals.",
            "Under stress that goes on the primary comparison is that of relapse-free cycles, paired; training that "
            "diverged is a relapse at that cycle.",
            "Whether there are enough individuals is judged by the width of intervals, never by p values.",
        ),
    ),
)


def section(study: Study) -> Section:
    """The section; the calibration is that of studies of this size or the next smaller one that was tried."""
    parts = [
        Section(f"methods-{anchor}", title, tuple(Paragraph(text) for text in texts)) for anchor, title, texts in _TEXTS
    ]
    kept = calibration.section(max((len(arm.seeds) for arm in study.arms), default=0))
    return Section("methods", "Methods", (), [*parts, *([] if kept is None else [kept])])
