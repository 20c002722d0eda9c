"""Starts the program `unspool`, with few imports at first: Ctrl-C during the others prints one line."""

import sys

INTERRUPTED = 130


def start() -> int:
    """Run the command of this process; the exit code."""
    try:
        from unspool.cli.__main__ import start as run

        return run()
    except KeyboardInterrupt:  # later ones are handled where the command runs
        sys.stderr.write("unspool: interrupted\n")
        return INTERRUPTED
