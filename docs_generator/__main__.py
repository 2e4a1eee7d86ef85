"""``python -m docs_generator`` writes the generated files again; ``make reference`` is short for it."""

from __future__ import annotations

from pathlib import Path

from docs_generator.pages import DOCS, content, file_names


def main(folder: Path = DOCS) -> None:
    """Write all files, and say which ones have changed."""
    for name in file_names():
        file, text = folder / name, content(name)
        before = file.read_text(encoding="utf-8") if file.is_file() else ""
        file.write_text(text, encoding="utf-8")
        print(f"docs/{name}: {'as before' if before == text else 'new'}")


if __name__ == "__main__":
    main()
