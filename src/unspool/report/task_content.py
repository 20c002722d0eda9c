"""What the page of a task shows in its tables, taken from a TaskResult and put in the order of reading."""

from dataclasses import dataclass

from unspool.evaluation.label_scores import LabelScores, confusion, label_scores
from unspool.evaluation.measures import MEASURES, headline
from unspool.evaluation.task_result import TaskResult
from unspool.report.content import Cell, ScoreRow, cell_of, without_width
from unspool.report.example import MOST_LABELS

MOST_CLASSES = 30
"""Classes that the confusion matrix tells apart."""
MOST_MISTAKES = 8
OTHERS = "all others"


@dataclass(frozen=True, slots=True)
class ModelRow:
    """One line of the table that sets the model beside its baselines; a cell for each measure."""

    title: str
    cells: tuple[Cell, ...]
    seconds: float


@dataclass(frozen=True, slots=True)
class Mistake:
    """A class, what it was taken for, how often, and how large a share of the class that is."""

    truth: str
    answer: str
    examples: int
    share: float


def measure_titles(result: TaskResult) -> list[str]:
    """Names the measures of the task."""
    return [measure.title for measure in MEASURES[result.task].values()]


def headline_title(result: TaskResult) -> str:
    """Names the measure that the verdict rests on."""
    return MEASURES[result.task][headline(result.task)].title


def score_rows(result: TaskResult) -> list[ScoreRow]:
    """Gives the scores of the run; those that its examples leave undefined are left out."""
    rows = [
        ScoreRow(
            measure.title,
            measure.meaning,
            cell_of(measure.say, result.test.figures.get(name)),
            cell_of(measure.say, result.validation.figures.get(name)),
        )
        for name, measure in MEASURES[result.task].items()
    ]
    return [row for row in rows if row.test.value]


def model_rows(result: TaskResult) -> list[ModelRow]:
    """Gives the model and its baselines, the model first."""
    rows = [("this model", result.test, result.seconds)]
    rows += [(baseline.title, baseline.scores, baseline.seconds) for baseline in result.baselines]
    measures = MEASURES[result.task].items()
    return [
        ModelRow(title, tuple(cell_of(measure.say, scores.figures.get(name)) for name, measure in measures), seconds)
        for title, scores, seconds in rows
    ]


def label_rows(result: TaskResult) -> list[tuple[str, LabelScores]]:
    """Gives the scores of each class or label with its name, where there are many those of the most frequent ones."""
    found = label_scores(result.test_predictions, result.test.threshold)
    if len(found) > MOST_LABELS:
        found = sorted(found, key=lambda one: -one.examples)[:MOST_LABELS]
    return [(result.data.label_names[one.label], one) for one in found]


def mistakes(result: TaskResult) -> list[Mistake]:
    """Gives the most frequent mistakes of a model that tells several classes apart."""
    found = confusion(result.test_predictions, len(result.data.label_names))
    totals = found.matrix.sum(axis=1)
    names = result.data.label_names
    return [
        Mistake(names[truth], names[answer], examples, examples / int(totals[truth]))
        for truth, answer, examples in found.mistakes(MOST_MISTAKES)
    ]


def no_uncertainty_seen(result: TaskResult) -> bool:
    """Tells whether an interval on the test set has no width."""
    return without_width(*result.test.figures.values())
