"""Prints what an extra of unspool installs from PyPI: all but this repository's own packages, which are built here."""

import re
import sys
import tomllib
from pathlib import Path

PROJECT = tomllib.loads((Path(__file__).parent.parent / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def needed(extra: str) -> set[str]:
    """The requirements of unspool, of an extra and of the extras that it includes."""
    found = set(PROJECT["dependencies"])
    for requirement in PROJECT["optional-dependencies"][extra]:
        if own := re.fullmatch(r"unspool\[(.+)\]", requirement):
            found |= {one for name in own[1].split(",") for one in needed(name.strip())}
        elif not requirement.startswith("unspool-runtime"):
            found.add(requirement)
    return found


if __name__ == "__main__":
    print(*sorted(needed(sys.argv[1])))
