"""Write the rows of the golden studies as they are now."""

from __future__ import annotations

import json

from tests.golden import FOLDER, STUDIES, golden_rows

for name in STUDIES:
    lines = ",\n".join(json.dumps(row, ensure_ascii=False) for row in golden_rows(name))
    (FOLDER / f"{name}.json").write_text(f"[\n{lines}\n]\n", encoding="utf-8")
