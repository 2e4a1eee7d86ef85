"""A report's folder: which of its files an earlier report wrote, and replacing those and no others.

The manifest in the folder lists what a report wrote, by hash. A file that it does not list, or that has changed since,
is somebody else's and is never replaced or removed.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import stat
import tempfile
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

from depsim.execution.files import UNFINISHED, write_atomically

MANIFEST, PAGE, FACTS = "manifest.json", "index.html", "study.json"
FOLDERS = ("figures", "tables")
_WRITTEN_BY = "depsim report"
_NAME = re.compile(rf"(?:(?:{'|'.join(FOLDERS)})/)?[^/\0\ud800-\udfff.][^/\0\ud800-\udfff]*")
"""Names that a report gives to its files; a manifest that lists others, outside the folder say, lists nothing."""

Listed = Mapping[str, Collection[str]]
"""The hashes that the content of a file may have, by name: two while a report takes the place of an earlier one."""


class ForeignFileError(OSError):
    """Something that no earlier report wrote stands where a report's file is to be; the message names it."""


def check_files(folder: Path, names: Collection[str]) -> None:
    """Make sure that a report may write these files.

    Args:
        folder: the report's, there or not; it may be a link to a folder.
        names: of the files, with ``/`` before what is in ``figures`` and ``tables``.

    Raises:
        ForeignFileError: if one would replace anything but an unchanged file of an earlier report.
    """
    real = real_folder(folder)
    if os.path.lexists(real) and not real.is_dir():
        raise ForeignFileError(_in_the_way(folder, "is no folder"))
    listed = _read_manifest(real)
    if listed is None:
        raise ForeignFileError(_in_the_way(folder / MANIFEST, "is no manifest of a report"))
    for parent in sorted({Path(name).parent.as_posix() for name in names} - {"."}):
        if os.path.lexists(real / parent) and not _is_own_folder(real / parent):
            raise ForeignFileError(_in_the_way(folder / parent, "is a link or no folder"))
    for name in sorted(names):
        if os.path.lexists(real / name) and not _is_listed(real, name, listed):
            reason = "was changed since the last report" if name in listed else "is in no manifest of an earlier report"
            raise ForeignFileError(_in_the_way(folder / name, reason))


def replace_files(folder: Path, files: Mapping[str, bytes]) -> tuple[str, ...]:
    """Write a report's files in place of those of an earlier report; whatever goes wrong leaves that one as it was.

    Args:
        folder: the report's; other files in it stay as they are.
        files: name to content, in the order in which they take their places.

    Shape: the names of all files of the report, the manifest among them.

    Raises:
        ForeignFileError: as :func:`check_files`; then nothing is written.
    """
    check_files(folder, files)
    real = real_folder(folder)
    listed = _read_manifest(real) or {}
    unchanged = [name for name in listed if _is_listed(real, name, listed)]
    new = {name: [hashlib.sha256(data).hexdigest()] for name, data in files.items()}
    with _folders_made(real), _scratch(real) as scratch:
        for name in unchanged:
            shutil.copyfile(real / name, _made(scratch / "old" / name))
        if (real / MANIFEST).exists():
            shutil.copyfile(real / MANIFEST, scratch / "old" / MANIFEST)
        for name, data in {**files, MANIFEST: _manifest(new)}.items():
            _made(scratch / "new" / name).write_bytes(data)
        with _undone_after_trouble(real, scratch / "old") as touched:
            # A kill from here on leaves old files and new ones: the next report has to know both as ours.
            both = {name: [*listed.get(name, ()), *new.get(name, ())] for name in {**listed, **new}}
            touched.append(MANIFEST)
            write_atomically(real / MANIFEST, _manifest(both))
            for name in files:
                os.replace(scratch / "new" / name, real / name)
                touched.append(name)
            for name in set(unchanged) - set(files):
                (real / name).unlink()
                touched.append(name)
            os.replace(scratch / "new" / MANIFEST, real / MANIFEST)
    return *files, MANIFEST


def real_folder(folder: Path) -> Path:
    """Where a folder lies, links followed."""
    return Path(os.path.realpath(folder))


def _in_the_way(path: Path, reason: str) -> str:
    return f"{path}: {reason}; nothing was written. Move it away, or name another folder with --out"


def _manifest(listed: Listed) -> bytes:
    content = {"written by": _WRITTEN_BY, "sha256": {name: sorted(set(listed[name])) for name in sorted(listed)}}
    return (json.dumps(content, indent=1, ensure_ascii=False) + "\n").encode()


def _read_manifest(real: Path) -> Listed | None:
    """What the manifest of a folder lists, nothing where there is none; None if a file of that name is no manifest."""
    path = real / MANIFEST
    if not os.path.lexists(path):
        return {}
    if not _is_file(path):
        return None
    try:
        content = json.loads(path.read_bytes())
    except (ValueError, RecursionError):
        return None
    if not isinstance(content, dict) or content.get("written by") != _WRITTEN_BY:
        return None
    listed = content.get("sha256")
    if not isinstance(listed, dict) or not all(isinstance(hashes, list) for hashes in listed.values()):
        return None
    return {name: list(map(str, hashes)) for name, hashes in listed.items() if _NAME.fullmatch(name)}


def _is_listed(real: Path, name: str, listed: Listed) -> bool:
    """Whether an earlier report wrote this very file."""
    path = real / name
    if name not in listed or not _is_file(path) or (path.parent != real and not _is_own_folder(path.parent)):
        return False
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest() in listed[name]


def _is_file(path: Path) -> bool:
    """Whether a path is a file itself, not a link to one."""
    return os.path.lexists(path) and stat.S_ISREG(path.lstat().st_mode)


def _is_own_folder(path: Path) -> bool:
    """Whether a path is a folder itself, not a link to one."""
    return os.path.lexists(path) and stat.S_ISDIR(path.lstat().st_mode)


def _made(path: Path) -> Path:
    """A path whose folder is there."""
    path.parent.mkdir(parents=True, exist_ok=True)
    return path


@contextmanager
def _folders_made(real: Path) -> Iterator[None]:
    """The folders of a report; after trouble those that were not there before are taken away again, if empty."""
    made = [path for path in (*(real / name for name in FOLDERS), real) if not path.exists()]
    try:
        for name in FOLDERS:
            (real / name).mkdir(parents=True, exist_ok=True)
        yield
    except BaseException:
        for path in made:
            with suppress(OSError):
                path.rmdir()
        raise


@contextmanager
def _scratch(real: Path) -> Iterator[Path]:
    """A folder on the same disk, for files until they take their places."""
    scratch = Path(tempfile.mkdtemp(prefix=UNFINISHED, dir=real))
    try:
        (scratch / "old").mkdir()
        yield scratch
    finally:
        shutil.rmtree(scratch)


@contextmanager
def _undone_after_trouble(real: Path, old: Path) -> Iterator[list[str]]:
    """The names of files touched so far; if anything goes wrong, these get their old content back, or go."""
    touched: list[str] = []
    try:
        yield touched
    except BaseException:
        for name in touched:
            if (old / name).exists():
                os.replace(old / name, real / name)
            else:
                (real / name).unlink(missing_ok=True)
        raise
