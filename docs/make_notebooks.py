"""Write each page with code as a notebook: `python docs/make_notebooks.py`, or `make notebooks`."""

import json

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


def main() -> None:
    """Write them to `docs/notebooks/`."""
    folder = DOCS / "notebooks"
    folder.mkdir(exist_ok=True)
    for path in sorted(DOCS.glob("*.md")):
        page = path.read_text(encoding="utf-8")
        if "```python\n" in page:
            out = folder / f"{path.stem}.ipynb"
            out.write_text(json.dumps(notebook_of(page), indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
            print(out.relative_to(DOCS.parent))


if __name__ == "__main__":
    main()
