"""The choices that conf/ offers, built as the program builds them."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import yaml

from depsim.component import Component
from depsim.config import prepare
from depsim.config.building import construct
from depsim.registry import own_folder

FEW_BATCHES = "treatment.drugs.ketamine.scoring_batches=4"
SHORTER = {
    "ssri": ("treatment.epochs=10",),
    "ssri_gain": ("treatment.epochs=10",),
    "ketamine": ("treatment.epochs=6", "treatment.scoring_batches=4"),
    "ketamine_gain": ("treatment.epochs=6", "treatment.scoring_batches=4"),
    "combination": ("treatment.drugs.ketamine.epochs=6", FEW_BATCHES),
    "repeated_ketamine": (FEW_BATCHES,),
    "ketamine_then_ssri": ("treatment.drugs.ssri.epochs=4", "treatment.drugs.ketamine.epochs=4", FEW_BATCHES),
    "bridge": ("treatment.drugs.ssri.epochs=8", "treatment.steps.1.taper.neurosteroid=5"),
    "handover": ("treatment.drugs.ssri.epochs=8",),
    **dict.fromkeys(("ssri_then_ketamine_if_needed", "ladder"), ("treatment.drugs.ssri.epochs=8", FEW_BATCHES)),
}
"""What a treatment is made shorter by: its contract does not hang on the number of epochs."""


def names(group: str) -> list[str]:
    """The file names of a group, without their ending."""
    return sorted(path.stem for path in (own_folder("conf") / group).glob("*.yaml"))


def fields(group: str, name: str) -> dict[str, Any]:
    """What a file says."""
    return dict(yaml.safe_load((Path(own_folder("conf")) / group / f"{name}.yaml").read_text()))


@cache
def build(group: str, name: str, *overrides: str) -> Any:
    """The part that a file describes, with the files that it takes others from."""
    return construct(Component, group, prepare([f"{group}={name}", "tracking=none", *overrides]).job.config[group])
