"""Parquet, by pyarrow, a batch of rows at a time."""

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from importlib import import_module
from pathlib import Path
from typing import Any

from unspool import files
from unspool.data.tables.cells import cell_flaw
from unspool.data.tables.parquet_pages import largest_dictionary
from unspool.data.tables.problems import Flaw, Reason
from unspool.errors import AdvisedError, UserError

_BATCH = 1000
_MOST_AT_ONCE = 1 << 28  # bytes of a batch, if each of its cells were the whole dictionary
_BUFFER = 1 << 20  # bytes read at a time, where pyarrow would take the whole column of a row group

_Row = tuple[None, list[Any] | Flaw]


def read(path: Path) -> tuple[tuple[str, ...], Iterator[_Row]]:
    """Open a file.

    Returns:
        The names of the columns; and the rows: None, as a row of Parquet has no line, and its values, as many as
        columns, or what is wrong with it.

    Raises:
        UserError: the file cannot be read or is not Parquet, has two columns of the same name, or pyarrow is not
            installed; reading on, it is damaged.
    """
    file = _open(path)
    names = tuple(file.schema_arrow.names)
    twice = next((name for name, count in Counter(names).items() if count > 1), None)
    if twice is not None:
        raise UserError(f"{path}: two columns are named {twice!r}. Give each a different name.")
    return names, _rows(path, file, names)


def _rows(path: Path, file: Any, names: tuple[str, ...]) -> Iterator[_Row]:
    import pyarrow

    row = 0
    try:
        largest = largest_dictionary(path, file.metadata)
    except files.DAMAGE as error:
        raise AdvisedError(
            f"{path} is damaged: {files.reason_of(error)}.", "Get another copy or write it again."
        ) from error
    try:
        size = min(_BATCH, max(1, _MOST_AT_ONCE // max(1, largest)))
        for batch in file.iter_batches(batch_size=size, columns=list(names)):
            for values in zip(*map(_values, batch.columns), strict=True):
                row += 1
                yield None, next(filter(None, map(_flaw, values, names)), None) or list(values)
    except (pyarrow.ArrowException, *files.DAMAGE) as error:
        raise AdvisedError(
            f"{path} is damaged after row {row}: {_first_line(error)}.", "Get another copy or write it again."
        ) from error


def require_pyarrow(path: Path) -> None:
    """Refuse politely where pyarrow is missing.

    Raises:
        UserError: says how to install it.
    """
    try:
        import_module("pyarrow.parquet")
    except ImportError as error:
        raise UserError(f"{path}: Parquet needs pyarrow. Install it: pip install 'unspool[parquet]'.") from error


def _open(path: Path) -> Any:
    require_pyarrow(path)
    import pyarrow
    import pyarrow.parquet

    try:
        if path.stat().st_size == 0:
            raise AdvisedError(f"{path} is empty.", "Give a file with rows.")
        return pyarrow.parquet.ParquetFile(path, buffer_size=_BUFFER, pre_buffer=False)
    except pyarrow.ArrowException as error:
        raise AdvisedError(
            f"{path} is not a complete Parquet file: {_first_line(error)}.", "Get another copy or write it again."
        ) from error
    except OSError as error:
        raise UserError(f"{path} cannot be read: {error.strerror or _first_line(error)}.") from error


def _values(column: Any) -> list[Any]:
    try:
        values: list[Any] = column.to_pylist()
    except UnicodeDecodeError:
        values = [_value(scalar) for scalar in column]
    return [_plain(value) for value in values] if _holds_others(column.type) else values


def _holds_others(kind: Any) -> bool:
    """Whether a column is of bytes, as some programs write texts, or of durations, or of lists of them."""
    import pyarrow

    while hasattr(kind, "value_type"):  # a dictionary, or a list
        kind = kind.value_type
    return any(f(kind) for f in (pyarrow.types.is_binary, pyarrow.types.is_large_binary, pyarrow.types.is_duration))


def _plain(value: Any) -> Any:
    """Bytes decoded as text where possible, and a duration in seconds, as in a data frame."""
    if isinstance(value, list):
        return [_plain(one) for one in value]
    if isinstance(value, timedelta):
        return value.total_seconds()
    try:
        return value.decode() if isinstance(value, bytes) and b"\0" not in value else value
    except UnicodeDecodeError:
        return value


def _value(scalar: Any) -> Any:
    try:
        return scalar.as_py()
    except UnicodeDecodeError as error:
        return error


def _flaw(value: object, name: str) -> Flaw | None:
    if isinstance(value, UnicodeDecodeError):
        detail = f"byte 0x{value.object[value.start]:02X} is not UTF-8"
        return Flaw(Reason.NOT_UTF8, detail, name, fix="Save it as UTF-8", fix_in_use="Save it as UTF-8")
    return cell_flaw(value, name)


def _first_line(error: Exception) -> str:
    return str(error).partition("\n")[0].rstrip(".")
