from __future__ import annotations

from pathlib import Path

import pytest

from depsim.execution.files import NotADatabaseError
from depsim.search.storage import open_storage


def test_what_is_no_database_is_refused_and_left_alone(empty: Path) -> None:
    database = empty / "mlruns" / "optuna.db"
    database.parent.mkdir()
    database.write_text("mine")
    with pytest.raises(NotADatabaseError, match=r"optuna\.db: is no SQLite database"):
        open_storage(keeps=True)
    assert database.read_text() == "mine"
    database.unlink()
    database.mkdir()
    with pytest.raises(NotADatabaseError, match=r"optuna\.db: is a folder"):
        open_storage(keeps=True)
