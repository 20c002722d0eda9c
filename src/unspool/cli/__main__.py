"""The program `unspool`, also as `python -m unspool.cli`."""

import sys

from unspool.cli import main
from unspool.cli.huge_pages import with_huge_pages


def start() -> int:
    """Run the command of this process; the exit code."""
    with_huge_pages()
    return main()


if __name__ == "__main__":
    sys.exit(start())
