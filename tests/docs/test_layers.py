"""The picture of the layers has every part of depsim, above what it imports."""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree

import pytest

from docs_generator.layers import DEPSIM, imports_of_parts, layers, picture

pytestmark = pytest.mark.slow  # reads all modules
SVG = "{http://www.w3.org/2000/svg}"


def test_every_part_stands_above_all_that_it_imports() -> None:
    imports = imports_of_parts()
    level = {part: number for number, row in enumerate(layers(imports)) for part in row}
    assert set(level) == set(imports)
    assert [(part, other) for part, others in imports.items() for other in others if level[other] >= level[part]] == []
    assert {"model", "streams"} <= imports["training"]
    assert "protocol" not in imports["streams"]


def test_the_picture_has_a_box_for_every_package() -> None:
    texts = {node.text for node in ElementTree.fromstring(picture()).iter(f"{SVG}text")}
    assert {folder.name for folder in DEPSIM.iterdir() if (folder / "__init__.py").is_file()} <= texts
