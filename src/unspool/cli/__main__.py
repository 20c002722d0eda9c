"""The program `unspool`, also as `python -m unspool.cli`."""

import logging
import os
import sys

from unspool import cores
from unspool.cli import INTERRUPTED, TERMINATED, main
from unspool.cli.allocator import with_allocator_set


def start() -> int:
    """Run the command of this process; the exit code."""
    with_allocator_set()
    logging.getLogger("matplotlib").setLevel(logging.ERROR)  # it warns if HOME is read-only, and then does without
    code = main()
    if code in (INTERRUPTED, TERMINATED) and cores.working():
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)  # Python's end would wait for models that are being fitted in threads
    return code


if __name__ == "__main__":
    sys.exit(start())
