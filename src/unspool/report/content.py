"""What the pages of several kinds of run show in their tables."""

from collections.abc import Callable
from dataclasses import dataclass

from unspool.evaluation.certificate import Certificate
from unspool.evaluation.result import RunRecord, Score, Verdict
from unspool.evaluation.wording import percent
from unspool.report.wording import percent_range


@dataclass(frozen=True, slots=True)
class Cell:
    """A figure and the interval below it; both empty where there is nothing to tell."""

    value: str = ""
    interval: str = ""


@dataclass(frozen=True, slots=True)
class ScoreRow:
    """One score: its name, what it means, and its cells; `published` is empty where nothing was."""

    name: str
    meaning: str
    test: Cell
    validation: Cell
    published: str = ""


@dataclass(frozen=True, slots=True)
class CheckRow:
    """One line of the certificate's table."""

    name: str
    changed: str
    measured: str
    bound: str
    outcome: str
    reason: str


def check_rows(certificate: Certificate) -> list[CheckRow]:
    """Gives what was changed, by how much the answers changed with it, and whether that is allowed."""
    return [
        CheckRow(
            check.name,
            check.changed,
            "" if check.measured is None else f"{check.measured:.1g}",
            "" if check.passed is None else f"{check.bound:.1g}",
            {True: "passed", False: "not passed", None: "does not apply"}[check.passed],
            check.reason,
        )
        for check in certificate.checks
    ]


def percent_cell(score: Score | None) -> Cell:
    """Gives a share in percent."""
    return Cell(percent(score.value), percent_range(score.interval)) if score else Cell()


def cell_of(say: Callable[[float], str], score: Score | None) -> Cell:
    """Gives a figure that is no share, each number as `say` puts it."""
    if score is None:
        return Cell()
    return Cell(say(score.value), f"{say(score.interval.low)} to {say(score.interval.high)}")


def without_width(*scores: Score | None) -> bool:
    """Tells whether an interval has no width, which the page must explain: it is no certainty."""
    return any(score.interval.low == score.interval.high for score in scores if score)


def rate_drops(result: RunRecord) -> str:
    """Names the epochs, counted from 1, before which the learning rate was lowered; empty where it never was."""
    rates = result.history.get("learning_rate", [])
    drops = [str(epoch + 1) for epoch in range(1, len(rates)) if rates[epoch] < rates[epoch - 1]]
    if len(drops) < 2:
        return "".join(f"epoch {drop}" for drop in drops)
    return f"epochs {', '.join(drops[:-1])} and {drops[-1]}"


def outcome(verdict: Verdict) -> str:
    """Says how a run stands beside its strongest baseline: "better", "worse", or "open" where that is not shown.

    Example:
        >>> from unspool.evaluation.result import Interval
        >>> outcome(Verdict("pca", "mse", 0.02, Interval(0.01, 0.03), beats_baseline=False, words="No."))
        'worse'
    """
    if verdict.beats_baseline:
        return "better"
    return "open" if verdict.interval.low <= 0 <= verdict.interval.high else "worse"
