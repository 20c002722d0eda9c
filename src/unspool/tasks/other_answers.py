"""Reads the answers of other programs as labels, numbers and probabilities."""

import json
from collections.abc import Hashable, Sequence
from typing import TYPE_CHECKING, Any

from unspool.data.labels import Label, as_number, label_of, shown
from unspool.data.tables.problems import Flaw
from unspool.data.tables.writing import without_apostrophe
from unspool.data.tables.written_numbers import without_decimals

if TYPE_CHECKING:
    from unspool.tasks.base import Task


class UnusableAnswer(Exception):
    """An answer of another program cannot be used.

    Attributes:
        position: of the example, counted from 0.
        why: the reason, as a clause.
    """

    def __init__(self, position: int, why: str) -> None:
        super().__init__(why)
        self.position, self.why = position, why


def labels_of_answers(task: "Task", answers: Sequence[Any]) -> list[Label]:
    """N answers as labels that a task knows, without the apostrophe that `predict` puts before a formula.

    Raises:
        UnusableAnswer: one is missing, or is not a label that occurs in training.
    """
    known: dict[Any, Label] = {}
    found = []
    for position, answer in enumerate(answers):
        label = known.get(answer) if isinstance(answer, Hashable) else None
        if label is None:
            label = _label(task, answer, position)
            if isinstance(answer, Hashable):
                known[answer] = label
        found.append(label)
    return found


def _label(task: "Task", answer: Any, position: int) -> Label:
    label = label_of(answer)
    if isinstance(label, Flaw):
        raise UnusableAnswer(position, label.detail.replace("label", "prediction"))
    flaw = task.flaw(label)
    if flaw is None:
        return label
    for plain in (without_apostrophe(label), without_decimals(label)):
        if isinstance(plain, str) and plain != label and task.flaw(plain) is None:
            return plain
    folded = str(label).strip().casefold()
    alike = [name for name in task.names if name.casefold() == folded]
    if len(alike) == 1 and task.flaw(alike[0]) is None:  # "True" of one program is "true" of another
        return alike[0]
    raise UnusableAnswer(position, f"the prediction is {shown(label)!r}, but {flaw.detail}")


def number_of_answer(answer: Any, position: int) -> float:
    """An answer as a finite number.

    Raises:
        UnusableAnswer: it is not one.
    """
    label = label_of(answer)
    if isinstance(label, Flaw):
        raise UnusableAnswer(position, label.detail.replace("label", "prediction"))
    number = as_number(label)
    if number is None:
        raise UnusableAnswer(position, f"the prediction {shown(label)!r} is not a finite number")
    return number


def probability_of(cell: Any, position: int, what: str = "the probability") -> float:
    """A cell as a probability.

    Args:
        cell: the cell of a table.
        position: of the example, counted from 0.
        what: what to call it in messages.

    Raises:
        UnusableAnswer: it is not one.
    """
    label = label_of(cell)
    number = None if isinstance(label, Flaw) else as_number(label)
    if number is None:
        said = label.detail.replace("the label", what) if isinstance(label, Flaw) else f"{what} is {shown(label)!r}"
        raise UnusableAnswer(position, f"{said}, and a number between 0 and 1 was expected")
    if isinstance(label, str) and "%" in label:
        number /= 100
    if not 0 <= number <= 1:
        percent = ". Divide percentages by 100" if 1 < number <= 100 else ""
        raise UnusableAnswer(position, f"{what} is {number:g}, which does not lie between 0 and 1{percent}")
    return number


def from_json(cell: Any) -> Any:
    """The list or object that a cell of CSV holds as JSON; any other cell as it is."""
    if not isinstance(cell, str) or not cell.lstrip().startswith(("[", "{")):
        return cell
    try:
        return json.loads(cell)
    except ValueError:
        return cell
