"""The outcome of a comparison of candidates, of texts, series or forecasts."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

Outputs = NDArray[np.float64]
Model = TypeVar("Model")

BUDGET = 300.0
"""Seconds that choosing a model may take, unless another budget is given."""
OVER_BUDGET = "it would have taken longer than the budget"
"""Why a candidate was not tried, or was given up."""
NO_TIME = "no time was left for it"
"""Why one was not tried after others had taken all of the budget."""


def too_long_to_fit(seconds: float, count: int) -> str:
    """Why a candidate is given up although there was time to compare it: its final fit would take too long.

    Example:
        >>> too_long_to_fit(540.0, 1_000_000)
        'fitting it to all 1,000,000 examples would take about 9 min, longer than the budget'
    """
    return f"fitting it to all {count:,} examples would take {about(seconds)}, longer than the budget"


def too_large_to_fit(size: float, count: int) -> str:
    """Why a candidate is given up for the memory that its final fit needs; `size` is in bytes.

    Example:
        >>> too_large_to_fit(2e10, 1_000_000)
        'fitting it to all 1,000,000 examples would take about 19 GiB of memory, more than is free'
    """
    return f"fitting it to all {count:,} examples would take about {size / 2**30:.0f} GiB of memory, more than is free"


def about(seconds: float) -> str:
    """Format a duration that is only roughly known.

    Example:
        >>> about(3.2), about(44.0), about(540.0), about(9000.0)
        ('a few seconds', 'about 40 s', 'about 9 min', 'about 2.5 h')
    """
    if seconds < 10:
        return "a few seconds"
    if seconds < 55:
        return f"about {round(seconds, -1):.0f} s"
    return f"about {seconds / 60:.0f} min" if seconds < 5400 else f"about {seconds / 3600:.1f} h"


@dataclass(frozen=True, slots=True)
class Tried:
    """The outcome of a candidate.

    Attributes:
        name: of the candidate.
        score: accuracy (for multilabel of the single decisions), root mean squared or mean absolute error, or MASE of
            forecasts, on held-out training examples; None if it was not tried.
        seconds: that it took; 0 for a blend of candidates that were tried before.
        note: why it was not tried; for a blend of forecasts, the weights.
        loss: the log loss on the same examples, by which classifiers are compared; else None.
    """

    name: str
    score: float | None
    seconds: float
    note: str = ""
    loss: float | None = None

    @property
    def lacked_time(self) -> bool:
        """Whether a larger budget would have let it take part."""
        return self.score is None and (self.note == NO_TIME or self.note.endswith("longer than the budget"))


Heard = Callable[[Tried], None]
"""Called with the outcome of each candidate as soon as it is known."""

Fitting = Callable[[str, float | None], None]
"""Called with the name of the chosen candidate, and the seconds that fitting it to all examples will probably take;
None if unknown."""


@dataclass(frozen=True, eq=False)
class Compared(Generic[Model]):
    """A candidate other than a blend that was compared, and can still be fitted if another was chosen.

    Attributes:
        rows: (M,) indices of the training examples that were held out.
        held_out: (M,) or (M, K) outputs for these, by fits without them.
        seconds: that it has taken so far: the comparison, and the fit if it is fitted already.
        fit: returns the candidate fitted to all training examples.
        seconds_to_fit: the seconds that `fit` would probably take; 0 if it takes no time or if that is unknown,
            infinity if there is not enough memory.
    """

    rows: NDArray[np.int64] = field(repr=False)
    held_out: Outputs = field(repr=False)
    seconds: float
    fit: Callable[[], Model] = field(repr=False)
    seconds_to_fit: float = 0.0


@dataclass(frozen=True, eq=False)
class Choice(Generic[Model]):
    """The outcome of a comparison, and the model that was chosen.

    Attributes:
        name: of the chosen candidate.
        model: fitted to all training examples.
        tried: the outcomes of all candidates, in the order in which they were tried.
        rows: (M,) indices of the training examples that were held out.
        held_out: (M,) or (M, K) outputs of the candidate for these, by fits without them.
        why: it was chosen, as in "its log loss is the lowest".
        by_time: whether candidates were fitted to earlier examples and compared on later ones.
        unlabelled: the number of unlabelled texts that the model has read.
        work: of a language model that was tried, see `LanguageModelTexts`; None if there was none.
        stopped_after: the epochs of a network whose training was stopped as the budget was spent; None if it was not.
        points: the forecasts of candidates in validation, by name.
        compared: the candidates of texts or series that were compared except blends, by name.
    """

    name: str
    model: Model
    tried: tuple[Tried, ...]
    rows: NDArray[np.int64] = field(repr=False)
    held_out: Outputs = field(repr=False)
    why: str = ""
    by_time: bool = False
    unlabelled: int = 0
    work: float | None = None
    stopped_after: int | None = None
    points: Mapping[str, Outputs] = field(default_factory=dict, repr=False)
    compared: Mapping[str, Compared[Model]] = field(default_factory=dict, repr=False)

    @property
    def on_lack_of_time(self) -> str:
        """Says how many candidates lacked time, if it is more than a third; otherwise empty."""
        late = sum(one.lacked_time for one in self.tried)
        if 3 * late <= len(self.tried):
            return ""
        return f"{late} of {len(self.tried)} models lacked time, which a larger budget gives them"
