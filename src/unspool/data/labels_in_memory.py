"""Labels of examples in memory, which may stand in a data frame or in an array with a column for each label."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from unspool.data.tables.joined_labels import joined_labels
from unspool.data.tables.problems import Flaw
from unspool.errors import UserError


def named_labels(columns: Mapping[str, Sequence[Any]]) -> Sequence[Any]:
    """The labels of N examples, by the names of the columns that they stand in.

    Args:
        columns: a single one with the labels, or one for each label, with 1 for the examples that have it and 0 for all
            others.

    Returns:
        N labels, or N lists of labels.

    Raises:
        UserError: a cell of several columns is neither 1 nor 0; names its place.

    Example:
        >>> named_labels({"mood": ["good", "bad"]}), named_labels({"funny": [1, 0], "sad": [1, 0]})
        (['good', 'bad'], [['funny', 'sad'], []])
    """
    if len(columns) == 1:
        (only,) = columns.values()
        return only
    found: list[Any] = []
    for position, cells in enumerate(zip(*columns.values(), strict=True)):
        labels = joined_labels([*columns], cells)
        if isinstance(labels, Flaw):
            raise UserError(f"Label {position} (counted from 0), column {labels.column}: {labels.detail}.")
        found.append(labels)
    return found


def columns_in(labels: Any, examples: Iterable[Any]) -> Mapping[str, Sequence[Any]] | None:
    """The columns of an array (N, L) of labels by their numbers; None for anything else, such as a tag for each step.

    Args:
        labels: of any kind.
        examples: N texts, lists of tokens or series.

    Example:
        >>> columns_in(np.array([[1, 0], [0, 1]]), ["a film", "a play"])
        {'0': [1, 0], '1': [0, 1]}
        >>> columns_in(np.array([[1, 0], [0, 1]]), [["a", "film"], ["a", "play"]])
    """
    if not isinstance(labels, np.ndarray) or labels.ndim != 2:
        return None
    _, width = labels.shape
    if all(not isinstance(example, str) and len(example) == width for example in examples):
        return None
    if width > 1 and not (labels.dtype.kind in "biuf" and np.isin(labels, (0, 1)).all()):
        return None
    return {
        str(number): column.tolist() for number, column in enumerate(labels.astype(int).T if width > 1 else labels.T)
    }
