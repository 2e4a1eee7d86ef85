"""How much each setting that a search varied moves what it is after."""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from optuna.distributions import BaseDistribution
    from optuna.trial import FrozenTrial

_NUMBERS = re.compile(r"(?P<kind>int|float) (?P<low>\S+) to (?P<high>[^,]+)(?P<log>, log)?(, step (?P<step>\S+))?")
FEWEST_TRIALS = 60
"""Complete trials below which no importance is given: of fewer, the best quarter is too small."""


def importances(
    space: Mapping[str, str], points: Sequence[Mapping[str, str]], gains: Sequence[float]
) -> list[tuple[str, float]]:
    """Each setting and its share in what moves the gain, by PED-ANOVA, the largest first.

    Empty below 60 complete trials, for a single setting and where all gains are equal.

    Args:
        space: of each setting, what it may be, as a search's parameters have it: ``float 0.1 to 0.8, log``.
        points: the settings of each complete trial.
        gains: of each complete trial; more is better.

    References: Watanabe et al. (2023), "PED-ANOVA: efficiently quantifying hyperparameter importance in arbitrary
    subspaces".
    """
    if len(points) < FEWEST_TRIALS or len(space) < 2 or len(set(gains)) < 2:
        return []
    from optuna.importance import PedAnovaImportanceEvaluator, get_param_importances
    from optuna.logging import get_verbosity, set_verbosity
    from optuna.study import create_study
    from optuna.trial import create_trial

    dimensions = {key: _dimension(text, [point[key] for point in points]) for key, text in space.items()}
    verbosity = get_verbosity()
    set_verbosity(40)
    study = create_study()
    for point, gain in zip(points, gains, strict=True):
        params = {key: read(point[key]) for key, (_, read) in dimensions.items()}
        study.add_trial(
            create_trial(params=params, distributions={k: d for k, (d, _) in dimensions.items()}, value=-gain)
        )
    set_verbosity(verbosity)
    evaluator = PedAnovaImportanceEvaluator(target_quantile=0.25, region_quantile=1.0, evaluate_on_local=True)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # Optuna reminds that less has to be better, which it is
        weights = get_param_importances(study, evaluator=evaluator, target=_value)
    return [(key, float(weight)) for key, weight in weights.items()]


def _value(trial: FrozenTrial) -> float:
    assert trial.value is not None
    return trial.value


def _dimension(text: str, values: Sequence[str]) -> tuple[BaseDistribution, Callable[[str], Any]]:
    """A setting as Optuna has it, and how its values are read."""
    from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution

    match = _NUMBERS.fullmatch(text)
    if match is None:
        options = dict.fromkeys([*text.removeprefix("one of ").split(", "), *values])
        return CategoricalDistribution(tuple(options)), str
    log, step = match["log"] is not None, match["step"]
    numbers = [*map(float, values), float(match["low"]), float(match["high"])]  # the bounds are written with six digits
    if match["kind"] == "int":
        return IntDistribution(int(min(numbers)), int(max(numbers)), log=log, step=int(step or 1)), int
    return FloatDistribution(min(numbers), max(numbers), log=log, step=None if step is None else float(step)), float
