"""That compiled loops cannot be kept on disk, to be said once; in a module that compiles nothing."""

from __future__ import annotations

_notes: list[str] = []


def remember(reason: str) -> None:
    """Note that loops are kept in memory only, and why."""
    _notes.append(
        f"compiled loops cannot be kept on disk ({reason}), so every process compiles them again, about 20 s each; "
        "NUMBA_CACHE_DIR=FOLDER names a place for them"
    )


def take_note() -> str | None:
    """What the user should know since the last call; the first reason stands for all of them."""
    first = _notes[0] if _notes else None
    _notes.clear()
    return first
