from collections.abc import Callable
from pathlib import Path

import pytest

from unspool.data.tables.table import read_table
from unspool.errors import UserError


@pytest.fixture
def write(tmp_path: Path) -> Callable[[str, bytes | str], Path]:
    """Writes a file of that name, and folders above it, and gives its path."""

    def write(name: str, content: bytes | str) -> Path:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return write


@pytest.fixture
def refusal() -> Callable[[Path], str]:
    """Reads a table that is refused, and gives the message."""

    def refusal(path: Path) -> str:
        with pytest.raises(UserError) as refused:
            list(read_table(path).chunks())
        return str(refused.value)

    return refusal
