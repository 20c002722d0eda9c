"""The scores of its model on a page."""

from dataclasses import dataclass
from typing import Any

from unspool.export.comparison import in_words, predicts_numbers
from unspool.tasks import task_named

_WRITTEN = {"translation": ("translation", "pronunciation", "summary", "captions")}
"""Tasks that are one kind of portable model: which of them a model is for, its scores say."""


@dataclass(frozen=True, slots=True)
class ShownScore:
    """A score in words.

    Attributes:
        name: of the measure.
        value: as people read it.
        interval: its 95% interval, or empty.
    """

    name: str
    value: str
    interval: str = ""


def shown_scores(task: str, test: dict[str, Any], first: str | None = None) -> list[ShownScore]:
    """The scores on the test set.

    Args:
        task: its name.
        test: the scores by name, as the record of a run has them.
        first: the measure to list first, the one that the verdict rests on; None keeps the task's order.

    Example:
        >>> shown_scores("binary", {"examples": 50, "accuracy": 0.9, "accuracy_ci": [0.85, 0.94]})
        [ShownScore(name='accuracy', value='90.0%', interval='85.0% to 94.0%')]
    """
    found = []
    known = {
        name: one for kind in _WRITTEN.get(task, (task,)) for name, one in task_named(kind).known_measures().items()
    }
    for name, measure in sorted(known.items(), key=lambda one: one[0] != first):
        if test.get(name) is None:
            continue
        interval = test.get(f"{name}_ci")
        said = " to ".join(measure.say(float(end)) for end in interval) if interval else ""
        found.append(ShownScore(measure.title, measure.say(float(test[name])), said))  # "Infinity" is a text in JSON
    return found


def outcome_of(verdict: dict[str, Any]) -> str:
    """How a run stands beside the baseline of its verdict: "better", "worse", or "open".

    Example:
        >>> outcome_of({"beats_baseline": False, "difference_ci": [-0.02, 0.01]})
        'open'
    """
    if verdict["beats_baseline"]:
        return "better"
    low, high = map(float, verdict["difference_ci"])
    return "open" if low <= 0 <= high else "worse"


def reduction_in_words(reduced: dict[str, Any], task: str) -> str:
    """How a page describes a model that was made smaller.

    Args:
        reduced: as `Reduction.described` gives it.
        task: the kind of the portable model's task.

    Example:
        >>> change = {"count": 5000, "changed": 7, "largest": 0.004}
        >>> reduction_in_words({"weights": "int8", "kept": 1.0, "golden": change, "test": change}, "binary")
        'The model in this page is rounded to int8: 7 of 5,000 test answers have another label than before.'
    """
    test, how = reduced["test"], in_words(reduced["weights"], reduced["kept"])
    said = f"The model in this page is {how}"
    if not test:
        return f"{said}."
    if predicts_numbers(task):
        return f"{said}: in {test['count']:,} test answers, no number changes by more than {test['largest']:.2g}."
    if task == "translation":  # or a caption, a summary, a pronunciation
        return f"{said}: for {test['changed']:,} of {test['count']:,} test examples it writes another text than before."
    return f"{said}: {test['changed']:,} of {test['count']:,} test answers have another label than before."
