"""The rows of a report's tables, made from a `Result`."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from unspool.evaluation.certificate import Certificate
from unspool.evaluation.label_scores import LabelScores, confusion, label_scores
from unspool.evaluation.measures.tags import token_predictions
from unspool.evaluation.result import Predictions, Result, Score, Scores, Verdict
from unspool.evaluation.tagged import TaggedExample
from unspool.report.wording import not_scored
from unspool.tasks import task_of

MOST_CLASSES = 30
"""The most classes in the confusion matrix; the others are one row."""
MOST_MISTAKES = 8
MOST_LABELS = 100
"""The most rows in a table of labels."""
MOST_TAGGED = 60
"""Tokens of a tagged example that a page shows."""
MOST_TRANSLATED = 300
"""Characters of a translated text that a page shows."""
OTHERS = "all others"


@dataclass(frozen=True, slots=True)
class Cell:
    """A figure and the interval below it, both as text; empty if there is none."""

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
class ModelRow:
    """One line of the table that sets the model beside its baselines; a cell for each measure."""

    title: str
    cells: tuple[Cell, ...]
    seconds: float


@dataclass(frozen=True, slots=True)
class CandidateRow:
    """One line of the table of candidates; a cell for each of `candidate_measures`."""

    name: str
    title: str
    cells: tuple[str, ...]
    seconds: float | None
    chosen: bool
    note: str


@dataclass(frozen=True, slots=True)
class Mistake:
    """A class, the class predicted instead, how often, and which share of the class that is."""

    truth: str
    answer: str
    examples: int
    share: float


@dataclass(frozen=True, slots=True)
class CheckRow:
    """One line of the certificate's table."""

    name: str
    changed: str
    measured: str
    bound: str
    outcome: str
    reason: str


def measure_titles(result: Result) -> list[str]:
    """Return the titles of the task's measures that the run has."""
    return [measure.title for name, measure in task_of(result).measures.items() if name in result.test.figures]


def headline_title(result: Result) -> str:
    """Return the title of the measure that the verdict rests on."""
    return task_of(result).measures[result.verdict.measure].title


def higher_is_better(result: Result) -> bool:
    """Return whether higher values of that measure are better."""
    return task_of(result).measures[result.verdict.measure].higher_is_better


def score_rows(result: Result) -> list[ScoreRow]:
    """Return the scores of the run with the published figures, without undefined scores."""
    task = task_of(result)
    rows = [
        ScoreRow(
            measure.title,
            measure.meaning,
            cell_of(measure.say, result.test.get(name)),
            cell_of(measure.say, result.validation.get(name)),
            task.published(result.published, name) if result.published else "",
        )
        for name, measure in task.measures.items()
    ]
    rows += _latent_rows(result.test)
    return [row for row in rows if row.test.value]


def _latent_rows(scores: Scores) -> list[ScoreRow]:
    latent = scores.details.get("latent")
    if not isinstance(latent, dict):
        return []
    compared = int(latent.get("trustworthiness_examples", scores.examples))
    drawn = f", computed on {compared:,} test examples drawn at random" if compared < scores.examples else ""
    rows = [
        ScoreRow(
            "trustworthiness",
            f"whether near neighbours in the latent space are near among the inputs too{drawn}; 1 is best",
            Cell(f"{float(latent['trustworthiness']):.3f}"),
            Cell(),
        )
    ]
    if latent.get("neighbours_accuracy") is not None:
        low, high = (100 * float(end) for end in latent["neighbours_accuracy_ci"])
        neighbours = ScoreRow(
            "nearest neighbours",
            "how often the ten nearest latent vectors of the training set have, by majority, the example’s label",
            Cell(f"{100 * float(latent['neighbours_accuracy']):.1f}%", f"{low:.1f}% to {high:.1f}%"),
            Cell(),
        )
        rows.insert(0, neighbours)
    return rows


def model_rows(result: Result) -> list[ModelRow]:
    """Return the model and its baselines, the model first, with the time that fitting took."""
    rows = [("this model", result.test, result.training_seconds or result.seconds)]
    rows += [(baseline.title, baseline.scores, baseline.seconds) for baseline in result.baselines]
    shown = {name: one for name, one in task_of(result).measures.items() if name in result.test.figures}
    return [
        ModelRow(title, tuple(cell_of(measure.say, scores.get(name)) for name, measure in shown.items()), seconds)
        for title, scores, seconds in rows
    ]


def candidates_by(result: Result) -> str:
    """Return the title of the measure that candidates were compared by."""
    return next(iter(_scores_of_candidates(result)))


def compared_on_validation(result: Result) -> bool:
    """Return whether candidates were compared on the validation examples, not by cross-validation."""
    return task_of(result).compared_on_validation


def _scores_of_candidates(result: Result) -> Mapping[str, Callable[[float], str]]:
    task, measure = task_of(result), result.compared_by
    if result.forecasted is not None:
        measure = result.forecasted.compared_by
    elif task.compared_on_validation:
        measure = result.verdict.measure
    return task.scores_of_candidates(measure)


def candidate_measures(result: Result) -> list[str]:
    """Return the titles of the candidates' scores; records of earlier versions have no losses."""
    titles = list(_scores_of_candidates(result))
    return titles if any(one.loss is not None for one in result.candidates) else titles[-1:]


def candidate_rows(result: Result) -> list[CandidateRow]:
    """Return the candidates in the order in which they were tried."""
    scores = _scores_of_candidates(result)
    shown = [(title, scores[title]) for title in candidate_measures(result)]
    rows = []
    for one in result.candidates:
        reached = (one.loss, one.score)[-len(shown) :]
        cells = ["" if value is None else say(value) for value, (_, say) in zip(reached, shown, strict=True)]
        title = "" if one.title == one.name else one.title
        note = not_scored(one.note, one.seconds) if one.score is None and one.note else one.note
        rows.append(CandidateRow(one.name, title, tuple(cells), one.seconds or None, one.chosen, note))
    return rows


@dataclass(frozen=True, slots=True)
class TaggedToken:
    """A token with its tag, true and predicted."""

    token: str
    truth: str
    predicted: str

    @property
    def right(self) -> bool:
        """Whether the prediction is the true tag."""
        return self.truth == self.predicted


def tagged_tokens(example: TaggedExample) -> list[TaggedToken]:
    """Return the tokens of an example that a page shows."""
    triples = zip(example.tokens, example.truth, example.predicted, strict=True)
    return [TaggedToken(*one) for one in triples][:MOST_TAGGED]


def predictions_by_class(result: Result) -> Predictions:
    """Return the predictions that are counted by class: those of the examples, or of all steps of a model that tags."""
    predictions = result.test_predictions
    return token_predictions(predictions) if task_of(result).by_step else predictions


def label_rows(result: Result) -> list[tuple[str, LabelScores]]:
    """Return the scores of each class or label with its name; of many, those of the most frequent ones."""
    found = label_scores(predictions_by_class(result), result.test.threshold)
    if len(found) > MOST_LABELS:
        found = sorted(found, key=lambda one: -one.examples)[:MOST_LABELS]
    return [(result.data.label_names[one.label], one) for one in found]


def mistakes(result: Result) -> list[Mistake]:
    """Return the most frequent mistakes of a model of several classes."""
    found = confusion(predictions_by_class(result), len(result.data.label_names))
    totals = found.matrix.sum(axis=1)
    names = result.data.label_names
    return [
        Mistake(names[truth], names[answer], examples, examples / int(totals[truth]))
        for truth, answer, examples in found.mistakes(MOST_MISTAKES)
    ]


def no_uncertainty_seen(result: Result) -> bool:
    """Return whether a score on the test set is shown without an interval, which the page must explain."""
    measures = task_of(result).measures
    return any(not cell_of(measures[name].say, score).interval for name, score in result.test.figures.items())


def check_rows(certificate: Certificate) -> list[CheckRow]:
    """Return what was changed, by how much predictions changed with it, and whether that is allowed."""
    return [
        CheckRow(
            check.name,
            check.changed,
            check.shown,
            "" if check.passed is None else f"{check.bound:.1g}",
            {True: "passed", False: "not passed", None: "does not apply"}[check.passed],
            check.reason,
        )
        for check in certificate.checks
    ]


def cell_of(say: Callable[[float], str], score: Score | None) -> Cell:
    """Format a score by `say`, with its interval unless both ends are formatted alike, which would look certain."""
    if score is None:
        return Cell()
    low, high = say(score.interval.low), say(score.interval.high)
    return Cell(say(score.value), "" if low == high else f"{low} to {high}")


def rate_drops(result: Result) -> str:
    """Return the epochs, counted from 1, before which the learning rate was lowered, as text; empty if it never was."""
    rates = result.history.get("learning_rate", [])
    drops = [str(epoch + 1) for epoch in range(1, len(rates)) if rates[epoch] < rates[epoch - 1]]
    if len(drops) < 2:
        return "".join(f"epoch {drop}" for drop in drops)
    return f"epochs {', '.join(drops[:-1])} and {drops[-1]}"


def outcome(verdict: Verdict) -> str:
    """Return how a run compares with the baseline of its verdict: "better", "worse", or "open" for no clear winner.

    Example:
        >>> from unspool.evaluation.result import Interval
        >>> outcome(Verdict("pca", "mse", 0.02, Interval(0.01, 0.03), beats_baseline=False, words="No."))
        'worse'
    """
    if verdict.beats_baseline:
        return "better"
    return "open" if verdict.interval.low <= 0 <= verdict.interval.high else "worse"
