"""Write each page with code as a notebook: `python docs/make_notebooks.py`, or `make notebooks`."""

import json
from pathlib import Path

from pages import DOCS, Part, parts_of


def notebook_of(page: str) -> dict[str, object]:
    """A page as a notebook (nbformat 4.5): its prose and its code, in order.

    Images and links of the page are relative to `docs/`; a notebook lies one folder deeper.
    """
    return {
        "cells": [_cell(part, number) for number, part in enumerate(parts_of(page))],
        "metadata": {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}},
        "nbformat": 4,
        "nbformat_minor": 5,
    }


def _cell(part: Part, number: int) -> dict[str, object]:
    text = part.text if part.code else part.text.replace("](diagrams/", "](../diagrams/")
    cell = {"id": f"part-{number}", "metadata": {}, "source": text.splitlines(keepends=True)}
    if not part.code:
        return cell | {"cell_type": "markdown"}
    return cell | {"cell_type": "code", "execution_count": None, "outputs": []}


def pages_with_code() -> list[Path]:
    """The pages that become notebooks."""
    return [path for path in sorted(DOCS.glob("*.md")) if "```python\n" in path.read_text(encoding="utf-8")]


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
