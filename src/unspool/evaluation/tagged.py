"""Some test examples with the tag of each token or step, true and predicted, for a report to show."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class TaggedExample:
    """One example.

    Attributes:
        tokens: T of them, as they were read; of a series the numbers of its steps.
        truth: the tag of each.
        predicted: the same, as the model has it.
    """

    tokens: tuple[str, ...]
    truth: tuple[str, ...]
    predicted: tuple[str, ...]


TaggedExamples = tuple[TaggedExample, ...]
