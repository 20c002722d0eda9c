"""The parts of a page: prose and code, to run as a script or to write as a notebook."""

import os
import re
from dataclasses import dataclass
from pathlib import Path

DOCS = Path(__file__).parent

_CODE = re.compile(r"^```python\n(.*?)^```\n", re.MULTILINE | re.DOTALL)
_SKIPPED = re.compile(r"<!-- skip: next( if.*)? -->\s*$")


@dataclass(frozen=True)
class Part:
    """A stretch of a page.

    Attributes:
        code: whether it is Python; else it is Markdown.
        text: without the fences around code.
        skipped: "always" or "without data" for code that may not be run, else empty.
    """

    code: bool
    text: str
    skipped: str = ""


def parts_of(page: str) -> list[Part]:
    """Split a page's Markdown into prose and Python code, in order."""
    found, end = [], 0
    for match in _CODE.finditer(page):
        prose = page[end : match.start()]
        comment = _SKIPPED.search(prose)
        skipped = ("without data" if comment.group(1) else "always") if comment else ""
        found += [Part(False, _SKIPPED.sub("", prose).strip()), Part(True, match.group(1).strip(), skipped)]
        end = match.end()
    return [part for part in (*found, Part(False, page[end:].strip())) if part.text]


def run(page: Path, folder: Path) -> None:
    """Run a page's code in a folder, which gets the files that the page writes."""
    has_data = bool(os.environ.get("UNSPOOL_DATA"))
    folder.mkdir(exist_ok=True)
    os.chdir(folder)
    names: dict[str, object] = {}
    for part in parts_of(page.read_text(encoding="utf-8")):
        if part.code and (not part.skipped or (part.skipped == "without data" and has_data)):
            exec(compile(part.text, str(page), "exec"), names)
