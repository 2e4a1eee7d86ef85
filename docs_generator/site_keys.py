"""A hook of MkDocs: the site's page on the configuration has the keys of each group below its choices."""

from __future__ import annotations

import re
from typing import Any

from docs_generator.configuration import KEYS, keys_of

_PLACE = re.compile(KEYS.format(r"(\w+)"))


def on_page_markdown(markdown: str, page: Any, config: Any, files: Any) -> str:  # noqa: ARG001 -- MkDocs names them
    """The page with keys where there is a place for them."""
    return _PLACE.sub(lambda place: keys_of(place[1]), markdown)
