"""The choices that conf/ offers, built as the program builds them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from depsim.registry import class_of_choice, own_folder


def names(group: str) -> list[str]:
    """The file names of a group, without their ending."""
    return sorted(path.stem for path in (own_folder("conf") / group).glob("*.yaml"))


def fields(group: str, name: str) -> dict[str, Any]:
    """What a file says."""
    return dict(yaml.safe_load((Path(own_folder("conf")) / group / f"{name}.yaml").read_text()))


def build(group: str, name: str) -> Any:
    """The part that a file describes."""
    kind: Any = class_of_choice(group, name)
    return kind(**{key: value for key, value in fields(group, name).items() if key != "_target_"})
