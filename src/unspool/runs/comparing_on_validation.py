"""Models, a network among them, that are fitted to the training examples and compared on the validation examples."""

import math
import time
from collections.abc import Callable, Collection, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from unspool.candidates.outcome import NO_TIME, Heard, Tried
from unspool.candidates.registry import WORD_BLEND, candidate_names
from unspool.errors import UserError
from unspool.evaluation.measures.measure import Measure
from unspool.evaluation.scoring import HALF
from unspool.runs.reading.preparation import Prepared

if TYPE_CHECKING:
    import keras

DIVERGED = "its training diverged"


class Fitted(NamedTuple):
    """A model that was fitted: its outputs for the validation examples, the seconds that it took, and a remark."""

    outputs: Any
    seconds: float
    note: str = ""


class TrainedNetwork(NamedTuple):
    """A network that was trained.

    Attributes:
        model: with the weights of its best epoch.
        outputs: for the validation examples.
        seconds: that it took.
        stopped: the epoch after which its training was stopped, as the budget was spent; None if it was not.
    """

    model: "keras.Model"
    outputs: Any
    seconds: float
    stopped: int | None = None

    @property
    def fitted(self) -> Fitted:
        """What the comparison asks for."""
        return Fitted(self.outputs, self.seconds, self.note)

    @property
    def note(self) -> str:
        """What is to be known of its training; empty if there is nothing."""
        if self.stopped is None:
            return ""
        epochs = f"{self.stopped} epoch{'s' * (self.stopped > 1)}"
        return f"training of the network was stopped after {epochs}, as the budget was spent"


def in_order(names: Collection[str], prepared: Prepared, does: str) -> list[str]:
    """The names from the cheapest to the most expensive; `does` is what errors say that the models do.

    Raises:
        UserError: one is no model for the data.
    """
    known = candidate_names(prepared.kind, prepared.task.name)
    for name in names:
        if name not in known:
            raise UserError(f"There is no model {name!r} that {does}. The models are {', '.join(known)}.")
    return [name for name in known if name in names]


def try_each(
    names: Sequence[str],
    fit: Callable[[str, float], Fitted | str],
    prepared: Prepared,
    by: Measure,
    budget: float | None,
    *,
    tell: Callable[[str], None],
    heard: Heard,
    asked: Collection[str] | None = None,
) -> list[Tried]:
    """Fit models one after the other, and score them on the validation examples.

    Args:
        names: of the models.
        fit: fits one, given its name and the seconds that are left; or says why there is no such model.
        prepared: the data.
        by: the measure.
        budget: the seconds after which no further model is begun, but for a blend, which takes no time; None for no
            limit.
        tell: called with the name of each before it is tried.
        heard: called with the outcome of each.
        asked: the names of those whose outcomes count; None for all. Others are only parts of these.
    """
    truth = prepared.task.truth(prepared.validation.targets)
    end = math.inf if budget is None else time.perf_counter() + budget
    tried: list[Tried] = []
    for name in names:
        left = end - time.perf_counter()
        found: Fitted | str = NO_TIME
        if not tried or left >= 0 or name == WORD_BLEND:
            tell(name)
            found = fit(name, left)
        if asked is not None and name not in asked:
            continue
        if isinstance(found, str):
            tried.append(Tried(name, None, 0.0, found))
        else:
            tried.append(Tried(name, float(by.value(truth, found.outputs, HALF)), found.seconds, found.note))
        heard(tried[-1])
    return tried


def best_of(tried: Sequence[Tried], by: Measure) -> tuple[str, str]:
    """The name of the best, of equal ones the first, and why it is.

    Example:
        >>> from unspool.tasks import Reconstruction
        >>> by = Reconstruction(likelihood="gaussian").measures["mse"]
        >>> best_of([Tried("pca", 0.2, 1.0), Tried("network", 0.1, 9.0)], by)
        ('network', 'its mean squared error on the validation examples is the best')
    """
    reached = {one.name: one.score * (1 if by.higher_is_better else -1) for one in tried if one.score is not None}
    best = max(reached, key=lambda name: np.nan_to_num(reached[name], nan=-np.inf))
    return best, f"its {by.title} on the validation examples is the best" if len(reached) > 1 else ""
