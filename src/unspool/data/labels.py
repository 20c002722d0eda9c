"""A cell of a label column as a label: a text, or several."""

import ast
import json
import math
import re
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any, Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

from unspool.data.names_in_words import first_few
from unspool.data.tables.problems import Flaw, Reason
from unspool.data.tables.written_numbers import WrittenNumber
from unspool.errors import UserError

Label: TypeAlias = str | tuple[str, ...]
"""A label as its file writes it, or several of them; a `WrittenNumber` if it is a number that Python does not read."""

Targets: TypeAlias = NDArray[Any]
"""What a model is trained on: an array with a row, or a number, for each example."""

_SHOWN = 10

_ITEM = r"""(?:"(?:[^"\\]|\\.)*"|'[^'\\]*'|-?(?:0|[1-9]\d*)(?:\.\d+)?)"""
_LIST = re.compile(rf"\s*\[\s*(?:{_ITEM}(?:\s*,\s*{_ITEM})*\s*,?\s*)?\]\s*")


class LabelEncoder(Protocol):
    """What reading a file must know of the labels in it; the tasks are such."""

    @property
    def name(self) -> str:
        """Of the task."""

    @property
    def names(self) -> tuple[str, ...]:
        """Of label 0, 1, ..., where there are some."""

    @property
    def chooses_among_labels(self) -> bool:
        """Whether an example has exactly one label of several."""

    @property
    def no_labels(self) -> str | None:
        """How a cell shows that an example has none of the labels; None where each has one."""

    @property
    def fewest(self) -> int:
        """The fewest test examples that can be scored."""

    @property
    def network(self) -> str:
        """What messages call the network of a task that always trains one, with validation; empty for other tasks."""

    @property
    def why(self) -> str:
        """Why these labels ask for this task."""

    def flaw(self, label: Label) -> Flaw | None:
        """Tell why a label cannot be encoded, if that is so."""

    def encode(self, labels: Sequence[object]) -> Targets:
        """Turn N labels into targets."""

    def strata(self, labels: Sequence[Label]) -> NDArray[Any] | None:
        """The class of each of N examples, of which each part is to have the same share, or None."""

    def indices(self, label: Label) -> tuple[int, ...]:
        """Which of the names a label holds."""


FindLabels: TypeAlias = Callable[[Sequence[Label]], LabelEncoder]
"""Learns from the training labels how labels are encoded; raises a UserError where nothing can be learned."""


def label_of(value: object) -> Label | Flaw:
    """Turn a cell into a label: a text as it is written, several where it is a list, or tell what is wrong with it.

    Example:
        >>> label_of(" good "), label_of(2.0), label_of(True), label_of(["a", "b"])
        ('good', '2', 'true', ('a', 'b'))
        >>> label_of("").detail
        'the label is missing'
    """
    value = value.item() if isinstance(value, np.generic) else value
    if isinstance(value, list | tuple | set | frozenset):
        if any(isinstance(item, list | tuple | set | frozenset) for item in value):
            return Flaw(Reason.TYPE, "the label is a list of lists")
        several = [label_of(item) for item in value]
        flaw = next((label for label in several if isinstance(label, Flaw)), None)
        return flaw or tuple(dict.fromkeys(label for label in several if isinstance(label, str)))
    if value is None or (isinstance(value, str) and not value.strip()):
        return Flaw(Reason.NO_VALUE, "the label is missing")
    if isinstance(value, str):
        return type(value)(value.strip()) if isinstance(value, WrittenNumber) else value.strip()
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float | Decimal):
        if not math.isfinite(value):
            return Flaw(Reason.NOT_FINITE, f"the label is {value}")
        return str(int(value)) if value == int(value) else str(value)
    return Flaw(Reason.TYPE, f"the label is a {type(value).__name__}, neither text nor number nor a list")


def label_of_cell(value: object) -> Label | Flaw:
    """Turn a cell of a table into a label, as `label_of` does, but read a list written as text as several labels.

    Example:
        >>> label_of_cell('["a", "b"]'), label_of_cell("good")
        (('a', 'b'), 'good')
    """
    return label_of(list_in(value))


def list_in(cell: Any) -> Any:
    """The list of texts or numbers that a text holds, as JSON or pandas writes it; any other cell as it is.

    Example:
        >>> list_in('["a", 1]'), list_in("['a', 'b']"), list_in("[]"), list_in("[a]")
        (['a', 1], ['a', 'b'], [], '[a]')
    """
    if not isinstance(cell, str) or not _LIST.fullmatch(cell):
        return cell
    try:
        return json.loads(cell)
    except ValueError:
        pass
    try:
        return cell if "\\" in cell else ast.literal_eval(cell.strip())
    except (SyntaxError, ValueError):  # such as a line break within quotes
        return cell


def flaws_of(
    labels: Sequence[Label], flaw: Callable[[Label], Flaw | None], column: str | None = None
) -> dict[int, Flaw]:
    """What `flaw` says is wrong with labels, by their positions; `column` is the one that they are in."""
    by_label = {label: flaw(label) for label in dict.fromkeys(labels)}
    if not any(by_label.values()):
        return {}
    found = ((position, by_label[label]) for position, label in enumerate(labels))
    return {position: replace(flaw, column=column or flaw.column) for position, flaw in found if flaw is not None}


def type_of(value: object) -> str:
    """Name the type of a cell as far as labels must not mix types."""
    value = value.item() if isinstance(value, np.generic) else value
    if isinstance(value, list | tuple | set | frozenset):
        return "a list"
    if isinstance(value, dict):
        return "an object"
    if isinstance(value, bool):
        return "a truth value"
    return "text" if isinstance(value, str) else "a number"


def as_number(label: Label) -> float | None:
    """Return the finite number that a label is, or None.

    Example:
        >>> as_number("2.5"), as_number("1e3"), as_number("inf"), as_number("good")
        (2.5, 1000.0, None, None)
    """
    if isinstance(label, tuple) or "_" in str(label):  # Python takes 1_000 for a number; no file means that
        return None
    try:
        number = float(label)
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def shown(label: Hashable) -> str:
    """Show a label in a sentence, cut where it is long."""
    text = ", ".join(label) if isinstance(label, tuple) else str(label)
    return text if len(text) <= 40 else f"{text[:37]}..."


def checked_label(value: object, position: int) -> Label:
    """Turn a value into a label.

    Raises:
        UserError: it is missing or cannot be a label; names its position, from 1.
    """
    label = label_of(value)
    if isinstance(label, Flaw):
        raise UserError(f"Label {position}: {label.detail}.")
    return label


def checked_names(names: Any) -> tuple[str, ...]:
    """Check names of labels that were read from a file.

    Raises:
        ValueError: they are not a list of different texts.
    """
    if not isinstance(names, list | tuple) or not all(isinstance(name, str) for name in names):
        raise ValueError("the names are not a list of texts")
    if len(set(names)) != len(names):
        raise ValueError("a name is there twice")
    return tuple(names)


def unknown_label(name: str, names: Sequence[str]) -> str:
    """The message that a label does not occur in training, and which labels do."""
    return f"the label {shown(name)!r} does not occur in training (known: {first_few(names, _SHOWN)})"


def in_order(names: Iterable[Label]) -> tuple[str, ...]:
    """Sort names: numbers first, by value, then the others alphabetically.

    Example:
        >>> in_order({"10", "9", "none"})
        ('9', '10', 'none')
    """

    def key(name: Label) -> tuple[bool, float, str]:
        number = as_number(name)
        return number is None, number if number is not None else 0.0, str(name)

    return tuple(map(str, sorted(names, key=key)))
