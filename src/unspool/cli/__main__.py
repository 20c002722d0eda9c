"""The program `unspool`, also as `python -m unspool.cli`."""

import sys

from unspool.cli import main
from unspool.cli.allocator import with_allocator_set


def start() -> int:
    """Run the command of this process; the exit code."""
    with_allocator_set()
    return main()


if __name__ == "__main__":
    sys.exit(start())
