"""The MLflow store: where it is, and opening it safely.

A new SQLite database is made by one process under another name, and gets its own when it is complete: MLflow's
migrations are no transaction. Write-ahead logging and a long busy timeout let several processes log at the same time.
"""

from __future__ import annotations

import logging
import os
import re
import socket
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import closing, nullcontext
from pathlib import Path
from typing import Any

from depsim.execution.files import UNFINISHED, create_database, lock, require_database
from depsim.execution.interruptions import keep_calls_whole
from depsim.execution.waiting import note_if_slow
from depsim.terminal_text import complain
from depsim.tracking.older_store import refuse_older
from depsim.tracking.relocation import copy_to_read, relocate

_BUSY_SECONDS = 60
_PAGE = 1000
_CURVES = ("/loss", "/resilience")
"""How the names of metrics end whose step means something."""
_HELP = (
    (
        "out-of-date database schema",  # also of one that is ahead of this MLflow
        "this MLflow needs another schema than the database has. If an older one wrote it, copy it and run: "
        "mlflow db upgrade {uri}    if a newer one did, install that",
    ),
    (
        r"(table|index) \w+ already exists|duplicate column name|no such index",
        "{why}: the tables of {uri} are half made, as who made or upgraded them was killed. If it holds no results, "
        "remove that database; if it does, put a copy from before in its place",
    ),
    (
        "locking protocol|disk I/O error|disk image is malformed|database is locked",
        "{why}; is {uri} on a network disk? SQLite needs a local one, several machines a server (docs/cluster.md)",
    ),
)
"""What databases and MLflow say, and what is said in its place: ``why`` is their first line, ``uri`` the store."""
PLACE = "depsim.place"
"""Tag of every run: the machine and the folder whose lock its process holds."""


class StoreAddressError(ValueError):
    """``MLFLOW_TRACKING_URI`` names nothing that MLflow could keep runs in; the message says what is allowed."""


def root() -> Path:
    """``mlruns`` of the working directory, absolute."""
    return Path("mlruns").absolute()


def locks() -> Path:
    """Where this machine's processes keep their locks."""
    return root() / "locks"


def place() -> str:
    """This machine and folder."""
    return f"{socket.gethostname()}:{root()}"


def tracking_uri() -> str:
    """The store: what ``MLFLOW_TRACKING_URI`` names, or the SQLite file below ``mlruns``, or its copy to read."""
    database = copy_to_read(root()) if is_read_only() else root() / "mlflow.db"
    return os.environ.get("MLFLOW_TRACKING_URI") or f"sqlite:///{database}"


def shown_uri() -> str:
    """The store's address as it may be shown and kept: without a user's name and password."""
    return without_password(tracking_uri())


def without_password(text: str) -> str:
    """Text in which no address carries a user's name and password.

    >>> without_password("postgresql://ada:secret@db:5432/mlflow is down")
    'postgresql://db:5432/mlflow is down'
    """
    return re.sub(r"//[^/\s]*@", "//", text)


def is_local() -> bool:
    """Whether the store is the project's own."""
    return not os.environ.get("MLFLOW_TRACKING_URI")


def is_served() -> bool:
    """Whether a server keeps the store."""
    return tracking_uri().startswith(("http://", "https://"))


def is_read_only() -> bool:
    """Whether the project's own store is there and cannot be written: its database is then read from a copy."""
    there = [path for path in (root(), root() / "mlflow.db") if path.exists()]
    return is_local() and len(there) == 2 and not all(os.access(path, os.W_OK) for path in there)


def exists() -> bool:
    """Whether there is a store to look into; of a server only its answer would tell."""
    return not is_local() or (root() / "mlflow.db").exists()


def open_client() -> Any:
    """A client of the store, which is created if need be.

    Shape: a ``mlflow.MlflowClient``.

    Raises:
        depsim.execution.files.NotADatabaseError: if something else is where an SQLite database has to be.
        StoreAddressError: if ``MLFLOW_TRACKING_URI`` names nothing that MLflow could keep runs in.
        depsim.tracking.older_store.OlderStoreError: if a version before 0.3 wrote it.
    """
    quiet_mlflow()
    _set_up_sqlite()
    waiting = f"connecting to {shown_uri()}; no answer yet, trying on for up to some minutes"
    with nullcontext() if is_local() else note_if_slow(waiting):
        client = _open_own() if is_local() else _open_named(tracking_uri())
        experiments = pages(client.search_experiments)  # the first call that a server gets
        studies = {experiment.experiment_id: experiment.name for experiment in experiments}
        refuse_older(client, studies, shown_uri())
    return client


def _open_own() -> Any:
    """A client of the project's own store."""
    database = root() / "mlflow.db"
    if is_read_only():
        return _client(tracking_uri())
    require_database(database)
    _create(database)
    with lock(locks() / "store.lock"):
        client = _client(f"{tracking_uri()}?timeout={_BUSY_SECONDS}")
        client.search_experiments(max_results=1)  # opens the database
        for old in relocate(database, root()):
            complain(f"note: {root()} was {old} before; the addresses of its artifacts are brought up to date")
        _log_ahead(database)  # not before MLflow has taken it for its own
    return client


def _create(database: Path) -> None:
    """An SQLite database with all of MLflow's tables, if it is not there yet."""
    with (
        lock(locks() / "store.lock"),
        note_if_slow(f"{database} is made, which takes some seconds, on a busy machine a minute"),
    ):
        create_database(database, _make)


def _make(database: Path) -> None:
    from mlflow.store.tracking.sqlalchemy_store import SqlAlchemyStore

    _log_ahead(database)  # before the first connection, which asks for it
    SqlAlchemyStore(f"sqlite:///{database}", "mlruns").engine.dispose()  # type: ignore[no-untyped-call]


def _client(address: str) -> Any:
    """A client; no interruption cuts its calls in two, but those to a server, which keeps its database in order."""
    from mlflow import MlflowClient  # a second to import, and needed only here

    client = MlflowClient(address)
    if not address.startswith("http"):
        keep_calls_whole(client)
    return client


def _set_up_sqlite() -> None:
    """Let SQLite wait for a lock as long as we say: MLflow sets a busy timeout of its own in every session.

    And let it not wait for the disk at every commit.
    """
    from sqlalchemy import Engine, event

    if not event.contains(Engine, "before_cursor_execute", _with_our_timeout):
        event.listen(Engine, "before_cursor_execute", _with_our_timeout, retval=True)
        event.listen(Engine, "connect", _leave_commits_to_the_system)


def _leave_commits_to_the_system(connection: Any, _record: Any) -> None:
    """With write-ahead logging a kill still loses nothing, and a power cut the last moments but not the database.

    For the project's own store only: a process may have other databases open.
    """
    if not isinstance(connection, sqlite3.Connection):
        return
    _, _, file = connection.execute("PRAGMA database_list").fetchone()
    database = (root() / "mlflow.db").resolve()
    if Path(file) in (database, database.with_name(UNFINISHED + database.name)) and _is_logged_ahead(connection):
        connection.execute("PRAGMA synchronous = NORMAL")


def _is_logged_ahead(connection: sqlite3.Connection) -> bool:
    return bool(connection.execute("PRAGMA journal_mode").fetchone() == ("wal",))


def _log_ahead(database: Path) -> None:
    with closing(sqlite3.connect(database, timeout=_BUSY_SECONDS)) as connection:
        connection.execute("PRAGMA journal_mode=WAL")


def _with_our_timeout(
    _connection: Any, _cursor: Any, statement: str, parameters: Any, _context: Any, _many: bool
) -> tuple[str, Any]:
    if statement.startswith("PRAGMA busy_timeout"):
        statement = f"PRAGMA busy_timeout = {round(1000 * _BUSY_SECONDS)}"
    return statement, parameters


def _open_named(address: str) -> Any:
    """A client of the store that ``MLFLOW_TRACKING_URI`` names."""
    from mlflow.exceptions import MlflowException
    from sqlalchemy.exc import ArgumentError

    if (file := _sqlite_file(address)) is not None:
        require_database(file)
        _create(file)
    shown = f"MLFLOW_TRACKING_URI={without_password(address)}"
    allowed = "http://HOST:PORT of an MLflow server, or a database such as sqlite:////FOLDER/mlflow.db"
    try:
        return _client(address)
    except ImportError as error:
        raise StoreAddressError(f"{shown}: the driver of that database is missing here ({error})") from None
    except (MlflowException, ArgumentError, ValueError) as error:
        if isinstance(error, MlflowException) and error.error_code != "INVALID_PARAMETER_VALUE":
            raise  # the address makes sense
        raise StoreAddressError(f"{shown}: MLflow can keep no runs there; allowed is {allowed}") from None


def _sqlite_file(address: str) -> Path | None:
    """The file of an SQLite database, or None if the address is another one.

    >>> [_sqlite_file(address) for address in ("http://host:5000", "sqlite://", "sqlite:////data/mlflow.db?timeout=9")]
    [None, None, PosixPath('/data/mlflow.db')]
    """
    match = re.fullmatch(r"sqlite(?:\+\w+)?:///(?:file:)?([^?]+)(?:\?.*)?", address)
    return None if match is None or match[1] == ":memory:" else Path(match[1]).absolute()


def store_trouble(error: Exception) -> str | None:
    """Why the store could not be read or written, in one line, or None if the error is about something else.

    A full disk, a server that does not answer, a password that is wrong; not a request that makes no sense.
    """
    if "mlflow" not in sys.modules and not isinstance(error, sqlite3.Error):
        return None
    from mlflow.exceptions import MlflowException
    from sqlalchemy.exc import SQLAlchemyError

    if not isinstance(error, MlflowException | SQLAlchemyError | sqlite3.Error):
        return None
    if isinstance(error, MlflowException) and error.error_code == "INVALID_PARAMETER_VALUE":
        return None
    why = without_password(str(error).partition("\n")[0])
    words = next((words for pattern, words in _HELP if re.search(pattern, str(error))), "{why}")
    return words.format(why=why, uri=shown_uri())


def pages(search: Any, *arguments: Any) -> Iterator[Any]:
    """All results of a paged search of a client."""
    token = None
    while True:
        page = search(*arguments, max_results=_PAGE, page_token=token)
        yield from page
        token = page.token
        if not token:
            return


def run_metrics(run: Any) -> dict[str, float]:
    """What was measured, without the curves."""
    return {name: value for name, value in run.data.metrics.items() if not is_curve(name)}


def run_curves(run: Any) -> list[str]:
    """Names of a run's metrics whose step means something."""
    return sorted(filter(is_curve, run.data.metrics))


def is_curve(name: str) -> bool:
    """Whether the step of a metric means something."""
    return name.endswith(_CURVES)


def quiet_mlflow() -> None:
    """No telemetry, no remarks on the creation of tables, no bar for every file, no address for every run."""
    os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
    os.environ.setdefault("MLFLOW_LOGGING_LEVEL", "ERROR")
    os.environ.setdefault("MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR", "false")
    os.environ.setdefault("MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT", "true")  # with its password
    for name in ("alembic", "mlflow"):
        logging.getLogger(name).setLevel(logging.ERROR)
    logging.getLogger("mlflow.store.db.utils").setLevel(logging.CRITICAL)  # logs the traceback of what it raises, too
