"""The page in a real browser, where there is one: nothing sticks out at the width of a phone or of a desktop."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from dataclasses import replace
from html import unescape
from pathlib import Path

import pytest

from depsim.report.parts import PageSection, Table
from depsim.report.writing import write_page
from tests.report.pages import page

CHROMIUM = next(
    (path for name in ("chromium", "chromium-browser", "google-chrome") if (path := shutil.which(name))), ""
)
FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--hide-scrollbars", "--allow-file-access-from-files",
    "--virtual-time-budget=10000", "--dump-dom",
)  # fmt: skip
MEASURE = """<!DOCTYPE html><body><iframe src="{page}" style="width:{width}px;height:800px;border:0"></iframe><script>
onload = () => {{
  const page = document.querySelector("iframe").contentDocument;
  const right = (name) => Math.max(...[...page.querySelectorAll(name)].map((e) => e.getBoundingClientRect().right));
  document.body.textContent = JSON.stringify({{
    whole: page.documentElement.scrollWidth, boxes: right(".scroll"), texts: right("p, h1, h2, h3, li"),
    table: right("table"), loaded: [...page.images].every((image) => image.naturalWidth > 0),
    bottom: page.querySelector("table").getBoundingClientRect().bottom, height: page.documentElement.scrollHeight,
  }});
}};
</script></body>"""

pytestmark = pytest.mark.skipif(not CHROMIUM, reason="no Chromium on this machine")


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("browser") / "report"
    wide = Table("wide", "Wide", tuple(f"heading {n}" for n in range(40)), (tuple("a" * 64 for _ in range(40)),) * 3)
    made = page(wide)
    long = PageSection("long", "z" * 120, f"One word of {'x' * 60}, one of code: `{'y/' * 150}`.")
    write_page(replace(made, sections=(*made.sections, long)), folder)
    return folder


def measured(report: Path, width: int, scratch: Path) -> dict[str, object]:
    file = scratch / "measure.html"
    file.write_text(MEASURE.format(page=(report / "index.html").as_uri(), width=width))
    command = [CHROMIUM, *FLAGS, f"--user-data-dir={scratch / 'profile'}", "--window-size=1600,900", file.as_uri()]
    dom = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True).stdout
    found = re.search(r"<body[^>]*>(\{.*\})</body>", dom, re.DOTALL)
    assert found, dom[:500]
    return dict(json.loads(unescape(found.group(1))))


@pytest.mark.parametrize("width", [390, 1280])
def test_nothing_sticks_out_and_wide_tables_scroll_in_their_box(width: int, report: Path, tmp_path: Path) -> None:
    sizes = measured(report, width, tmp_path)
    assert sizes["whole"] == width
    assert isinstance(sizes["boxes"], int | float)
    assert sizes["boxes"] <= width
    assert sizes["texts"] <= width  # type: ignore[operator]
    assert sizes["table"] > width  # type: ignore[operator]
    assert sizes["loaded"] is True


def test_the_answer_the_picture_and_the_table_fit_the_first_screen(report: Path, tmp_path: Path) -> None:
    assert measured(report, 1280, tmp_path)["bottom"] <= 900  # type: ignore[operator]
