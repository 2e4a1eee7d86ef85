"""The choices that conf/ offers, built as the program builds them."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import Any

import yaml

CONF = Path(__file__).parents[2] / "conf"


def names(group: str) -> list[str]:
    """The file names of a group, without their ending."""
    return sorted(path.stem for path in (CONF / group).glob("*.yaml"))


def fields(group: str, name: str) -> dict[str, Any]:
    """What a file says."""
    return dict(yaml.safe_load((CONF / group / f"{name}.yaml").read_text()))


def build(group: str, name: str) -> Any:
    """The part that a file describes."""
    keys = fields(group, name)
    module, _, attribute = keys.pop("_target_").rpartition(".")
    return getattr(import_module(module), attribute)(**keys)
