"""What every candidate and every fitted model of series can do."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Literal, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from unspool.candidates import model_files
from unspool.candidates.pace import UNHURRIED, Pace

Task = Literal["binary", "multiclass", "multilabel", "regression"]
Series = Sequence[NDArray[np.float32]]
"""N series, each (T, C) float32; NaN is a missing value."""
Target = NDArray[Any]
"""(N,) labels from 0 to K - 1, (N, K) 0 and 1 for "multilabel", or (N,) or (N, K) numbers."""
Outputs = NDArray[np.float64]
"""(N, K) probabilities, or numbers."""
Rows = NDArray[np.int64]
Arrays = model_files.Arrays
STEM = "model"
"""Of the names of a model's files."""


class Fitted(Protocol):
    """A model that can be used.

    `held_out` is (N, K): outputs for each training example by a fit without it, NaN where there is no such fit; None
    in a model that was loaded.
    """

    @property
    def held_out(self) -> Outputs | None: ...  # noqa: D102

    def outputs(self, series: Series) -> Outputs:
        """Return (N, K) probabilities or numbers."""

    def state(self) -> tuple[dict[str, Any], Arrays]:
        """What the model is, as JSON has it, and its arrays."""


class Terms(NamedTuple):
    """The terms on which a candidate is tried where time is limited.

    Attributes:
        growth: what its cost is multiplied by: less than 1 if a sample of the series is enough.
        alike: what it reads: the time that one candidate takes tells how long others that read the same will take.
        least_budget: in seconds; with a smaller one it is tried only if it is the first.
        why_least: the reason for that, in words.
        least_left: seconds of the budget that must be left.
        share: of the remaining budget, how much it may take.
    """

    growth: float = 1.0
    alike: Literal["all series", "a sample", "all series again and again"] = "all series"
    least_budget: float = 0.0
    why_least: str = ""
    least_left: float = 0.0
    share: float = 1.0


class Candidate(Protocol):
    """A way to make a model of series.

    Attributes:
        name: by which it is asked for.
        cost: of fitting, beside the others'.
    """

    @property
    def name(self) -> str: ...  # noqa: D102
    @property
    def cost(self) -> float: ...  # noqa: D102

    def terms(self, count: int, task: Task) -> Terms:
        """The terms on which it is tried for `count` series and this task."""

    def fit(
        self,
        series: Series,
        target: Target,
        task: Task,
        seed: int,
        pace: Pace = UNHURRIED,
        groups: NDArray[np.int64] | None = None,
    ) -> Fitted:
        """Fit on N series.

        Args:
            series: N of them.
            target: of each.
            task: what is predicted.
            seed: of everything random.
            pace: may give up the fit.
            groups: (N,) as `folds.several` numbers them: wherever the fit chooses a penalty or calibrates outputs on
                held-out series, those of one group are held out together. None for each by itself.

        Raises:
            ValueError: it cannot be fitted to these series.
            TooSlowError: `pace` gave it up.
        """

    def leaving_out(self, parts: Sequence[tuple[Rows, Rows]], count: int) -> "Candidate | None":
        """A candidate whose one fit also gives held-out outputs for the parts; None if each part needs its own fit."""

    def without_folds(self) -> "Candidate":
        """A candidate that leaves out held-out outputs if these need additional fits to folds; otherwise itself."""

    def serves(self, series: Series, task: Task, outputs: int = 1) -> str:
        """Why it cannot serve for such series, this task and this number of labels or numbers; empty if it can."""


Loader = Callable[[dict[str, Any], Arrays], Fitted]
LOADERS: dict[str, Loader] = {}
"""By the `kind` in what `state` gives."""


def as_scored(outputs: Outputs, task: str) -> Outputs:
    """(N, K) outputs as the task scores them: (N,) for two labels and for numbers."""
    found = np.asarray(outputs, np.float64)
    wanted = {"binary": 2, "regression": 1}.get(task, found.shape[1])
    if found.shape[1] != wanted:
        raise ValueError(f"it gives {found.shape[1]} numbers for a series, not {wanted}")
    if task == "binary":
        return found[:, 1]
    return found[:, 0] if task == "regression" else found


def save_model(model: Fitted, folder: Path) -> None:
    """Write a model."""
    model_files.write(folder, STEM, *model.state())


def load_model(folder: Path) -> Fitted:
    """Read what `save_model` wrote; it gives the same bits.

    Raises:
        UserError: there is no model there, or it is not whole.
    """
    return model_files.read(folder, STEM, "series", model_of)


def model_of(description: dict[str, Any], arrays: Arrays) -> Fitted:
    """The model whose `state` this is."""
    return LOADERS[description["kind"]](description, arrays)
