"""Code that no configuration may reach; it tells when one did."""

from __future__ import annotations

import logging
from typing import Any

REACHED: list[str] = []


class Callback:
    """A Hydra callback."""

    def __init__(self, **_given: Any) -> None:
        REACHED.append("callback")

    def __getattr__(self, name: str) -> Any:
        return lambda **_given: None


def handler(**_given: Any) -> logging.Handler:
    """A logging handler's factory."""
    REACHED.append("handler")
    return logging.NullHandler()


def treatment(**_given: Any) -> None:
    """What might be taken for a treatment."""
    REACHED.append("treatment")
