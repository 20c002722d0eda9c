"""The evaluation of a task: its measures and baselines, and what a report shows."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, ClassVar, Literal

from numpy.typing import NDArray

from unspool.descriptions.published import PublishedFigures
from unspool.errors import UserError
from unspool.evaluation.baselines.simple_models import RawParts, SimpleModel
from unspool.evaluation.measures.measure import Measure
from unspool.evaluation.result import Predictions, Scores
from unspool.evaluation.scoring import score
from unspool.evaluation.tagged import TaggedExamples
from unspool.evaluation.translated import Translated
from unspool.evaluation.wording import percent, significant


class TaskEvaluation:
    """Measures, baselines, and what a report shows."""

    measures: ClassVar[Mapping[str, Measure]]
    """The measures by name; the verdict rests on the first."""
    compared: ClassVar[tuple[str, ...]]
    """The names of the measures by which models are compared."""
    candidate_scores: ClassVar[Mapping[str, Callable[[float], str]]] = {"log loss": significant, "accuracy": percent}
    """The scores of candidates on held-out training data, each with how to format it; lower is better for the first,
    unless they are compared on validation (`higher_is_better`)."""
    compared_on_validation: ClassVar[bool] = False
    """Whether candidates are compared on the validation examples by the measure of the verdict, not by
    cross-validation."""
    published_measures: ClassVar[tuple[str, ...]] = ()
    """The measures for which a recipe may name published figures."""
    regression: ClassVar[Literal["logistic", "ridge"]] = "logistic"
    """The linear baseline."""
    fewest: ClassVar[int] = 2
    """The fewest test examples that can be scored; validation needs two for every task."""
    examples_in_words: ClassVar[str] = "examples"
    figures: ClassVar[tuple[str, ...]]
    """The report's figures, by their names in `unspool.report.figures`, in the order of the page."""
    sections: ClassVar[tuple[str, ...]]
    """Templates that follow those of every task on the report's page."""

    @property
    def headline(self) -> str:
        """The name of the measure that the verdict rests on."""
        return next(iter(self.measures))

    @classmethod
    def known_measures(cls) -> Mapping[str, Measure]:
        """All measures that instances may have, by name."""
        return cls.measures

    def scores_of_candidates(self, measure: str | None) -> Mapping[str, Callable[[float], str]]:
        """`candidate_scores`, where the verdict rests on this measure (None: the first)."""
        if not self.compared_on_validation:
            return self.candidate_scores
        by = self.measures[measure or self.headline]
        return {by.title: by.say}

    def higher_is_better(self, measure: str | None) -> bool:
        """Whether a candidate with a higher score is better, where the verdict rests on this measure."""
        return self.compared_on_validation and self.measures[measure or self.headline].higher_is_better

    def check(self, targets: NDArray[Any], what: str) -> None:
        """Check that examples can be scored; called before anything is trained.

        Args:
            targets: as they are scored.
            what: the name of the part, as in "test".

        Raises:
            UserError: they cannot; says what to hold out instead.
        """
        count, fewest, examples = len(targets), self.fewest if what == "test" else 2, self.examples_in_words
        if count < fewest:
            there = f"is only 1 {what} {examples.removesuffix('s')}" if count == 1 else f"are {count} {what} {examples}"
            raise UserError(
                f"There {there}, and scores need at least {fewest}. Give more {what} {examples}; if they are held "
                "out of your data, hold out more: --set data.test_fraction=0.3 --set data.validation_fraction=0.3."
            )

    def details(self, predictions: Predictions, threshold: float | None) -> dict[str, Any]:
        """What is recorded of predictions besides the measures, as plain values."""
        return {}

    def caution(self, predictions: Predictions, threshold: float | None, measure: str | None = None) -> str:
        """Sentences on what the test scores, or a verdict by this measure, may hide; empty if there are none."""
        return self.on_one_label(predictions.targets)

    def on_one_label(self, targets: NDArray[Any]) -> str:
        """Say so where all examples have the same label or tag, by which the scores show little; otherwise empty."""
        return ""

    def scores(self, predictions: Predictions, threshold: float | None, *, resamples: int = 2000) -> Scores:
        """Score predictions, see `unspool.evaluation.scoring.score`."""
        details = self.details(predictions, threshold)
        return score(self.measures, predictions, threshold, resamples=resamples, details=details)

    def published(self, figures: PublishedFigures, measure: str) -> str:
        """The published figure of a measure as text; empty if there is none."""
        return ""

    def simple_models(self, parts: RawParts) -> list[SimpleModel]:
        """The simple baselines that only this task knows; empty if it has the usual ones."""
        return []

    def tagged(self, examples: Iterable[Any], predictions: Predictions) -> TaggedExamples | None:
        """Some of N raw examples with their tags, for the report; None if the task has no tags."""
        return None

    def translated(
        self, network: Any, sources: Callable[[], Iterable[Any]], inputs: Any, predictions: Predictions
    ) -> Translated | None:
        """Some of N translations, for the report; None if the task gives none.

        Args:
            network: the model.
            sources: returns the N raw examples.
            inputs: the same as the network reads them.
            predictions: for the same.
        """
        return None
