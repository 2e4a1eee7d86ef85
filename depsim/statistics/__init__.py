"""Statistics of samples of individuals: pure functions, and the one place for summaries, intervals and tests.

NaN marks a missing value. All resampling draws from a fixed generator, so the same numbers always get the same answer.
"""

from depsim.statistics.calibrated import CalibrationFigure, calibration_figures
from depsim.statistics.contrasts import Contrast, contrast, fewest_to_reject, holm
from depsim.statistics.dose_response import DoseResponse, fit_dose_response
from depsim.statistics.equivalence import Equivalence, equivalence
from depsim.statistics.orthogonal_array import orthogonal_array
from depsim.statistics.precision import half_width, half_width_curve, individuals_needed
from depsim.statistics.prediction import (
    Joint,
    Prediction,
    is_typical,
    joint_verdict,
    percentile_of,
    predict_accuracy,
    predict_value,
)
from depsim.statistics.proportions import FEWEST_FOR_INFERENCE, Proportion, Verdict, proportion, verdict
from depsim.statistics.reliability import Reliability, reliability
from depsim.statistics.summary import MEAN_INTERVAL, Summary, summarise, summarise_individuals
from depsim.statistics.variance import Component, Lead, VarianceSplit, split_variance

__all__ = [
    "FEWEST_FOR_INFERENCE",
    "MEAN_INTERVAL",
    "CalibrationFigure",
    "Component",
    "Contrast",
    "DoseResponse",
    "Equivalence",
    "Joint",
    "Lead",
    "Prediction",
    "Proportion",
    "Reliability",
    "Summary",
    "VarianceSplit",
    "Verdict",
    "calibration_figures",
    "contrast",
    "equivalence",
    "fewest_to_reject",
    "fit_dose_response",
    "half_width",
    "half_width_curve",
    "holm",
    "individuals_needed",
    "is_typical",
    "joint_verdict",
    "orthogonal_array",
    "percentile_of",
    "predict_accuracy",
    "predict_value",
    "proportion",
    "reliability",
    "split_variance",
    "summarise",
    "summarise_individuals",
    "verdict",
]
