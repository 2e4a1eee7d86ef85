"""The page of what a report may be asked, from the classes of the questions."""

from __future__ import annotations

import re

from depsim.report.ask import Ask
from depsim.report.asking import questions
from docs_generator.fields import Row, first_line, markdown, rows_of
from docs_generator.tables import table

_INTRODUCTION = """\
# Questions of a report

`report` of a sweep file lists what the report on it answers. Each entry is a word of the table, alone or with options.
The first question is answered at the top of the page, and each further one in a section of its own. The first option
of a word can be given without its name; `claims`, `published` and `traits` without an option take its first value.

```yaml
report:
  - contrasts: placebo # short for contrasts: {against: placebo}
  - response: {along: treatment.epochs, by: pathology.sparsity}
  - claims
```

Unknown words, options and values are refused before anything is computed. Without `report` the questions follow from
what was varied: treatments are compared in pairs, and first with their placebos; a numeric setting gives a response
along it; a search gives its winner; crossed seeds give components of variance.
"""


def page() -> str:
    """The page."""
    rows = [[f"`{word}`", markdown(first_line(kind)), options(kind)] for word, kind in questions().items()]
    return "\n".join([_INTRODUCTION, table(["word", "what it answers", "options"], rows)])


def options(kind: type[Ask]) -> str:
    """The options of a question in one cell, the one that needs no name first."""
    rows = sorted(rows_of(kind), key=lambda row: row.key != kind.shorthand)
    return "<br>".join(map(_described, rows)) or "none"


def _described(row: Row) -> str:
    """An option; its values in brackets where its meaning does not name them."""
    values = [value for value in re.findall("`[^`]+`", row.allowed) if value != "`null`"]
    unnamed = [value for value in values if value not in row.meaning]
    return f"`{row.key}`: {row.meaning}" + (f" ({' or '.join(values)})" if unnamed else "")
