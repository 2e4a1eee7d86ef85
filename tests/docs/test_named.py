"""The pages about the code name files and make targets that exist."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
PAGES = [*(DOCS / "decisions").glob("*.md"), ROOT / "CONTRIBUTING.md",
         *(DOCS / "explanation" / f"{name}.md" for name in ("how-it-is-built", "to-change", "invariants"))]  # fmt: skip
PLACES = (ROOT, ROOT / "depsim", ROOT / "depsim" / "tracking", ROOT / "depsim" / "execution")
_PATH = re.compile(r"^[\w/-]+(/|\.py|\.yaml|\.json)$")
_MADE = {"study.json", "tables/"}
"""What a report writes."""


def missing(text: str) -> list[str]:
    """Files, folders and make targets in a page's code that do not exist; words in capitals stand for several."""
    targets = re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    names = [name for code in re.findall(r"`([^`\n]+)`", text) for name in code.split()]
    paths = [name for name in names if _PATH.match(name) and not re.search(r"[A-Z]{2}", name) and name not in _MADE]
    gone = [path for path in paths if not any((place / path).exists() for place in PLACES)]
    return gone + [f"make {name}" for name in re.findall(r"`make ([a-z-]+)", text) if name not in targets]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_a_page_names_what_exists(page: Path) -> None:
    assert missing(page.read_text(encoding="utf-8")) == []


def test_what_is_gone_is_found() -> None:
    text = "`model/nowhere.py`, `make nothing KEYS=x`, `model/cohort.py`, `treatment/NAME.py`, `make check`"
    assert missing(text) == ["model/nowhere.py", "make nothing"]
