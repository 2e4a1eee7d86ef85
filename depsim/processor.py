"""What Linux says about the processor."""

from __future__ import annotations

from pathlib import Path

_TABLE = Path("/proc/cpuinfo")


def processor(name: str) -> str:
    """The entry of this name, as "model name" or "flags"; empty where there is none, and on other systems."""
    for line in _TABLE.read_text(encoding="utf-8").splitlines() if _TABLE.exists() else ():
        key, _, value = line.partition(":")
        if key.strip() == name:
            return value.strip()
    return ""
