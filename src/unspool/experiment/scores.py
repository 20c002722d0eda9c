"""Scores and verdicts as metrics.json has them: each figure under its name, its interval beside it."""

from typing import Any

from numpy.typing import NDArray

from unspool.evaluation.result import Interval, Score, Verdict

Arrays = dict[str, NDArray[Any]]
"""What predictions.npz holds."""


def flat_score(name: str, score: Score | None) -> dict[str, Any]:
    """A score as two entries, both null where there is none.

    Example:
        >>> flat_score("auc", Score(0.75, Interval(0.7, 0.8)))
        {'auc': 0.75, 'auc_ci': [0.7, 0.8]}
    """
    if score is None:
        return {name: None, f"{name}_ci": None}
    return {name: score.value, f"{name}_ci": [score.interval.low, score.interval.high]}


def read_score(flat: dict[str, Any], name: str) -> Score | None:
    """The opposite of `flat_score`."""
    return None if flat[name] is None else Score(flat[name], Interval(*flat[f"{name}_ci"]))


def flat_verdict(verdict: Verdict) -> dict[str, Any]:
    """A verdict as entries."""
    return {
        "beats_baseline": verdict.beats_baseline,
        "baseline": verdict.baseline,
        "measure": verdict.measure,
        "difference": verdict.difference,
        "difference_ci": [verdict.interval.low, verdict.interval.high],
        "words": verdict.words,
    }


def read_verdict(flat: dict[str, Any]) -> Verdict:
    """The opposite of `flat_verdict`."""
    return Verdict(
        **{name: flat[name] for name in ("baseline", "difference", "beats_baseline", "words", "measure")},
        interval=Interval(*flat["difference_ci"]),
    )
