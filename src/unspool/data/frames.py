"""Examples that are in memory already, as a file that a run can read again: a data frame, lists, or arrays."""

import datetime
import hashlib
import io
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from unspool import atomic_writes, files
from unspool.data.labels_in_memory import columns_in, named_labels
from unspool.data.tables.cells import byte_flaw
from unspool.data.tables.problems import Flaw, Reason
from unspool.data.texts.side_columns import NO_SIDE, SideColumns
from unspool.data.texts.tagged_texts import TOKEN_NAMES
from unspool.data.texts.text_columns import have_text, text_columns, texts_of_cells
from unspool.data.usual_names import usual
from unspool.errors import UserError

TEXT, LABEL, SPLIT, GROUP, TIME, NEWEST = "text", "label", "split", "group", "time", "newest"
"""The columns of a table made from lists."""


_KEPT = "in-memory"  # a folder in the cache
MISSING_IN_PANDAS = ("NAType", "NaTType")
"""Names of the types of pandas' missing values; pandas need not be installed."""
_IN_JSON = (str, bool, int, float, list, tuple, dict)


def shown_path(path: str | Path) -> str:
    """What a person calls a file: its path; of one that `kept_frame` or `kept_lists` wrote, that it was in memory.

    Example:
        >>> shown_path("texts/reviews.csv"), shown_path(kept_lists(["a", "b"], None, "data"))
        ('texts/reviews.csv', 'data in memory')
    """
    path = Path(path)
    if path.parent.parent != files.cache_folder() / _KEPT:
        return str(path)
    return "data in memory" if path.stem == "data" else f"{path.stem} (data in memory)"


def shown_name(path: str | Path) -> str:
    """The same without the folder."""
    shown = shown_path(path)
    return Path(path).name if shown == str(path) else shown


def is_frame(data: Any) -> bool:
    """Tell whether something is a data frame of a library that narwhals knows: pandas, polars, PyArrow and others."""
    import narwhals

    try:
        frame = narwhals.from_native(data, pass_through=True)
    except narwhals.exceptions.DuplicateError:  # it is one, and reading it says what is wrong
        return True
    return isinstance(frame, narwhals.DataFrame | narwhals.LazyFrame)


def frame_of_column(data: Any, name: str | None = None) -> Any:
    """A column of pandas or polars as a data frame, with its index if it has one; any other data as it is.

    Args:
        data: of any kind.
        name: of the column in the frame; None takes its own, or "value" if it has none.

    Example:
        >>> import pandas as pd
        >>> list(frame_of_column(pd.Series([3, 5]))), frame_of_column([3, 5])
        (['value'], [3, 5])
    """
    import narwhals

    if not isinstance(narwhals.from_native(data, allow_series=True, pass_through=True), narwhals.Series):
        return data
    native = narwhals.to_native(data, pass_through=True)
    index: Any = getattr(native, "index", None)
    time = getattr(index, "name", None) or "time"
    own = getattr(native, "name", None)
    frame = native.to_frame(name or (own if isinstance(own, str) and own not in ("", time) else "value"))
    if not hasattr(frame, "reset_index") or index.nlevels > 1 or list(index) == [*range(len(frame))]:
        return frame
    return frame.rename_axis(index=time).reset_index()


def kept_frame(data: Any, name: str) -> Path:
    """Write a data frame to a file of JSON lines in the cache folder; equal frames give the same file.

    What pandas keeps in an index becomes columns, see `_with_index`.

    Args:
        data: a data frame of any library that narwhals knows.
        name: of the file, without its ending.

    Raises:
        UserError: two columns have the same name, or the cache cannot be written.
    """
    return _kept(_json_lines(_eager(_with_index(data)).iter_rows(named=True)), f"{name}.jsonl")


def kept_lists(
    examples: Sequence[Any] | NDArray[Any],
    labels: Sequence[Any] | NDArray[Any] | None,
    name: str,
    parts: Sequence[str] | None = None,
    groups: Sequence[Any] | None = None,
    times: Sequence[Any] | None = None,
) -> Path:
    """Write texts, or series of numbers, with their labels to a file in the cache folder.

    Args:
        examples: N texts, or N lists of tokens; or an array (N, T, C) or (N, T), or N arrays (T_i, C) or (T_i,).
        labels: N labels, or N lists of a tag for each token or step; or an array (N, L) or a data frame, with a column
            of 1 and 0 for each label; or None where there are none.
        name: of the file, without its ending.
        parts: "training", "validation" or "test" for each of the N; None where a run draws them.
        groups: the group of each of the N, or None.
        times: when each of the N was written or recorded, a number or a date, or None.

    Raises:
        UserError: they are neither texts nor series, there are not as many labels, or the cache cannot be written.
    """
    examples = _in_order(examples)
    if labels is not None:
        columns = columns_of(labels) if is_frame(labels) else columns_in(labels, examples)
        labels = _in_order(labels if columns is None else named_labels(columns))
    if labels is not None and len(labels) != len(examples):
        raise UserError(f"There are {len(examples):,} examples, but {len(labels):,} labels. Give one for each.")
    is_text = len(examples) > 0 and holds_texts(examples)
    for argument, values in ((SPLIT, parts), (GROUP, groups), (TIME if is_text else NEWEST, times)):
        if values is not None and len(values) != len(examples):
            raise UserError(f"There are {len(examples):,} examples, but {argument} has {len(values):,} values.")
    if not len(examples):
        raise UserError("There are no examples: the list is empty.")
    if is_text:
        return _kept(_json_lines(_rows(examples, labels, parts, groups, times)), f"{name}.jsonl")
    return _kept([_npz(examples, labels, parts, groups, times)], f"{name}.npz")


def holds_texts(examples: Sequence[Any] | NDArray[Any]) -> bool:
    """Tell whether the first of some examples is a text, or a list of tokens, and no series."""
    return isinstance(examples[0], str) or _is_tokens(examples[0])


def texts_of(data: Any, column: str | None, side: SideColumns = NO_SIDE) -> list[str]:
    """The texts of a data frame's column, or of several as in "title,body", or of a list; None and numbers are refused.

    Args:
        data: a data frame, or a list of texts; with columns beside the text, also a list of rows, each a dict.
        column: of the frame or the rows.
        side: columns whose cells come with the texts, see `TextRow`.

    Raises:
        UserError: there is no such column, or an entry is not a text, or a cell no number or category; names its
            position, from 0.
    """
    if is_frame(data):
        frame = _eager(data)
        name = column if column is not None else (frame.columns[0] if len(frame.columns) == 1 else None)
        if name is None or not have_text(name, frame.columns):
            raise UserError(f"The data frame has no column {column!r}. Its columns are {', '.join(frame.columns)}.")
        side.require("The data frame", frame.columns)
        names = text_columns(name, frame.columns)
        data = _texts_with_cells({one: frame[one].to_list() for one in {*names, *side.names}}, names, name, side)
    elif side and column is not None and len(data) and all(isinstance(row, Mapping) for row in data):
        names = text_columns(column, [*data[0]])
        data = _texts_with_cells(_cells_of_rows(data, [*names, *side.names]), names, column, side)
    entries = data.tolist() if isinstance(data, np.ndarray) else list(data)
    for position, entry in enumerate(entries):
        if isinstance(entry, Flaw):
            raise UserError(f"Entry {position} (counted from 0), column {entry.column}: {entry.detail}.")
        if not isinstance(entry, str):
            raise UserError(f"Entry {position} (counted from 0) is {entry!r}, and a text was expected.")
        _refuse_unreadable(entry, f"Entry {position} (counted from 0)")
    return entries


def _texts_with_cells(
    columns: Mapping[str, Sequence[Any]], names: Sequence[str], column: str, side: SideColumns
) -> list[Any]:
    cells = {name: [_plain(cell) for cell in given] for name, given in columns.items()}
    texts = texts_of_cells({name: cells[name] for name in names}, column)
    return list(side.rows(texts, cells) if side else texts)


def _cells_of_rows(rows: Sequence[Mapping[str, Any]], names: Iterable[str]) -> dict[str, list[Any]]:
    """The cells of some columns of rows, each a dict."""
    found: dict[str, list[Any]] = {}
    for name in names:
        for position, row in enumerate(rows):
            if name not in row:
                raise UserError(f"Entry {position} (counted from 0) has no column {name!r}, which this model reads.")
        found[name] = [row[name] for row in rows]
    return found


def columns_of(data: Any) -> dict[str, list[Any]]:
    """The cells of a data frame, by the names of its columns."""
    frame = _eager(data)
    return {name: [_plain(cell) for cell in frame[name].to_list()] for name in frame.columns}


def tokens_of(data: Any, column: str | None) -> list[tuple[str, ...]]:
    """The tokens of N texts, from a data frame's column of lists, or from a list of lists.

    Args:
        data: the frame or the list.
        column: of a frame; None finds it by usual names, as in files.

    Raises:
        UserError: there is no such column, or an entry is no list of texts; names its position, from 0.
    """
    if is_frame(data):
        frame = _eager(data)
        column = column or usual(frame.columns, TOKEN_NAMES) or TOKEN_NAMES[0]
        if column not in frame.columns:
            raise UserError(f"The data frame has no column {column!r}. Its columns are {', '.join(frame.columns)}.")
        data = frame[column].to_list()
    for position, entry in enumerate(data):
        if not _is_tokens(entry):
            raise UserError(f"Entry {position} (counted from 0) is {entry!r}, and a list of tokens was expected.")
        for number, token in enumerate(entry):
            _refuse_unreadable(token, f"Entry {position} (counted from 0): token {number}")
    return [tuple(map(str, entry)) for entry in data]


def _refuse_unreadable(text: str, where: str) -> None:
    """Refuse what files may not contain either: a blank text, or half a character."""
    flaw = byte_flaw(text)
    if not text.strip():
        raise UserError(f"{where} is empty or blank. Leave it out.")
    if flaw is not None and flaw.reason is Reason.NOT_UTF8:
        raise UserError(f"{where}: {flaw.detail}. Remove it.")


def _is_tokens(entry: Any) -> bool:
    is_list = isinstance(entry, list | tuple | np.ndarray)
    return is_list and len(entry) > 0 and all(isinstance(token, str) for token in entry)


def series_of(data: Any, channels: int | None = None, whole: bool = False) -> list[NDArray[np.float32]]:
    """N series (T_i, C) of an array (N, T, C) or (N, T), or of a list of arrays; steps of NaN at the end are cut off.

    Args:
        data: the array or the list.
        channels: C, or None where that is open, as long as all have the same.
        whole: whether nothing is cut off, as each step needs its tag.

    Raises:
        UserError: an entry is no such series; names its position, from 0.
    """
    found: list[NDArray[np.float32]] = []
    for position, entry in enumerate(data):
        try:
            with np.errstate(over="ignore"):  # too large a number becomes infinite, and is told later
                if np.iscomplexobj(entry):
                    raise TypeError("complex numbers")
                array = np.asarray(entry, dtype=np.float32)
        except (TypeError, ValueError) as error:
            rows = " If its keys name columns, make a data frame of the list." if isinstance(entry, Mapping) else ""
            if isinstance(entry, np.void):
                rows = " If the array's fields are columns, make a data frame: pandas.DataFrame(data)."
            raise UserError(f"Entry {position} (counted from 0) is not a series of numbers.{rows}") from error
        if array.ndim == 0:
            raise UserError(
                f"Entry {position} (counted from 0) is a number, and a series was expected. Give a list of series; to "
                "forecast one, give a data frame with a row for each step, or pandas.Series(data), and a horizon."
            )
        array = array[:, None] if array.ndim == 1 else array
        wanted = channels if channels is not None else (found[0].shape[1] if found else None)
        if array.ndim != 2 or (wanted is not None and array.shape[1] != wanted):
            shape = f"(steps, {wanted})" if wanted is not None else "(steps, channels)"
            images = " Flatten each step: entry.reshape(len(entry), -1)." if array.ndim > 2 else ""
            raise UserError(
                f"Entry {position} (counted from 0) has the shape {np.shape(entry)}, and a series {shape} was expected."
                f"{images}"
            )
        found.append(array if whole else array[: _end(array)])
    return found


def _in_order(entries: Any) -> Any:
    """Entries that can be looked up by position; a pandas column looks them up by its index."""
    return entries if isinstance(entries, list | tuple | np.ndarray) else list(entries)


def _with_index(data: Any) -> Any:
    """A pandas data frame with columns for what its index holds; other data frames are returned as they are.

    Indexes of dates, named indexes whose values recur, and the named levels of an index become columns. Other indexes
    only number the rows, and are left out; so are levels that have no name or the name of a column.
    """
    index: Any = getattr(data, "index", None)
    if not hasattr(data, "reset_index") or not hasattr(index, "names"):
        return data
    if type(index).__name__ in ("DatetimeIndex", "PeriodIndex"):
        data = data.rename_axis(index=index.name or "time")
    elif index.nlevels == 1 and index.is_unique:
        return data
    columns = set(data.columns)
    levels = [level for level, name in enumerate(data.index.names) if name is not None and name not in columns]
    return data.reset_index(level=levels) if levels else data


def column_name(name: Any) -> str:
    """The name of a data frame's column as a text; that of several levels is joined.

    Example:
        >>> column_name(("Close", "AAPL")), column_name(("date", "")), column_name(3)
        ('Close_AAPL', 'date', '3')
    """
    levels = name if isinstance(name, tuple) else (name,)
    return "_".join(str(level) for level in levels if level != "" and level == level)


def _eager(data: Any) -> Any:
    import narwhals

    if hasattr(data, "set_axis") and not all(isinstance(name, str) for name in data.columns):
        data = data.set_axis([column_name(name) for name in data.columns], axis=1)
    try:
        frame = narwhals.from_native(data)
    except narwhals.exceptions.DuplicateError as error:
        twice = next(name for name in data.columns if list(data.columns).count(name) > 1)
        raise UserError(f"The data frame has two columns named {twice}. Rename one.") from error
    return frame.collect() if isinstance(frame, narwhals.LazyFrame) else frame


def _rows(texts: Any, labels: Any, parts: Any, groups: Any, times: Any) -> Iterator[dict[str, Any]]:
    columns = {TEXT: texts, LABEL: labels, SPLIT: parts, GROUP: groups, TIME: times}
    for position in range(len(texts)):
        yield {name: column[position] for name, column in columns.items() if column is not None}


def _json_lines(rows: Iterable[dict[str, Any]]) -> Iterator[bytes]:
    for row in rows:
        plain = {name: _plain(value) for name, value in row.items()}
        yield (json.dumps(plain, ensure_ascii=False, default=_plain) + "\n").encode("utf-8", "surrogatepass")


def _plain(value: Any) -> Any:
    """A cell, or a part of one, as JSON has it: a missing number, text or time as null, values of other types as their
    printed form.

    Example:
        >>> _plain(np.float32(1.5)), _plain(float("nan")), _plain({"b", "a"}), _plain(datetime.date(2026, 1, 31))
        (1.5, None, ['a', 'b'], '2026-01-31')
    """
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, bytes):
        return value.decode("utf-8", "backslashreplace")
    if isinstance(value, datetime.timedelta):
        return value.total_seconds()
    kind = type(value).__name__
    if kind in MISSING_IN_PANDAS:
        return None
    if kind == "Period" and value.freqstr.startswith("W"):
        return str(value.start_time.date())
    if hasattr(value, "tolist"):  # an array, or a column of pandas
        return value.tolist()
    if isinstance(value, set | frozenset):
        return sorted(value, key=str)
    if isinstance(value, float) and value != value:
        return None
    return value if value is None or isinstance(value, _IN_JSON) else str(value)


def _npz(series: Any, labels: Any, parts: Any, groups: Any, times: Any) -> bytes:
    kept = series_of(series)
    arrays: dict[str, Any] = {"x": np.concatenate(kept), "lengths": np.array([len(one) for one in kept])}
    if labels is not None:
        arrays["y"] = _tags_end_to_end(series, kept, labels)
    if parts is not None:
        arrays[SPLIT] = np.asarray(parts)
    if groups is not None:
        arrays["groups"] = np.asarray([str(_plain(group)) for group in groups])
    if times is not None:
        plain = [_plain(time) for time in times]
        arrays["times"] = np.asarray(
            plain if all(isinstance(one, int | float) for one in plain) else [*map(str, plain)]
        )
    content = io.BytesIO()
    np.savez(content, **arrays)
    return content.getvalue()


def _tags_end_to_end(series: Any, kept: list[NDArray[np.float32]], labels: Any) -> NDArray[Any]:
    """Labels as an array; where each is a list with a tag for each step of its series, all of them end to end."""
    lengths = [len(label) if isinstance(label, list | tuple | np.ndarray) else -1 for label in labels]
    if lengths != [len(one) for one in series]:
        return _one_each(labels)
    return np.concatenate(
        [_tags(label, len(one), position) for position, (label, one) in enumerate(zip(labels, kept, strict=True))]
    )


def _tags(label: Any, steps: int, position: int) -> NDArray[Any]:
    """The tags of the first steps of a series as an array; NumPy would turn a missing tag among texts into a text."""
    if isinstance(label, np.ndarray) and label.dtype.kind not in "fO":
        return label[:steps]
    plain = [_plain(tag) for tag in label[:steps]]
    if None in plain:
        step = plain.index(None)
        raise UserError(f"Label {position} (counted from 0) has a missing tag, in step {step}. Leave this series out.")
    return np.asarray(plain)


def _one_each(labels: Any) -> NDArray[Any]:
    """Labels as an array; NumPy would turn a missing label among texts into a text."""
    if isinstance(labels, np.ndarray) and labels.dtype.kind != "O":
        return labels
    plain = [_plain(label) for label in labels]
    try:
        found = np.asarray(plain)
    except ValueError as error:
        raise UserError(
            "Labels are lists of different lengths. Give one label for each series, several as in 'a;b', or a list "
            "with one for each step."
        ) from error
    for position, label in enumerate(plain if found.dtype.kind in "UO" else ()):
        if label is None:
            raise UserError(f"Label {position} (counted from 0) is missing. Leave this series out.")
        if isinstance(label, list | tuple) and None in map(_plain, label):
            raise UserError(f"Label {position} (counted from 0) is a list with a missing label. Leave this series out.")
    return found


def _end(series: NDArray[np.float32]) -> int:
    """Where the steps of NaN begin that fill an array up."""
    there = np.flatnonzero(~np.isnan(series).all(axis=1))
    return int(there[-1]) + 1 if len(there) else 0


def _kept(content: Iterable[bytes], name: str) -> Path:
    whole = b"".join(content)
    digest = hashlib.sha256(whole).hexdigest()[:16]
    path = files.cache_folder() / _KEPT / digest / name
    if not path.is_file():
        files.make_folder(path.parent)
        atomic_writes.write_aside(path, whole)
    return path
