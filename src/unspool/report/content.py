"""What the page shows in its tables, taken from a Result and put in the order of reading."""

from dataclasses import dataclass
from itertools import groupby

from unspool.evaluation.result import BinaryScores, DataSummary, Result, Score
from unspool.evaluation.wording import percent
from unspool.report.wording import percent_range, plain, plain_range

MOST_TOKENS = 300
MOST_CHARACTERS = 3000
_A_RUN = 4  # so many equal tokens in a row are shown as one


@dataclass(frozen=True, slots=True)
class Cell:
    """A figure and the interval below it."""

    value: str
    interval: str


@dataclass(frozen=True, slots=True)
class ScoreRow:
    """One score: its name, what it means, and its cells; `published` is empty where nothing was."""

    name: str
    meaning: str
    test: Cell
    validation: Cell
    published: str


@dataclass(frozen=True, slots=True)
class ModelRow:
    """One line of the table that sets the model beside its baselines."""

    title: str
    accuracy: Cell
    balanced_accuracy: Cell
    auc: Cell
    brier: Cell
    seconds: float


@dataclass(frozen=True, slots=True)
class Token:
    """A word, its id, and how often it stands there in a row."""

    word: str
    id: int
    times: int


def score_rows(result: Result) -> list[ScoreRow]:
    """Gives the scores of the run, the published figures beside them."""
    zero, one = result.data.label_names
    published = result.published
    return [
        ScoreRow(
            "AUC",
            f"how often a random “{one}” gets a higher probability than a random “{zero}”; 0.5 is guessing",
            _plain_cell(result.test.auc),
            _plain_cell(result.validation.auc),
            f"{published.auc:g}" if published else "",
        ),
        ScoreRow(
            "balanced accuracy",
            "right answers among each label’s examples, averaged over the two labels",
            _percent_cell(result.test.balanced_accuracy),
            _percent_cell(result.validation.balanced_accuracy),
            f"{100 * published.balanced_accuracy:.4g}%" if published else "",
        ),
        ScoreRow(
            "accuracy",
            "right answers among all examples",
            _percent_cell(result.test.accuracy),
            _percent_cell(result.validation.accuracy),
            "",
        ),
        ScoreRow(
            "Brier score",
            "mean squared error of the probability; 0 is best, always saying one half scores 0.25",
            _plain_cell(result.test.brier),
            _plain_cell(result.validation.brier),
            "",
        ),
    ]


def model_rows(result: Result) -> list[ModelRow]:
    """Gives the model and its baselines, the model first."""
    rows = [("this model", result.test, result.seconds)]
    rows += [(baseline.title, baseline.scores, baseline.seconds) for baseline in result.baselines]
    return [
        ModelRow(
            title,
            _percent_cell(scores.accuracy),
            _percent_cell(scores.balanced_accuracy),
            _plain_cell(scores.auc),
            _plain_cell(scores.brier),
            seconds,
        )
        for title, scores, seconds in rows
    ]


def example_tokens(data: DataSummary) -> list[Token]:
    """Gives the example as the model sees it, runs of equal tokens (padding) as one."""
    tokens: list[Token] = []
    for (word, number), same in groupby(zip(data.example_words, data.example_ids, strict=True)):
        times = len(list(same))
        tokens += [Token(word, number, times)] if times >= _A_RUN else [Token(word, number, 1)] * times
    return tokens


def no_uncertainty_seen(scores: BinaryScores) -> bool:
    """Tells whether an interval has no width, which the page must explain: it is no certainty."""
    every = (scores.auc, scores.balanced_accuracy, scores.accuracy, scores.brier)
    return any(score.interval.low == score.interval.high for score in every)


def rate_drops(result: Result) -> str:
    """Names the epochs, counted from 1, before which the learning rate was lowered; empty where it never was."""
    rates = result.history.get("learning_rate", [])
    drops = [str(epoch + 1) for epoch in range(1, len(rates)) if rates[epoch] < rates[epoch - 1]]
    if len(drops) < 2:
        return "".join(f"epoch {drop}" for drop in drops)
    return f"epochs {', '.join(drops[:-1])} and {drops[-1]}"


def _percent_cell(score: Score) -> Cell:
    return Cell(percent(score.value), percent_range(score.interval))


def _plain_cell(score: Score) -> Cell:
    return Cell(plain(score.value), plain_range(score.interval))
