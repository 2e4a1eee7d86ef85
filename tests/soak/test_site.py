"""The documentation site: it builds strictly, asks for nothing remote, and all that it links to is there."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from html import unescape
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest
import yaml

ROOT = Path(__file__).parent.parent.parent
DOCS = ROOT / "docs"
LOADED_LINKS = {"stylesheet", "icon", "preload", "modulepreload", "preconnect", "dns-prefetch", "prefetch"}
PHONE = 390
"""Pixels."""
MEASURE = """<!DOCTYPE html><style>iframe {{width: 390px; height: 800px; border: 0}}</style><body>{frames}<script>
onload = () => {{
  const frames = [...document.querySelectorAll("iframe")];
  document.body.textContent = JSON.stringify(frames.map((each) => each.contentDocument.documentElement.scrollWidth));
}};
</script></body>"""
CHROMIUM = next((path for name in ("chromium", "chromium-browser") if (path := shutil.which(name))), "")


class Html(HTMLParser):
    """What a page loads, what it links to, and the places in it."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.loaded: list[str] = []
        self.links: list[str] = []
        self.places: set[str] = set()
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        own = {name: value or "" for name, value in attrs}
        self.places |= {own[name] for name in ("id", "name") if name in own}
        if tag == "a" and "href" in own:
            self.links.append(own["href"])
        elif tag == "link" and LOADED_LINKS & set(own.get("rel", "").split()):
            self.loaded.append(own["href"])
        elif tag != "a":
            self.loaded += [own[name] for name in ("src", "poster", "data") if name in own]
        self.loaded += re.findall(r"url\(['\"]?([^'\")]+)", own.get("style", ""))


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet", "--site-dir", str(folder)]
    quiet = os.environ | {"NO_MKDOCS_2_WARNING": "1"}
    done = subprocess.run(command, cwd=ROOT, env=quiet, capture_output=True, text=True, timeout=300, check=False)
    assert (done.returncode, done.stdout + done.stderr) == (0, "")
    return folder


@pytest.fixture(scope="module")
def pages(site: Path) -> dict[Path, Html]:
    return {file: Html(file.read_text(encoding="utf-8")) for file in sorted(site.rglob("*.html"))}


def is_remote(address: str) -> bool:
    return bool(re.match(r"(https?:)?//", address))


def remote_in_styles(text: str) -> list[str]:
    """Remote addresses that a style sheet loads."""
    found = re.findall(r"url\(\s*['\"]?([^'\")\s]+)|@import\s+['\"]([^'\"]+)", text)
    return [address for pair in found for address in pair if is_remote(address)]


def test_no_page_loads_anything_remote(site: Path, pages: dict[Path, Html]) -> None:
    assert len(pages) > 20
    assert {address for page in pages.values() for address in page.loaded if is_remote(address)} == set()
    sheets = list(site.rglob("*.css"))
    assert len(sheets) >= 3
    assert [address for sheet in sheets for address in remote_in_styles(sheet.read_text(encoding="utf-8"))] == []
    styles = [re.findall(r"<style>(.*?)</style>", page.read_text(encoding="utf-8"), re.DOTALL) for page in pages]
    assert [address for page in styles for style in page for address in remote_in_styles(style)] == []


@pytest.mark.parametrize(
    "page",
    [
        '<script src="https://unpkg.com/x"></script>',
        '<link rel="stylesheet" href="//fonts.googleapis.com/css">',
        '<img src="http://example.org/x.png">',
        "<p style=\"background: url('https://example.org/x.png')\">",
    ],
)
def test_something_remote_would_be_found(page: str) -> None:
    assert [is_remote(address) for address in Html(page).loaded] == [True]
    assert not any(is_remote(address) for address in Html('<a href="https://optuna.org">Optuna</a>').loaded)
    assert remote_in_styles("@import 'https://a.org/x.css'; b {src: url(//c.org/d)} e {src: url(f.woff)}") == [
        "https://a.org/x.css", "//c.org/d"
    ]  # fmt: skip


def test_everything_linked_and_loaded_is_there(site: Path, pages: dict[Path, Html]) -> None:
    assert sorted(missing(pages, site)) == []


def missing(pages: dict[Path, Html], root: Path) -> Iterator[str]:
    """Local files and places that pages name and that are not there."""
    for file, page in pages.items():
        for address in [*page.loaded, *page.links]:
            parts = urlsplit(unescape(address))
            if parts.scheme or is_remote(address):
                continue
            folder = root if parts.path.startswith("/") else file.parent
            target = (folder / unquote(parts.path).lstrip("/")).resolve() if parts.path else file
            target = target / "index.html" if target.is_dir() else target
            places = pages[target].places if target in pages else set()
            if not target.is_file() or (parts.fragment and target in pages and unquote(parts.fragment) not in places):
                yield f"{file.name}: {address}"


def test_a_missing_place_would_be_found(tmp_path: Path) -> None:
    page = tmp_path / "a.html"
    page.write_text('<h1 id="x"></h1><a href="#x"></a><a href="#y"></a><a href="b.html"></a><img src="c.png">')
    assert sorted(missing({page: Html(page.read_text())}, tmp_path)) == [
        "a.html: #y",
        "a.html: b.html",
        "a.html: c.png",
    ]


def named(nav: Any) -> Iterator[str]:
    """The pages of a navigation."""
    if isinstance(nav, str):
        yield nav
    else:
        for each in nav.values() if isinstance(nav, dict) else nav:
            yield from named(each)


def test_the_navigation_names_every_page_once() -> None:
    nav = sorted(named(yaml.safe_load((ROOT / "mkdocs.yml").read_text(encoding="utf-8"))["nav"]))
    assert nav == sorted(page.relative_to(DOCS).as_posix() for page in DOCS.rglob("*.md"))


def test_search_needs_no_network(site: Path, pages: dict[Path, Html]) -> None:
    assert (site / "search" / "search_index.js").read_text(encoding="utf-8").startswith("var __index = {")
    made = [page for file, page in pages.items() if not (ROOT / "docs" / file.relative_to(site)).exists()]
    assert made
    assert all(any(each.endswith("javascripts/iframe-worker.js") for each in page.loaded) for page in made)


@pytest.mark.skipif(not CHROMIUM, reason="no Chromium on this machine")
def test_search_works_from_a_file(site: Path, tmp_path: Path) -> None:
    dom = opened(f"{(site / 'reference' / 'metrics.html').as_uri()}?q=regrow_fraction", tmp_path)
    results = dom.partition('class="md-search-result__list"')[2].partition("</ol>")[0]
    assert "configuration.html" in results


@pytest.mark.skipif(not CHROMIUM, reason="no Chromium on this machine")
def test_no_page_is_wider_than_a_phone(site: Path, pages: dict[Path, Html], tmp_path: Path) -> None:
    shown = [page for page in pages if page.name != "404.html"]
    frames = "".join(f'<iframe src="{page.as_uri()}"></iframe>' for page in shown)
    file = tmp_path / "measure.html"
    file.write_text(MEASURE.format(frames=frames))
    found = re.search(r"<body>(\[.*\])</body>", opened(file.as_uri(), tmp_path, "--allow-file-access-from-files"))
    assert found is not None
    widths = dict(zip([str(page) for page in shown], json.loads(found[1]), strict=True))
    assert {name: width for name, width in widths.items() if not 0 < width <= PHONE} == {}


def opened(address: str, scratch: Path, *more: str) -> str:
    """What the browser has made of a page."""
    flags = ["--headless", "--no-sandbox", "--disable-gpu", "--virtual-time-budget=10000", "--dump-dom", *more]
    command = [CHROMIUM, *flags, f"--user-data-dir={scratch / 'profile'}", address]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, check=True).stdout
