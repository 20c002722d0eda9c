"""A task as a whole: its name, and how it is saved."""

from abc import ABC
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from os import PathLike
from pathlib import Path
from typing import Any, ClassVar, Self

from numpy.typing import NDArray

from unspool.data.definitions import write_definition
from unspool.data.labels import checked_names
from unspool.errors import UserError
from unspool.tasks.base.decisions import TaskDecisions
from unspool.tasks.base.evaluation import TaskEvaluation
from unspool.tasks.base.labels import TaskLabels
from unspool.tasks.base.network import TaskNetwork

FILE = "labels.json"
WHAT = "label codec"
"""The kind of that file, as its content names it since the first version."""

_UNSAVED = ("why", "suited_measure")


@dataclass(frozen=True)
class Task(TaskLabels, TaskNetwork, TaskDecisions, TaskEvaluation, ABC):
    """What is predicted, and all that depends on it: labels, head, loss, decision, measures, baselines, figures.

    Attributes:
        names: of labels 0, 1, ..., if there are labels.
        why: why this task was chosen, in words; not saved.
        suited_measure: what a verdict on a file should rest on, by what is in it; None is the first measure; not saved.
    """

    names: tuple[str, ...] = ()
    why: str = field(default="it was set", compare=False, repr=False, kw_only=True)
    suited_measure: str | None = field(default=None, compare=False, repr=False, kw_only=True)

    name: ClassVar[str]
    """Its name in `--task` and labels.json."""
    title: ClassVar[str]
    """Its name in a sentence."""
    pipeline_of_texts: ClassVar[str] = ""
    """The name of the task on model hubs for models of texts; empty if they have none."""
    pipeline_of_series: ClassVar[str] = ""
    """The same for models of series."""

    def searching(self, beam: int | None = None, length_penalty: float | None = None) -> Self:
        """The same task with another width or length penalty of the beam search; None leaves it as it is.

        Raises:
            UserError: the task has no beam search, or a value is out of bounds.
        """
        if beam is None and length_penalty is None:
            return self
        given = "A length penalty" if beam is None else "A beam"
        raise UserError(f"{given} is for models that translate; the task of this one is {self.name}. Leave it out.")

    # Saving

    beside: ClassVar[tuple[str, ...]] = ()
    """The fields that `save` writes to separate files."""

    def save(self, path: str | PathLike[str]) -> None:
        """Write it to a JSON file, atomically, and arrays that it has learned to files beside it."""
        content = {name: value for name, value in asdict(self).items() if name not in (*_UNSAVED, *self.beside)}
        write_definition(path, WHAT, {"task": self.name} | content)

    @property
    def learned(self) -> dict[str, NDArray[Any]]:
        """The arrays that `completed` has added, by name."""
        return {}

    def with_learned(self, folder: Path) -> Self:
        """The same with the arrays that `save` wrote to separate files in a folder.

        Raises:
            UserError: such a file is missing or damaged.
        """
        return self

    @classmethod
    def from_content(cls, content: Mapping[str, Any]) -> Self:
        """Make a task from the content of the JSON file that `save` wrote.

        Raises:
            KeyError, TypeError, ValueError: the content was altered.
        """
        names = [one.name for one in fields(cls) if one.name not in (*_UNSAVED, *cls.beside)]
        known = {name: content[name] for name in names if name in content}
        if "names" in known:
            known["names"] = checked_names(known["names"])
        return cls(**known, why="as it was trained")
