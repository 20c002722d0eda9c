"""`python -m unspool.serving.write_page MODEL OUT`: the page of a portable model, see `page`."""

import os
import sys
import zipfile
from pathlib import Path

from unspool.atomic_writes import write_aside
from unspool.errors import UserError
from unspool.export.page.writing import MOST_BYTES, page_of
from unspool.export.portable import DESCRIPTION, GOLDEN, WEIGHTS
from unspool.serving.page import NO_PAGE


def main(model: Path, out: Path) -> int:
    """Write the page, and return 0; NO_PAGE where the model has none."""
    if hasattr(os, "nice"):
        os.nice(10)  # requests come first
    with zipfile.ZipFile(model) as archive:
        members = {name: archive.read(name) for name in (DESCRIPTION, WEIGHTS, GOLDEN)}
    try:
        page = page_of(members).encode()
    except UserError:
        return NO_PAGE
    if len(page) > MOST_BYTES:
        return NO_PAGE
    write_aside(out, page)
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), Path(sys.argv[2])))
