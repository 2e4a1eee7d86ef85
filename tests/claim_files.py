"""Other claims than the ones that come with the program."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import yaml

from depsim.paper import claims as module

STANDARD = {"where": "Abstract", "quote": "two words", "required": 0.5}


@contextmanager
def other_claims(folder: Path, text: str) -> Iterator[None]:
    """While it is open, the program reads this text in place of its claims."""
    file = folder / "claims.yaml"
    file.write_text(text)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "FILE", file)
        module.claims.cache_clear()
        try:
            yield
        finally:
            module.claims.cache_clear()


def entries(*claims: dict[str, Any]) -> str:
    """The text of claims with these keys; the rest is filled in."""
    return yaml.safe_dump([{"name": f"claim {n}", **STANDARD, **claim} for n, claim in enumerate(claims)])
