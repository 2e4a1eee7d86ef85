"""A regimen in one line: what is given when, for how many epochs."""

from __future__ import annotations

from collections.abc import Sequence

from depsim.treatment.regimen import Regimen
from depsim.treatment.regimen_plan import epochs_of
from depsim.treatment.regimen_step import RegimenStep


def spell_regimen(regimen: Regimen) -> str:
    """The timeline of a regimen.

    >>> from depsim.treatment import PlainTraining
    >>> drugs = {name: PlainTraining(epochs=epochs, learning_rate=1e-3) for name, epochs in (("a", 5), ("b", 9))}
    >>> given = [{"give": "a"}, {"give": "b", "keep": "a", "taper": {"a": 4}, "unless": "remitted"}, {"stress": 0.1}]
    >>> spell_regimen(Regimen(drugs=drugs, steps=tuple(RegimenStep(**step) for step in given)))
    'a 5 epochs → unless remitted: b 9 epochs (a fading over the last 4) → stress 10 %'
    """
    return _spelled(regimen, regimen.steps)


def _spelled(regimen: Regimen, steps: Sequence[RegimenStep]) -> str:
    return " → ".join(": ".join(filter(None, (spell_rule(step), _act(regimen, step)))) for step in steps)


def spell_rule(step: RegimenStep) -> str:
    """For whom a step is; empty for all."""
    if step.unless is None:
        return ""
    return "unless remitted" if step.unless == "remitted" else f"unless combined ≥ {step.unless.combined:g} %"


def _act(regimen: Regimen, step: RegimenStep) -> str:
    if step.give:
        epochs = sum(epochs_of(regimen.drugs[name].plan()) for name in step.give)
        return f"{' and '.join(step.give)} {epochs} epochs{_besides(step)}"
    if step.stop:
        return f"{' and '.join(step.stop)} off"
    if step.stress is not None:
        return f"stress {100 * step.stress:g} %"
    if step.examine is not None:
        return f"examine ({step.examine})"
    return f"{step.repeat} x [{_spelled(regimen, step.steps)}]"


def _besides(step: RegimenStep) -> str:
    told = [
        f"{name} fading over the last {step.taper[name]}" if name in step.taper else f"{name} on" for name in step.keep
    ]
    return f" ({', '.join(told)})" if told else ""
