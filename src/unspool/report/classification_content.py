"""What a classifier's page shows in its tables, taken from a Result and put in the order of reading."""

from dataclasses import dataclass

from unspool.evaluation.result import Result
from unspool.report.content import Cell, ScoreRow, cell_of, percent_cell, without_width
from unspool.report.wording import plain


@dataclass(frozen=True, slots=True)
class ModelRow:
    """One line of the table that sets the model beside its baselines."""

    title: str
    accuracy: Cell
    balanced_accuracy: Cell
    auc: Cell
    brier: Cell
    seconds: float


def score_rows(result: Result) -> list[ScoreRow]:
    """Gives the scores of the run, the published figures beside them."""
    zero, one = result.data.label_names
    published = result.published
    return [
        ScoreRow(
            "AUC",
            f"how often a random “{one}” gets a higher probability than a random “{zero}”; 0.5 is guessing",
            cell_of(plain, result.test.auc),
            cell_of(plain, result.validation.auc),
            f"{published.auc:g}" if published else "",
        ),
        ScoreRow(
            "balanced accuracy",
            "right answers among each label’s examples, averaged over the two labels",
            percent_cell(result.test.balanced_accuracy),
            percent_cell(result.validation.balanced_accuracy),
            f"{100 * published.balanced_accuracy:.4g}%" if published else "",
        ),
        ScoreRow(
            "accuracy",
            "right answers among all examples",
            percent_cell(result.test.accuracy),
            percent_cell(result.validation.accuracy),
        ),
        ScoreRow(
            "Brier score",
            "mean squared error of the probability; 0 is best, always saying one half scores 0.25",
            cell_of(plain, result.test.brier),
            cell_of(plain, result.validation.brier),
        ),
    ]


def model_rows(result: Result) -> list[ModelRow]:
    """Gives the model and its baselines, the model first."""
    rows = [("this model", result.test, result.seconds)]
    rows += [(baseline.title, baseline.scores, baseline.seconds) for baseline in result.baselines]
    return [
        ModelRow(
            title,
            percent_cell(scores.accuracy),
            percent_cell(scores.balanced_accuracy),
            cell_of(plain, scores.auc),
            cell_of(plain, scores.brier),
            seconds,
        )
        for title, scores, seconds in rows
    ]


def no_uncertainty_seen(result: Result) -> bool:
    """Tells whether an interval on the test set has no width."""
    scores = result.test
    return without_width(scores.auc, scores.balanced_accuracy, scores.accuracy, scores.brier)
