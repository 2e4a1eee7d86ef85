"""The picture of the layers: packages and top modules of depsim, each above all that it imports."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from functools import cache
from html import escape
from pathlib import Path

DEPSIM = Path(__file__).resolve().parent.parent / "depsim"
WIDTH, BOX_HEIGHT, GAP = 900, 34, 10
"""In SVG units."""


@cache
def imports_of_parts() -> Mapping[str, frozenset[str]]:
    """Each package or top module of depsim to those that it imports."""
    parts = sorted({file.relative_to(DEPSIM).parts[0].removesuffix(".py") for file in DEPSIM.rglob("*.py")})
    parts = [part for part in parts if not part.startswith("__")]
    return {part: frozenset(_imported(part)) & frozenset(parts) - {part} for part in parts}


def layers(imports: Mapping[str, frozenset[str]]) -> list[list[str]]:
    """Parts by how long their longest chain of imports is, those that import nothing first.

    >>> layers({"a": frozenset(), "b": frozenset({"a"}), "c": frozenset({"a", "b"}), "d": frozenset({"a"})})
    [['a'], ['b', 'd'], ['c']]
    """
    depths: dict[str, int] = {}

    def depth(part: str) -> int:
        if part not in depths:
            depths[part] = 1 + max((depth(other) for other in imports[part]), default=-1)
        return depths[part]

    return [[part for part in imports if depth(part) == level] for level in range(max(map(depth, imports)) + 1)]


def picture() -> str:
    """The picture as SVG: a row for each layer, the highest first; pointing at a box names what it imports."""
    imports = imports_of_parts()
    rows = list(reversed(layers(imports)))
    height = len(rows) * (BOX_HEIGHT + GAP) + GAP
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img"'
        ' font-family="sans-serif" font-size="14" text-anchor="middle">',
        "<title>Packages and top modules of depsim; each imports only from rows below its own</title>",
        '<rect width="100%" height="100%" fill="#ffffff"/>',
    ]
    for number, row in enumerate(rows):
        width = (WIDTH - GAP) / len(row) - GAP
        for place, part in enumerate(row):
            left, top = GAP + place * (width + GAP), GAP + number * (BOX_HEIGHT + GAP)
            fill = "#e8eaf6" if (DEPSIM / part).is_dir() else "#f5f5f5"
            lines += [
                f"<g><title>{escape(part)} imports: {', '.join(sorted(imports[part])) or 'nothing'}</title>",
                f'<rect x="{left:.1f}" y="{top}" width="{width:.1f}" height="{BOX_HEIGHT}" rx="4" fill="{fill}"'
                ' stroke="#5c6bc0"/>',
                f'<text x="{left + width / 2:.1f}" y="{top + BOX_HEIGHT / 2 + 5:.1f}">{escape(part)}</text></g>',
            ]
    return "\n".join([*lines, "</svg>", ""])


def _imported(part: str) -> Iterator[str]:
    """The parts that a part's modules import, also within functions; not what only a type checker reads."""
    place = DEPSIM / part
    for file in place.rglob("*.py") if place.is_dir() else [place.with_suffix(".py")]:
        for node in _executed(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom):
                names = [f"{node.module}.{alias.name}" for alias in node.names]
            else:
                continue
            yield from (name.split(".")[1] for name in names if name.startswith("depsim."))


def _executed(tree: ast.AST) -> Iterator[ast.AST]:
    """All nodes but those that only a type checker reads."""
    for node in ast.iter_child_nodes(tree):
        if not (isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"):
            yield node
            yield from _executed(node)
