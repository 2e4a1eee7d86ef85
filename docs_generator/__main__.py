"""``python -m docs_generator`` writes the generated pages again; ``make reference`` is short for it."""

from __future__ import annotations

from pathlib import Path

from docs_generator.pages import FOLDER, page, page_names


def main(folder: Path = FOLDER) -> None:
    """Write all pages, and say which ones have changed."""
    for name in page_names():
        file, text = folder / name, page(name)
        before = file.read_text(encoding="utf-8") if file.is_file() else ""
        file.write_text(text, encoding="utf-8")
        print(f"{file.relative_to(folder.parent.parent)}: {'as before' if before == text else 'new'}")


if __name__ == "__main__":
    main()
