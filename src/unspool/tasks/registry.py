"""Every task, found by its name or by the labels."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from os import PathLike
from pathlib import Path

from unspool.data.definitions import altered, read_definition
from unspool.data.labels import Label, shown
from unspool.errors import AdvisedError, UserError
from unspool.evaluation.measures.measure import Measure
from unspool.evaluation.result import Result
from unspool.files import DAMAGE
from unspool.tasks.base import WHAT, Task
from unspool.tasks.binary import Binary
from unspool.tasks.captions import Captions
from unspool.tasks.forecasting import Forecasting
from unspool.tasks.multiclass import Multiclass
from unspool.tasks.multilabel import Multilabel
from unspool.tasks.pronunciation import Pronunciation
from unspool.tasks.reconstruction import Reconstruction
from unspool.tasks.regression import Regression
from unspool.tasks.summary import Summary
from unspool.tasks.super_resolution import SuperResolution
from unspool.tasks.tagging import Tagging
from unspool.tasks.translation import Translation

TASKS: dict[str, type[Task]] = {
    one.name: one
    for one in (
        Binary,
        Multiclass,
        Multilabel,
        Regression,
        Reconstruction,
        Tagging,
        Translation,
        Pronunciation,
        Summary,
        Captions,
        Forecasting,
        SuperResolution,
    )
}
"""By name."""

OF_PAIRS: dict[str, type[Translation]] = {
    name: one for name, one in TASKS.items() if issubclass(one, Translation) and one is not Captions
}
"""Those that read pairs of texts, by name."""

_RECOGNISED = (Multilabel, Binary, Regression, Multiclass)
"""In the order in which labels are held against them."""


def task_named(name: str) -> type[Task]:
    """Return a task by its name.

    Raises:
        UserError: there is none.
    """
    if name not in TASKS:
        raise UserError(f"There is no task {name!r}: it is one of {', '.join(TASKS)}.")
    return TASKS[name]


def find_task(labels: Sequence[Label], forced: str | None = None) -> Task:
    """Read the task from the labels of the training examples, and learn from them.

    Lists, texts with `|` or `;` in them, and texts that combine the same names with commas are several labels at once.
    Two different labels are binary. More than 20 different numbers, or any that is not whole, are a quantity (if at
    least 9 in 10 labels are numbers); fewer, and texts that recur, are classes.

    Raises:
        UserError: there is but one label or none, the forced task does not suit them, or they are neither numbers nor
            classes.

    Example:
        >>> find_task(["neg", "pos", "neg"]).why
        'there are two labels, neg and pos'
        >>> find_task(["drama", "comedy|drama"])
        Multilabel(names=('comedy', 'drama'), separator='|')
    """
    asked = task_named(forced) if forced is not None else None
    if asked is not None and not asked.counts_labels:
        return asked.learn(labels)
    counts = Counter(labels)
    if not counts:
        raise UserError("There are no labels. Give some examples.")
    several = Multilabel.recognise(counts)
    if len(counts) == 1 and asked is not Tagging and not (several and asked in (None, Multilabel)):
        raise AdvisedError(
            f"Nothing can be learned from one label: "
            f"{f'all {counts.total():,} examples have' if counts.total() > 1 else 'the only example has'} the label "
            f"{shown(next(iter(counts)))}.",
            "Give examples of at least two.",
        )
    if asked is not None:
        asked.refuse(counts)
        return asked.learn(labels)
    found = next((task, why) for task in _RECOGNISED if (why := task.recognise(counts)))
    return replace(found[0].learn(labels), why=found[1])


def task_of(result: Result) -> Task:
    """The task of a finished run, with its labels, as far as its record tells.

    Example:
        >>> from unspool.tasks.reconstruction import Reconstruction
        >>> Reconstruction(likelihood="gaussian").headline
        'mse'
    """
    task = task_named(result.task)
    if issubclass(task, Reconstruction):
        grey = result.test.get("cross_entropy") is not None
        return task(result.data.label_names, likelihood="bernoulli" if grey else "gaussian")
    return task(result.data.label_names)


def measures_named(task: str, names: Iterable[str]) -> dict[str, Measure]:
    """Some of a task's measures, by the task's name and their own."""
    known = task_named(task).known_measures()
    return {name: known[name] for name in names}


def load_task(path: str | PathLike[str]) -> Task:
    """Read what `Task.save` wrote.

    Raises:
        UserError: there is no such file, it is cut short, or it is something else.
    """
    content = read_definition(path, WHAT)
    try:
        if content["task"] not in TASKS:
            raise ValueError(f"there is no task {content['task']!r}")
        task = TASKS[content["task"]].from_content(content)
    except DAMAGE as error:
        raise altered(path, WHAT, error) from error
    return task.with_learned(Path(path).parent)
