"""Draw the tutorial's figures by running its code; Sphinx does so when they are missing."""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

FIGURES = Path(__file__).parent / "figures"
PAGE = Path(__file__).parent / "tutorial.md"


def is_outdated() -> bool:
    """Whether the page is newer than its figures, or there are none."""
    drawn = list(FIGURES.glob("*.svg"))
    return not drawn or min(path.stat().st_mtime for path in drawn) < PAGE.stat().st_mtime


def draw_in_own_process() -> None:
    """Draw them in another process, so that the page's code does not change Sphinx's.

    UNSPOOL_DATA is unset: no figure shows real data, and training on IMDb would take long. `make soak` does that.
    """
    environment = {name: value for name, value in os.environ.items() if name != "UNSPOOL_DATA"}
    subprocess.run([sys.executable, __file__], check=True, stdout=subprocess.DEVNULL, env=environment)


if __name__ == "__main__":
    from pages import run

    FIGURES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch:
        run(PAGE, Path(scratch))
        for figure in Path(scratch).glob("*.svg"):
            (FIGURES / figure.name).write_bytes(figure.read_bytes())
