"""How many test examples two models classify correctly, both of them or only one."""

from collections.abc import Mapping
from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import NDArray

from unspool.evaluation.compared import Agreement
from unspool.evaluation.contenders import Answers
from unspool.evaluation.scoring import cut_at


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
