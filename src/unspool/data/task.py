"""What a label column asks for, read from its labels: a class, several at once, or a number."""

import math
from collections import Counter
from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

import numpy as np

from unspool.data.tables.problems import Flaw, Reason
from unspool.errors import UserError

Task = Literal["binary", "multiclass", "multilabel", "regression"]
Label = str | tuple[str, ...]
"""A label as text, or several of them."""

TASKS: dict[Task, str] = {
    "binary": "one of two labels",
    "multiclass": "one of several labels",
    "multilabel": "any number of labels at once",
    "regression": "a number",
}
"""Every task, in words."""

SEPARATORS = "|;"
MOST_NUMBERED_CLASSES = 20
"""Different whole numbers that are taken as classes; with more of them, the label is a quantity."""
MOST_CLASSES = 1000
_NUMBERS_SHARE = 0.9  # of the labels must be numbers for the others to be mistakes


@dataclass(frozen=True, slots=True)
class FoundTask:
    """A task, and why it is that one.

    Attributes:
        task: what is to be predicted.
        why: in words.
        separator: what parts several labels that stand in one text; None where they are lists, or single.
    """

    task: Task
    why: str
    separator: str | None = None


def label_of(value: object) -> Label | Flaw:
    """Turn a cell into a label: a text, or several where it is a list, or tell what is wrong with it.

    Example:
        >>> label_of(" good "), label_of(2.0), label_of(True), label_of(["a", "b"])
        ('good', '2', 'true', ('a', 'b'))
        >>> label_of("").detail
        'the label is missing'
    """
    value = value.item() if isinstance(value, np.generic) else value
    if isinstance(value, list | tuple | set | frozenset):
        several = [label_of(item) for item in value]
        flaw = next((label for label in several if isinstance(label, Flaw)), None)
        return flaw or tuple(dict.fromkeys(label for label in several if isinstance(label, str)))
    if value is None or (isinstance(value, str) and not value.strip()):
        return Flaw(Reason.NO_VALUE, "the label is missing")
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | float | Decimal):
        if not math.isfinite(value):
            return Flaw(Reason.NOT_FINITE, f"the label is {value}")
        return str(int(value)) if value == int(value) else str(value)
    return Flaw(Reason.TYPE, f"the label is a {type(value).__name__}, neither text nor number nor a list")


def type_of(value: object) -> str:
    """Name the type of a cell as far as labels must not mix types."""
    value = value.item() if isinstance(value, np.generic) else value
    if isinstance(value, list | tuple | set | frozenset):
        return "a list"
    if isinstance(value, bool):
        return "a truth value"
    return "text" if isinstance(value, str) else "a number"


def as_number(label: Label) -> float | None:
    """Return the finite number that a label is, or None.

    Example:
        >>> as_number("2.5"), as_number("1e3"), as_number("inf"), as_number("good")
        (2.5, 1000.0, None, None)
    """
    if isinstance(label, tuple) or "_" in label:  # Python takes 1_000 for a number; no file means that
        return None
    try:
        number = float(label)
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def find_task(labels: Iterable[Label], forced: Task | None = None) -> FoundTask:
    """Read the task from the labels of the training examples.

    Lists, and texts with `|` or `;` in them, are several labels at once. Two different labels are binary. More than 20
    different numbers, or any that is not whole, are a quantity (if at least 9 in 10 labels are numbers); fewer, and
    texts that recur, are classes.

    Args:
        labels: of N examples, from `label_of`.
        forced: the task that it must be.

    Raises:
        UserError: there is but one label or none, the forced task does not suit them, or they are neither numbers nor
            classes.

    Example:
        >>> find_task(["neg", "pos", "neg"]).why
        'there are two labels, neg and pos'
        >>> find_task(["drama", "comedy|drama"])
        FoundTask(task='multilabel', why='labels such as comedy|drama hold "|"', separator='|')
    """
    if forced is not None and forced not in TASKS:
        raise UserError(f"There is no task {forced!r}: it is one of {', '.join(TASKS)}.")
    counts = Counter(labels)
    if not counts:
        raise UserError("There are no labels. Give some examples.")
    found = _several_at_once(counts)
    if forced is None and found is not None:
        return found
    if len(counts) == 1 and not (found and forced == "multilabel"):
        raise UserError(
            f"Nothing can be learned from one label: all {counts.total():,} examples have the label "
            f"{shown(next(iter(counts)))}. Give examples of at least two."
        )
    if forced is not None:
        return _forced(forced, counts, found)
    return _single(counts)


def shown(label: Hashable) -> str:
    """Show a label in a sentence, cut where it is long."""
    text = ", ".join(label) if isinstance(label, tuple) else str(label)
    return text if len(text) <= 40 else f"{text[:37]}..."


def _several_at_once(counts: Counter[Label]) -> FoundTask | None:
    if any(isinstance(label, tuple) for label in counts):
        return FoundTask("multilabel", "labels are lists")
    for separator in SEPARATORS:
        for label in counts:
            if separator in label:
                return FoundTask("multilabel", f'labels such as {shown(label)} hold "{separator}"', separator)
    return None


def _forced(task: Task, counts: Counter[Label], found: FoundTask | None) -> FoundTask:
    why = "it was asked for"
    if task == "multilabel":
        return FoundTask(task, why, found.separator if found else None)
    if any(isinstance(label, tuple) for label in counts):
        raise UserError(f"The task {task} asks for one label an example, but labels are lists. Use multilabel.")
    if task == "binary" and len(counts) != 2:
        raise UserError(f"The task binary asks for two labels, but there are {len(counts):,}. Use multiclass.")
    if task == "regression" and not any(as_number(label) is not None for label in counts):
        raise UserError(f"The task regression asks for numbers, but labels are such as {shown(next(iter(counts)))}.")
    return FoundTask(task, why)


def _single(counts: Counter[Label]) -> FoundTask:
    if len(counts) == 2:
        first, second = sorted(map(shown, counts))
        return FoundTask("binary", f"there are two labels, {first} and {second}")
    numbers = {label: number for label in counts if (number := as_number(label)) is not None}
    share = sum(counts[label] for label in numbers) / counts.total()
    if share >= _NUMBERS_SHARE:
        if not all(number == int(number) for number in numbers.values()):
            return FoundTask("regression", "labels are numbers that are not all whole")
        if len(numbers) > MOST_NUMBERED_CLASSES:
            return FoundTask("regression", f"labels are {len(numbers):,} different whole numbers")
        if len(numbers) == len(counts):
            return FoundTask("multiclass", f"labels are only {len(numbers)} different whole numbers")
    if len(counts) > MOST_CLASSES or 2 * len(counts) > counts.total():
        raise UserError(
            f"{counts.total():,} examples have {len(counts):,} different labels, such as "
            f"{shown(next(iter(counts)))}: these are neither classes nor numbers. Name another label column."
        )
    return FoundTask("multiclass", f"there are {len(counts)} different labels")
