"""Scores and verdicts as metrics.json has them: each figure under its name, its interval beside it."""

from collections.abc import Callable
from functools import cache
from typing import Any, TypeVar

from numpy.typing import NDArray
from pydantic import TypeAdapter, ValidationError

from unspool.evaluation.result import Interval, Score, Verdict

Arrays = dict[str, NDArray[Any]]
"""What predictions.npz holds."""

Record = TypeVar("Record")

_checking: Callable[[Any], TypeAdapter[Any]] = cache(TypeAdapter)  # making one takes milliseconds


def plain(kind: type[Record], flat: Any) -> Record:
    """A plain value from JSON that someone may have changed: lists become tuples, a dict a dataclass.

    Raises:
        ValueError: it is of another type; names the place.

    Example:
        >>> plain(tuple[int, str], [3, "x"])
        (3, 'x')
    """
    try:
        found: Record = _checking(kind).validate_python(flat)
    except ValidationError as error:
        detail = error.errors()[0]
        place = "".join(f".{part}" for part in detail["loc"])
        raise ValueError(f"{getattr(kind, '__name__', kind)}{place}: {detail['msg']}") from error
    return found


def flat_score(name: str, score: Score | None) -> dict[str, Any]:
    """A score as two entries, both null where there is none.

    Example:
        >>> flat_score("auc", Score(0.75, Interval(0.7, 0.8)))
        {'auc': 0.75, 'auc_ci': [0.7, 0.8]}
        >>> flat_score("r2", Score(-0.0, Interval(-0.0, 0.5)))
        {'r2': 0.0, 'r2_ci': [0.0, 0.5]}
    """
    if score is None:
        return {name: None, f"{name}_ci": None}
    return {name: score.value + 0.0, f"{name}_ci": _ends(score.interval)}


def read_score(flat: dict[str, Any], name: str) -> Score | None:
    """The opposite of `flat_score`."""
    if flat[name] is None:
        return None
    return Score(plain(float, flat[name]), plain_interval(flat[f"{name}_ci"]))


def plain_interval(ends: Any) -> Interval:
    """An interval from a list of its two ends."""
    return Interval(*plain(tuple[float, float], ends))


def _ends(interval: Interval) -> list[float]:
    return [interval.low + 0.0, interval.high + 0.0]  # -0.0 becomes 0.0, as in the figures


def flat_verdict(verdict: Verdict) -> dict[str, Any]:
    """A verdict as entries."""
    return {
        "beats_baseline": verdict.beats_baseline,
        "baseline": verdict.baseline,
        "measure": verdict.measure,
        "difference": verdict.difference + 0.0,
        "difference_ci": _ends(verdict.interval),
        "words": verdict.words,
    }


def read_verdict(flat: dict[str, Any]) -> Verdict:
    """The opposite of `flat_verdict`."""
    return plain(Verdict, flat | {"interval": plain_interval(flat["difference_ci"])})
