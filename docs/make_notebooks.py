"""Write each page with code as a notebook: `python docs/make_notebooks.py`, or `make notebooks`."""

import json
from pathlib import Path

from pages import DOCS, Part, parts_of


def notebook_of(page: str) -> dict[str, object]:
    """A page as a notebook (nbformat 4.5): its prose and its code, in order.

    Code that needs a file or a service that the page does not provide is shown as text. Code that needs real data may
    fail without stopping "Run All". Images and links of the page are relative to `docs/`; a notebook lies
    one folder deeper.
    """
    return {
        "cells": [_cell(part, number) for number, part in enumerate(parts_of(page))],
        "metadata": {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}},
        "nbformat": 4,
        "nbformat_minor": 5,
    }


def _cell(part: Part, number: int) -> dict[str, object]:
    shown = part.skipped == "always"
    text = part.text if part.code else part.text.replace("](diagrams/", "](../diagrams/")
    text = f"```python\n{text}\n```" if shown else text
    metadata = {"tags": ["raises-exception"]} if part.skipped == "without data" else {}
    cell = {"id": f"part-{number}", "metadata": metadata, "source": text.splitlines(keepends=True)}
    if not part.code or shown:
        return cell | {"cell_type": "markdown"}
    return cell | {"cell_type": "code", "execution_count": None, "outputs": []}


def pages_with_code() -> list[Path]:
    """The pages that become notebooks: those with code that can be run."""
    pages = {path: parts_of(path.read_text(encoding="utf-8")) for path in sorted(DOCS.glob("*.md"))}
    return [path for path, parts in pages.items() if any(part.code and part.skipped != "always" for part in parts)]


def write_all() -> list[Path]:
    """Write them to `docs/notebooks/`, and give their paths."""
    folder = DOCS / "notebooks"
    folder.mkdir(exist_ok=True)
    written = []
    for path in pages_with_code():
        notebook = notebook_of(path.read_text(encoding="utf-8"))
        written.append(folder / f"{path.stem}.ipynb")
        written[-1].write_text(json.dumps(notebook, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    return written


if __name__ == "__main__":
    for path in write_all():
        print(path.relative_to(DOCS.parent))
