"""Examples that are in memory already, as a file that a run can read again: a data frame, lists, or arrays."""

import hashlib
import io
import json
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from unspool import atomic_writes, files
from unspool.data.examples_in_memory import are_texts, series_of
from unspool.data.frames import columns_of, eager, is_frame, plain_cell, with_index
from unspool.data.labels_in_memory import columns_in, named_labels
from unspool.errors import UserError

TEXT, LABEL, SPLIT, GROUP, TIME, NEWEST = "text", "label", "split", "group", "time", "newest"
"""The columns of a table made from lists."""


_KEPT = "in-memory"  # a folder in the cache


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


def kept_frame(data: Any, name: str) -> Path:
    """Write a data frame to a file of JSON lines in the cache folder; equal frames give the same file.

    What pandas keeps in an index becomes columns, see `with_index`.

    Args:
        data: a data frame of any library that narwhals knows.
        name: of the file, without its ending.

    Raises:
        UserError: two columns have the same name, or the cache cannot be written.
    """
    return _kept(_json_lines(eager(with_index(data)).iter_rows(named=True)), f"{name}.jsonl")


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
    is_text = len(examples) > 0 and are_texts(examples)
    for argument, values in ((SPLIT, parts), (GROUP, groups), (TIME if is_text else NEWEST, times)):
        if values is not None and len(values) != len(examples):
            raise UserError(f"There are {len(examples):,} examples, but {argument} has {len(values):,} values.")
    if not len(examples):
        raise UserError("There are no examples: the list is empty.")
    if is_text:
        return _kept(_json_lines(_rows(examples, labels, parts, groups, times)), f"{name}.jsonl")
    return _kept([_npz(examples, labels, parts, groups, times)], f"{name}.npz")


def _in_order(entries: Any) -> Any:
    """Entries that can be looked up by position; a pandas column looks them up by its index."""
    return entries if isinstance(entries, list | tuple | np.ndarray) else list(entries)


def _rows(texts: Any, labels: Any, parts: Any, groups: Any, times: Any) -> Iterator[dict[str, Any]]:
    columns = {TEXT: texts, LABEL: labels, SPLIT: parts, GROUP: groups, TIME: times}
    for position in range(len(texts)):
        yield {name: column[position] for name, column in columns.items() if column is not None}


def _json_lines(rows: Iterable[dict[str, Any]]) -> Iterator[bytes]:
    for row in rows:
        plain = {name: plain_cell(value) for name, value in row.items()}
        yield (json.dumps(plain, ensure_ascii=False, default=plain_cell) + "\n").encode("utf-8", "surrogatepass")


def _npz(series: Any, labels: Any, parts: Any, groups: Any, times: Any) -> bytes:
    kept = series_of(series)
    arrays: dict[str, Any] = {"x": np.concatenate(kept), "lengths": np.array([len(one) for one in kept])}
    if labels is not None:
        arrays["y"] = _tags_end_to_end(series, kept, labels)
    if parts is not None:
        arrays[SPLIT] = np.asarray(parts)
    if groups is not None:
        arrays["groups"] = np.asarray([str(plain_cell(group)) for group in groups])
    if times is not None:
        plain = [plain_cell(time) for time in times]
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
    plain = [plain_cell(tag) for tag in label[:steps]]
    if None in plain:
        step = plain.index(None)
        raise UserError(f"Label {position} (counted from 0) has a missing tag, in step {step}. Leave this series out.")
    return np.asarray(plain)


def _one_each(labels: Any) -> NDArray[Any]:
    """Labels as an array; NumPy would turn a missing label among texts into a text."""
    if isinstance(labels, np.ndarray) and labels.dtype.kind != "O":
        return labels
    plain = [plain_cell(label) for label in labels]
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
        if isinstance(label, list | tuple) and None in map(plain_cell, label):
            raise UserError(f"Label {position} (counted from 0) is a list with a missing label. Leave this series out.")
    return found


def _kept(content: Iterable[bytes], name: str) -> Path:
    whole = b"".join(content)
    digest = hashlib.sha256(whole).hexdigest()[:16]
    path = files.cache_folder() / _KEPT / digest / name
    if not path.is_file():
        files.make_folder(path.parent)
        atomic_writes.write_aside(path, whole)
    return path
