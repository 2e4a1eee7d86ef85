"""Statistics of samples of individuals: pure functions, and the one place for summaries, intervals and tests.

NaN marks a missing value. All resampling draws from a fixed generator, so the same numbers always get the same answer.
"""

from depsim.statistics.best import FromBest, LevelSpan, from_best, level_span
from depsim.statistics.contrasts import Contrast, contrast
from depsim.statistics.coverage import MEAN_INTERVAL, interval_note
from depsim.statistics.equivalence import Equivalence, equivalence, exact, exam_noise, relevant_margin
from depsim.statistics.families import LEVEL, Verdict, fewest_to_judge, holm, verdict
from depsim.statistics.interaction import Interaction, interaction
from depsim.statistics.joint import Joint, exam_scatter, joint_verdict, mean_rank_p, noticed_shift
from depsim.statistics.orthogonal_array import orthogonal_array
from depsim.statistics.paired_rates import PairedRates, paired_rates
from depsim.statistics.precision import detectable_difference, half_width, individuals_needed
from depsim.statistics.prediction import (
    Prediction,
    error_logit,
    lies_inside,
    percentile_of,
    predict_accuracy,
    predict_by_order,
    predict_value,
)
from depsim.statistics.proportions import (
    FEWEST_FOR_INFERENCE,
    Proportion,
    collapsed,
    exact_proportion,
    proportion,
    share_p,
    sign_test_p,
    smallest_share_p,
)
from depsim.statistics.reliability import Reliability, reliability, resampled_share
from depsim.statistics.sign_flip import sign_flip_p, smallest_p
from depsim.statistics.simultaneous import simultaneous
from depsim.statistics.slopes import Slope, slopes
from depsim.statistics.student import spread
from depsim.statistics.summary import Summary, summarise, summarise_individuals
from depsim.statistics.triage import TreatmentRule, learn_rule
from depsim.statistics.variance import VarianceComponent, VarianceSplit, split_variance

__all__ = [
    "FEWEST_FOR_INFERENCE",
    "LEVEL",
    "MEAN_INTERVAL",
    "Contrast",
    "Equivalence",
    "FromBest",
    "Interaction",
    "Joint",
    "LevelSpan",
    "PairedRates",
    "Prediction",
    "Proportion",
    "Reliability",
    "Slope",
    "Summary",
    "TreatmentRule",
    "VarianceComponent",
    "VarianceSplit",
    "Verdict",
    "collapsed",
    "contrast",
    "detectable_difference",
    "equivalence",
    "error_logit",
    "exact",
    "exact_proportion",
    "exam_noise",
    "exam_scatter",
    "fewest_to_judge",
    "from_best",
    "half_width",
    "holm",
    "individuals_needed",
    "interaction",
    "interval_note",
    "joint_verdict",
    "learn_rule",
    "level_span",
    "lies_inside",
    "mean_rank_p",
    "noticed_shift",
    "orthogonal_array",
    "paired_rates",
    "percentile_of",
    "predict_accuracy",
    "predict_by_order",
    "predict_value",
    "proportion",
    "relevant_margin",
    "reliability",
    "resampled_share",
    "share_p",
    "sign_flip_p",
    "sign_test_p",
    "simultaneous",
    "slopes",
    "smallest_p",
    "smallest_share_p",
    "split_variance",
    "spread",
    "summarise",
    "summarise_individuals",
    "verdict",
]
