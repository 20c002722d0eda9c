"""Data as callers give it: a path, a data frame, a list or an array."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from os import PathLike
from pathlib import Path
from typing import Any, TypeAlias

from unspool.data.frames import is_frame
from unspool.data.kept_in_cache import kept_frame, kept_lists, shown_path
from unspool.errors import UserError
from unspool.files import expanded, is_there
from unspool.runs.recipes.file import recipe_names

PathLikeOrStr: TypeAlias = str | PathLike[str]
Data: TypeAlias = Any
"""A path; a data frame of pandas, polars or another library; a list of texts; an array or a list of series."""


_MOST_SHOWN = 40


def is_path(data: Data) -> bool:
    """Whether it is the path of a file."""
    return isinstance(data, str | PathLike)


def refuse_no_data(data: Any) -> None:
    """Refuse what can be neither a path nor examples in order, such as None, a dict, a set or a single text.

    Raises:
        UserError: the data is neither.
    """
    if isinstance(data, str) and _may_be_text(data):
        if data in recipe_names():
            raise UserError(f"{data} is the name of a recipe. Run it on the command line: unspool run {data}")
        shown = data if len(data) <= _MOST_SHOWN else f"{data[:_MOST_SHOWN]}..."
        raise UserError(f"There is no file or folder {shown!r}. If it is a text, give a list, as in ['a fine film'].")
    if is_path(data) or is_frame(data):
        return
    wanted = "Give a path, a data frame, a list or an array"
    if data is None:
        raise UserError(f"There is no data: None was given. {wanted}.")
    if isinstance(data, Mapping):
        raise UserError(f"{wanted}; this is a dict. If its keys name columns, make a data frame of it.")
    in_order = hasattr(data, "__len__") and hasattr(data, "__getitem__") and getattr(data, "ndim", 1) > 0
    if not in_order or isinstance(data, bytes | bytearray):
        raise UserError(f"{wanted}; this is of type {type(data).__name__}.")


def _may_be_text(data: str) -> bool:
    """Whether a string that is not the path of anything looks like a text: it has white space, or no suffix."""
    is_file_name = Path(data).suffix and not any(map(str.isspace, data))
    return "\0" in data or not (is_file_name or is_there(expanded(data)))


def as_file(data: Data, labels: Sequence[Any] | None, name: str, **beside: Sequence[Any]) -> Path:
    """Return the path of a file; data in memory is written to one called after `name`, with its labels, if any.

    Args:
        data: the path, or what is written.
        labels: of lists and arrays.
        name: of a file that is written.
        **beside: of lists and arrays, see `kept_lists`.

    Raises:
        UserError: the data is of a type that cannot be read.
    """
    refuse_no_data(data)
    if is_path(data):
        return expanded(data)
    return kept_frame(data, name) if is_frame(data) else kept_lists(data, labels, name, **beside)


@contextmanager
def naming_as_given(path: str | Path) -> Iterator[None]:
    """In errors, refer to data as the caller gave it, not to the file that data in memory was written to."""
    try:
        yield
    except UserError as error:
        error.args = tuple(str(part).replace(str(path), shown_path(path)) for part in error.args)
        raise
