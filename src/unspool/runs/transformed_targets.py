"""Square roots or logarithms that models learn instead of numbers, in words."""

from unspool.candidates.examples import Examples
from unspool.candidates.registry import Kind
from unspool.candidates.transformation_choice import Gain, transformed
from unspool.evaluation.wording import significant
from unspool.progress import spinner
from unspool.runs.reading.preparation import Say
from unspool.tasks import Regression


def transformed_targets(kind: Kind, examples: Examples, label: str | None, say: Say) -> tuple[Examples, str]:
    """Transform targets if that helps, see `transformed`, and say what the models learn.

    Args:
        kind: of the examples.
        examples: to learn from.
        label: the column of the numbers, or None.
        say: called with a line if the targets are transformed.

    Returns:
        The examples with the targets to learn, and that line; empty if they are the numbers themselves.
    """
    if examples.task != Regression.name:
        return examples, ""
    with spinner("comparing numbers, square roots and logarithms as targets"):
        found, gain = transformed(kind, examples)
    words = transformation_in_words(gain, label)
    if words:
        say(words)
    return found, words


def transformation_in_words(gain: Gain | None, label: str | None = None) -> str:
    """What the models learn, and why; empty if they learn the numbers themselves.

    Args:
        gain: what it gains.
        label: the column of the numbers, or None.

    Example:
        >>> gain = Gain("logarithm", 767.2, 1172.6, "root mean squared error")
        >>> transformation_in_words(gain, "price").partition(": ")[0]
        'The models learn the logarithm of price'
        >>> transformation_in_words(gain)[-55:]
        'with a root mean squared error of 767 instead of 1,173.'
    """
    if gain is None:
        return ""
    return (
        f"The models learn the {gain.kind} of {label or 'the number'}: simple models then predict held-out training "
        f"examples with a {gain.measure} of {significant(gain.error)} instead of {significant(gain.before)}."
    )
