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
