"""Examples of which some arrays are ragged: which of them grow together, how they are padded, what each step weighs."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from unspool.data.padding import pad
from unspool.training.examples import Examples, StepWeights, is_ragged
from unspool.training.places import first_not_finite


def with_step_weights(examples: Examples) -> Examples:
    """The same examples with `StepWeights` beside each ragged target; weights of one for even targets beside them."""
    if not examples.by_step:
        return examples
    y, given = keras.tree.flatten(examples.y), keras.tree.flatten(examples.sample_weight)
    if len(given) == 1:
        given *= len(y)
    weights = [_weights_beside(target, weight) for target, weight in zip(y, given, strict=True)]
    return type(examples)(examples.x, examples.y, keras.tree.pack_sequence_as(examples.y, weights))


def _weights_beside(target: Any, given: Any) -> Any:
    if target is None:
        return None
    if is_ragged(target):
        return StepWeights(target.lengths, given, len(target) / max(1, int(target.lengths.sum())))
    return np.ones(len(target), keras.config.floatx()) if given is None else given


def check_weights(examples: Examples, name: str = "sample_weight") -> None:
    """Raise where weights are not finite, or do not fit ragged targets.

    Args:
        examples: with weights.
        name: what to call the weights in messages.

    Raises:
        ValueError: a weight is NaN or infinite, and so the loss would be NaN; weights of steps whose lengths are not
            their targets', or beside targets that are even; weights of a padded array beside ragged targets.
    """
    y, given = keras.tree.flatten(examples.y), keras.tree.flatten(examples.sample_weight)
    for target, weight in zip(y, given * len(y) if len(given) == 1 else given, strict=True):
        if weight is None:
            continue
        if found := first_not_finite(weight):
            raise ValueError(f"{name} has {found}: the loss would be NaN. To leave an example out, give it 0")
        if is_ragged(weight) and not (is_ragged(target) and np.array_equal(weight.lengths, target.lengths)):
            raise ValueError("a ragged sample_weight needs ragged targets of the same lengths")
        if is_ragged(target) and not is_ragged(weight) and weight.size != len(target):
            raise ValueError(
                f"sample_weight has the shape {weight.shape}, but the targets are ragged: give a weight for each "
                "example, (N,), or a Ragged with one for each step"
            )


@dataclass(frozen=True, eq=False)
class LengthGroups:
    """The ragged leaves of examples, those of equal lengths together: they are padded alike.

    A text and its tags are one group; the source and the target of a translation are two.

    Attributes:
        lengths: for each group the lengths, (N,), of its sequences; the group of the first ragged input first.
        of_leaf: for each leaf of x, y and sample weights the number of its group; None where it is even.
    """

    lengths: list[NDArray[np.int64]]
    of_leaf: list[int | None]

    @classmethod
    def of(cls, examples: Examples) -> "LengthGroups":
        """Find the groups."""
        lengths: list[NDArray[np.int64]] = []
        of_leaf: list[int | None] = []
        for leaf in _leaves(examples):
            if not is_ragged(leaf):
                of_leaf.append(None)
                continue
            known = (number for number, some in enumerate(lengths) if np.array_equal(some, leaf.lengths))
            number = next(known, len(lengths))
            if number == len(lengths):
                lengths.append(leaf.lengths)
            of_leaf.append(number)
        return cls(lengths, of_leaf)

    def padded(self, examples: Examples, lengths: tuple[int, ...]) -> Examples:
        """The examples, or some taken of them, with arrays for ragged leaves.

        Args:
            examples: whose leaves are those that the groups were made of.
            lengths: of each group, what its sequences are padded to.

        Returns:
            Arrays (N, L, ...), padded in front: ids and targets with 0, numbers that a model reads with NaN, as
            `models.pad_series` does, so that a model which reads padding cannot go unnoticed.
        """
        inputs = len(keras.tree.flatten(examples.x))
        leaves = [
            leaf if group is None else _padded(leaf, lengths[group], is_input=number < inputs)
            for number, (leaf, group) in enumerate(zip(_leaves(examples), self.of_leaf, strict=True))
        ]
        parts = []
        for part in (examples.x, examples.y, examples.sample_weight):
            count = len(keras.tree.flatten(part))
            parts.append(keras.tree.pack_sequence_as(part, leaves[:count]))
            leaves = leaves[count:]
        return type(examples)(*parts)

    def numbers_a_row(self, examples: Examples, lengths: tuple[int, ...]) -> int:
        """How many numbers the ragged leaves of one example take once they are padded."""
        leaves = zip(_leaves(examples), self.of_leaf, strict=True)
        return sum(lengths[group] * _width(leaf) for leaf, group in leaves if group is not None)


def _leaves(examples: Examples) -> Iterator[Any]:
    for part in (examples.x, examples.y, examples.sample_weight):
        yield from keras.tree.flatten(part)


def _padded(leaf: Any, length: int, is_input: bool) -> NDArray[Any]:
    if isinstance(leaf, StepWeights):
        return leaf.padded(length)
    loaded = leaf.load()
    return pad(loaded, length, value=np.nan if is_input and loaded.flat.dtype.kind == "f" else 0)


def _width(leaf: Any) -> int:
    return 1 if isinstance(leaf, StepWeights) else leaf.width
