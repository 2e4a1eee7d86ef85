"""A hook of MkDocs: pages may link to any file of the repository.

Files outside ``docs/`` that a page links to are copied to ``source/`` of the site. README and DECISIONS are pages.
"""

from __future__ import annotations

import posixpath
import re
from pathlib import Path
from typing import Any

from mkdocs.structure.files import File

ROOT = Path(__file__).resolve().parent.parent
DOCS = ROOT / "docs"
PAGES = {"README.md": "index.md", "DECISIONS.md": "decisions/01-one-individual-at-a-time.md"}
"""Files of the repository that are pages of the site under another name."""
_TARGET = re.compile(r'(?P<before>\]\(|\]: |(?:src|href)=")(?P<path>[\w./-]+)(?P<after>#[\w.-]+)?(?=[)"\s]|$)')


def on_files(files: Any, config: Any) -> Any:
    """Add the files of the repository that pages link to."""
    for page in files.documentation_pages():
        for path in linked(page.content_string, page.src_uri):
            if (uri := site_uri(path)).startswith("source/") and files.get_file_from_path(uri) is None:
                files.append(File.generated(config, uri, abs_src_path=str(path)))
    return files


def on_page_markdown(markdown: str, page: Any, config: Any, files: Any) -> str:  # noqa: ARG001 -- MkDocs names them
    """The page with links that hold on the site."""
    return rewritten(markdown, page.file.src_uri)


def linked(markdown: str, page: str) -> list[Path]:
    """The files of the repository outside ``docs/`` that a page links to."""
    targets = (_file(match["path"], (DOCS / page).parent) for match in _TARGET.finditer(markdown))
    return [path for path in targets if path is not None and DOCS not in path.parents]


def rewritten(markdown: str, page: str) -> str:
    """A page's text with all links to files relative to the page.

    Args:
        markdown: the text.
        page: its place below ``docs/``.
    """

    def target(match: re.Match[str]) -> str:
        path = _file(match["path"], (DOCS / page).parent)
        if path is None:
            return match[0]
        uri = posixpath.relpath(site_uri(path), posixpath.dirname(page))
        return f"{match['before']}{uri}{match['after'] or ''}"

    return _TARGET.sub(target, markdown)


def site_uri(path: Path) -> str:
    """Where a file of the repository is on the site; Markdown that is no page is shown as text."""
    if DOCS in path.parents:
        return path.relative_to(DOCS).as_posix()
    name = path.relative_to(ROOT).as_posix()
    return PAGES.get(name) or f"source/{name}{'.txt' if path.suffix == '.md' else ''}"


def _file(target: str, folder: Path) -> Path | None:
    """The file of the repository that a link names, if it is one."""
    path = (folder / target).resolve()
    return path if ROOT in path.parents and path.is_file() else None
