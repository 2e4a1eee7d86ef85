"""What varied settings are called, and how a page about one of them is made."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from depsim.component import Label
from depsim.registry import label_of_key
from depsim.study.axes import Axis, varied
from depsim.study.reading import StudyArm


@dataclass(frozen=True)
class Setting:
    """How one configuration key is spoken of.

    Args:
        title: of its page.
        label: of the axis.
        short: in a legend.
        intro: what the page asks.
        dose: whether half-way points are sought: over the value itself, or over what it leaves of 1.
        names: what values are called, where their own text does not say it.
        reference: the value that each other one is compared with in the answer; empty where there is none.
    """

    title: str
    label: str
    short: str
    intro: str
    dose: Literal["itself", "remaining"] | None = None
    names: Mapping[str, str] | None = None
    reference: str = ""

    def spell(self, value: str) -> str:
        """A value for people."""
        return (self.names or {}).get(value, value)


_KNOWN = {
    "pathology.sparsity": Setting(
        "The pruning cliff",
        "share of synapses pruned",
        "pruned",
        "How ill a network is at each pruning level, and how far each treatment helps there. The positions follow the "
        "logarithm of what pruning leaves, since every further step takes a share of what is left.",
        "remaining",
    ),
    "pathology.criterion": Setting(
        "Which synapses are pruned", "pruning by", "pruned by", "Whether it matters which synapses go."
    ),
    "treatment.regrow_fraction": Setting(
        "Dose and response of regrowth",
        "share of the lost synapses that regrows",
        "regrown",
        "How much of what was pruned has to regrow.",
        "itself",
    ),
    "treatment.criterion": Setting(
        "Where synapses regrow",
        "regrowth by",
        "regrowth by",
        "Whether regrowth where the gradient asks for it is better than regrowth at random, within individuals.",
    ),
    "treatment.epochs": Setting(
        "How long the treatment trains", "epochs of training", "epochs", "How the effect grows with time.", "itself"
    ),
    "treatment.damping_factor": Setting(
        "Damping",
        "damping factor (1 is no damping)",
        "damping",
        "How much damping helps, on the drug and withdrawn from it.",
    ),
    "treatment.bounded": Setting(
        "Bounded activity",
        "response of hidden units",
        "",
        "Whether the response has to be bounded, within individuals.",
        names={"True": "tanh", "False": "ReLU"},
    ),
    "treatment.layers": Setting(
        "Where the treatment acts",
        "layers that the treatment acts in",
        "layers",
        "Whether a drug does in one layer what it does in all of them, within individuals.",
        names={"null": "everywhere"},
        reference="null",
    ),
    "assessment.further_pruning": Setting(
        "How hard the relapse is",
        "share of the surviving synapses that the relapse takes",
        "relapse",
        "How the drop grows with what the relapse takes.",
        "itself",
    ),
}


def setting_of(key: str) -> Setting:
    """How a key is spoken of: as here, else as its field is labelled, else by its own name."""
    if key in _KNOWN:
        return _KNOWN[key]
    short, found = key.rpartition(".")[2], label_of_key(key)
    if found is None or found == Label(short):
        return Setting(f"Along {key}", key, short, f"Outcomes at each value of `{key}`.")
    label = f"{found.title} ({found.unit})" if found.unit else found.title
    return Setting(f"Along {key}", label, found.symbol or short, f"Outcomes at each value of `{key}`: {found.title}.")


def spell_fixed(fixed: Mapping[str, str]) -> str:
    """What tells one line from another, in a few words.

    >>> spell_fixed({"treatment.bounded": "False", "treatment.regrow_fraction": "0.5"})
    'ReLU, regrown 0.5'
    """
    told = ((setting_of(key), value) for key, value in fixed.items())
    return ", ".join(f"{each.short} {each.spell(value)}".strip() for each, value in told)


def arm_name(arm: StudyArm, arms: Sequence[StudyArm]) -> str:
    """A condition's treatment, and the settings in which it differs from its namesakes among these."""
    told = varied([other for other in arms if other.treatment == arm.treatment])
    fixed = spell_fixed({key: arm.settings[key] for key in sorted(told) if key in arm.settings})
    return f"{arm.treatment}, {fixed}" if fixed else arm.treatment


def places(axis: Axis, values: tuple[str, ...]) -> list[float]:
    """Where values lie in a figure: pruning levels by the logarithm of what they leave, others as they are."""
    at = dict(zip(axis.values, axis.positions, strict=True))
    if logarithmic(axis):
        return [float(-np.log10(1 - at[value])) for value in values]
    return [at[value] for value in values]


def logarithmic(axis: Axis) -> bool:
    """Whether the axis shows the logarithm of what its value leaves of 1."""
    return setting_of(axis.key).dose == "remaining" and axis.numeric and max(axis.positions) < 1


def file_stem(key: str) -> str:
    """A key in the letters that files and anchors are named with.

    >>> file_stem("treatment.regrow_fraction")
    'treatment_regrow_fraction'
    """
    return re.sub(r"[^a-z0-9]+", "_", key.lower())
