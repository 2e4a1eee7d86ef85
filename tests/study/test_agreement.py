from __future__ import annotations

from pathlib import Path

import pytest

from depsim.study.agreement import Agreement, agreement
from depsim.study.findings import findings
from depsim.study.panels import panels
from tests.claim_files import entries, other_claims
from tests.people import arm, study

NAMES = ("clean", "standard", "combined", "sparsity")


def together(folder: Path, *columns: list[int], implied: bool = False) -> Agreement:
    """Of claims that hold where there is a 1."""
    held = [{"holds": [f"ssri {name}", "above", 0.5]} for name in NAMES[: len(columns)]]
    more = [{"holds": ["ssri clean", "above", 0.4], "implied_by": "claim 0"}] if implied else []
    made = study(arm("ssri", {f"treated/{name}": column for name, column in zip(NAMES, columns, strict=False)}))
    with other_claims(folder, entries(*held, *more)):
        return agreement(findings(panels(made)[0]))


def test_agreement_is_counted_by_individual_and_by_pair(tmp_path: Path) -> None:
    found = together(tmp_path, [1, 1, 0, 0], [1, 1, 0, 1], [0, 0, 1, 1], [1, 1, 1, 1], implied=True)
    assert (found.claims, found.n, found.all_hold, found.everyone, found.nobody) == (4, 4, 0, 1, 0)
    assert (found.fewest, found.median, found.most) == (2, 3.0, 3)
    assert [(p.first, p.second, p.n, p.same) for p in found.pairs] == [
        ("claim 0", "claim 2", 4, 0.0),
        ("claim 0", "claim 1", 4, 0.75),
        ("claim 1", "claim 2", 4, 0.25),
    ]
    assert [p.phi for p in found.pairs] == pytest.approx([-1.0, 3**-0.5, -(3**-0.5)])


def test_all_may_hold_and_without_anybody_there_is_nothing_to_agree(tmp_path: Path) -> None:
    found = together(tmp_path, [1, 1, 0], [1, 1, 1])
    assert (found.all_hold, found.everyone, found.pairs) == (2, 1, ())
    with other_claims(tmp_path, entries({"holds": ["ssri clean", "above", 1]})):
        nobody = agreement(findings(panels(study(arm("ketamine", {"relapse_drop": [1.0]})))[0]))
    assert (nobody.claims, nobody.n, nobody.fewest, nobody.pairs) == (0, 0, None, ())
