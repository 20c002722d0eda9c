"""Write each page with code as a notebook: `python docs/make_notebooks.py`, or `make notebooks`."""

import json
import re
from pathlib import Path

from pages import DOCS, Part, parts_of

_RELATIVE = re.compile(r"\]\((?=diagrams/|[\w-]+\.md\b)")
_DRAWN_ABOVE = re.compile(r"!\[(.*?)\]\(figures/.*?\)")
_DRAWING = re.compile(r'"([\w-]+\.(?:png|svg))"')


def notebook_of(page: str) -> dict[str, object]:
    """A page as a notebook (nbformat 4.5): its prose and its code, in order.

    Code that needs a file or a service that the page does not provide is shown as text. Code that needs real data may
    fail without stopping "Run All". Diagrams and links of the page are relative to `docs/`; a notebook lies one folder
    deeper. A figure is shown below the code that draws it, as on the page; its description becomes its caption.
    """
    return {
        "cells": [_cell(part, number) for number, part in enumerate(parts_of(page))],
        "metadata": {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}},
        "nbformat": 4,
        "nbformat_minor": 5,
    }


def _cell(part: Part, number: int) -> dict[str, object]:
    shown = part.skipped == "always"
    if shown:
        text = f"```python\n{part.text}\n```"
    elif part.code:
        text = part.text + _showing(_DRAWING.findall(part.text))
    else:
        text = _RELATIVE.sub("](../", _DRAWN_ABOVE.sub(r"*\1*", part.text))
    metadata = {"tags": ["raises-exception"]} if part.skipped == "without data" else {}
    cell = {"id": f"part-{number}", "metadata": metadata, "source": text.splitlines(keepends=True)}
    if not part.code or shown:
        return cell | {"cell_type": "markdown"}
    return cell | {"cell_type": "code", "execution_count": None, "outputs": []}


def _showing(figures: list[str]) -> str:
    """Code that shows figures saved to files: by themselves, notebooks show only those of pyplot."""
    if not figures:
        return ""
    shown = [f'display({"SVG" if name.endswith(".svg") else "Image"}("{name}"))' for name in figures]
    return "\n".join(["\n\nfrom IPython.display import SVG, Image, display\n", *shown])


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
