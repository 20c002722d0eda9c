"""How many test examples two models classify correctly, both of them or only one."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import NDArray

from unspool.evaluation.contenders import Answers
from unspool.evaluation.scoring import cut_at


@dataclass(frozen=True, slots=True)
class Agreement:
    """How many test examples two models classify correctly.

    Attributes:
        first: a model.
        second: another.
        both: examples on which both are right.
        first_only: on which only the first is right.
        second_only: on which only the second is right.
        neither: on which both are wrong, alike or not.
    """

    first: str
    second: str
    both: int
    first_only: int
    second_only: int
    neither: int

    @property
    def words(self) -> str:
        """The same as a plain sentence.

        Example:
            >>> Agreement("a", "b", 1200, 3, 10, 0).words
            'Of the 1,213 test examples, a and b are both right on 1,200, only a on 3, only b on 10, and neither on 0.'
        """
        examples = self.both + self.first_only + self.second_only + self.neither
        return (
            f"Of the {examples:,} test examples, {self.first} and {self.second} are both right on {self.both:,}, only "
            f"{self.first} on {self.first_only:,}, only {self.second} on {self.second_only:,}, and neither on "
            f"{self.neither:,}."
        )


def agreements_of(decided: Mapping[str, NDArray[np.int64]], targets: NDArray[Any]) -> tuple[Agreement, ...]:
    """Count them for each pair of models.

    Args:
        decided: (N,) classes by model.
        targets: (N,) the true classes.

    Example:
        >>> decided = {"one": np.array([0, 1, 1]), "other": np.array([0, 0, 0])}
        >>> agreements_of(decided, np.array([0, 1, 0]))
        (Agreement(first='one', second='other', both=1, first_only=1, second_only=1, neither=0),)
    """
    right = {name: classes == targets for name, classes in decided.items()}
    return tuple(
        Agreement(
            first,
            second,
            *(int(some.sum()) for some in (ours & theirs, ours & ~theirs, ~ours & theirs, ~(ours | theirs))),
        )
        for (first, ours), (second, theirs) in combinations(right.items(), 2)
    )


def decided_classes(answers: Answers) -> NDArray[np.int64]:
    """The class of each example, (N,), that outputs decide for: (N,) of two labels, or (N, K) of K.

    Example:
        >>> decided_classes(Answers(np.array([0.2, 0.6]), 0.7)).tolist()
        [0, 0]
        >>> decided_classes(Answers(np.array([[0.2, 0.5, 0.3]]), None)).tolist()
        [1]
    """
    outputs = answers.outputs
    return outputs.argmax(axis=1) if outputs.ndim > 1 else (outputs >= cut_at(answers.threshold)).astype(np.int64)
