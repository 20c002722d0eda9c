"""What an estimator was fitted to and how that went: what a run's folder needs beside the model."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from unspool.data.tables.split_names import PARTS, Part
from unspool.estimators.inputs import Sequences
from unspool.estimators.settings import Settings
from unspool.runs.recipes.recipe import TrainingSettings
from unspool.runs.records.seen import Seen, fingerprints


@dataclass(frozen=True, eq=False)
class Fitted:
    """N sequences, which the estimator refers to as long as it is neither pickled nor copied.

    Attributes:
        sequences: as they were read.
        labels: gives their N labels as a file has them; None where there are none.
        held_out: the rows of the validation part.
        weighted: whether they were given weights, which no recipe can say.
        prints: (N,) fingerprints of the sequences.
        settings: of the estimator.
        training: how they were trained on.
        seconds: how long that took.
        log: the state of the training's `TrainingLog`.
    """

    sequences: Sequences = field(repr=False)
    labels: Callable[[], Sequence[Any]] | None = field(repr=False)
    held_out: NDArray[np.int64] = field(repr=False)
    weighted: bool
    prints: NDArray[np.int64] = field(repr=False)
    settings: Settings
    training: TrainingSettings
    seconds: float
    log: dict[str, Any] = field(repr=False)

    @property
    def parts(self) -> list[Part]:
        """What each of the N sequences was for."""
        parts = np.zeros(len(self.sequences), dtype=np.int64)
        parts[self.held_out] = PARTS.index("validation")
        return [PARTS[part] for part in parts]

    @property
    def seen(self) -> Seen:
        """The fingerprints of both parts."""
        rest = np.ones(len(self.prints), dtype=bool)
        rest[self.held_out] = False
        return Seen.of(self.prints[rest], self.prints[self.held_out])

    @property
    def has_changed(self) -> bool:
        """Whether a sequence has been changed in place since."""
        return not np.array_equal(fingerprints(self.sequences.items), self.prints)
