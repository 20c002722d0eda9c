"""How making a model smaller changes its answers, to golden examples and to its run's test examples."""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from unspool.errors import UserError
from unspool.export.columns import rows_of, text_column
from unspool.export.golden import histories_of
from unspool.export.rounding import Weights
from unspool.export.written import size_in_words
from unspool.readers import ForecastReader, RawExamples, RawTextReader
from unspool.runs.model import TrainedModel
from unspool.runs.records.record import read_result
from unspool.runs.records.training_log import TrainingLog
from unspool.runs.run import prepare_again

MOST_EXAMPLES = 5_000
"""The most test examples that are compared, from the first on: more would make the export slow."""


@dataclass(frozen=True)
class Change:
    """How the answers of a smaller model differ.

    Attributes:
        count: the number of examples.
        changed: how many have another label or text; 0 for models that predict numbers.
        largest: the largest difference of a probability, of a translation's score, or of a number.
    """

    count: int
    changed: int
    largest: float


@dataclass(frozen=True)
class Reduction:
    """What making a model smaller changed.

    Attributes:
        weights: the type of its large matrices.
        kept: the share of weights that is left after pruning.
        plain_size: bytes of the whole model in float32.
        golden: changes of the golden answers.
        test: changes of the answers to test examples; None if these are not available.
        reason: why they are not, in a sentence.
        numbers: whether the model predicts numbers.
        translates: whether it translates.
    """

    weights: Weights
    kept: float
    plain_size: int
    golden: Change
    test: Change | None
    reason: str = ""
    numbers: bool = False
    translates: bool = False

    def described(self) -> dict[str, Any]:
        """The values that a portable model keeps of it."""
        test = None if self.test is None else asdict(self.test)
        return {"weights": self.weights, "kept": self.kept, "golden": asdict(self.golden), "test": test}

    def __str__(self) -> str:
        """In words.

        Example:
            >>> print(Reduction("int8", 1.0, 4_000_000, Change(39, 0, 0.001), Change(5000, 7, 0.004)))
            rounded to int8: 0 of 39 golden answers and 7 of 5,000 test answers have another label
            a probability changes by 0.004 at most; the whole model in float32 has 4.0 MB
        """
        changes = [(one, name) for one, name in ((self.golden, "golden"), (self.test, "test")) if one]
        largest = f"{max(one.largest for one, _ in changes):.2g}"
        if self.numbers:
            said = " and ".join(f"{one.count:,} {name} answers" for one, name in changes) + " were compared"
        else:
            where = " and ".join(f"{one.changed:,} of {one.count:,} {name} answers" for one, name in changes)
            said = f"{where} {'differ' if self.translates else 'have another label'}"
        number = "number" if self.numbers else "score" if self.translates else "probability"
        lines = [
            f"{in_words(self.weights, self.kept)}: {said}",
            f"a {number} changes by {largest} at most; the whole model in float32 has "
            + size_in_words(self.plain_size),
        ]
        return "\n".join(lines + [f"test answers were not compared: {self.reason}"] * bool(self.reason))


def in_words(weights: Weights, kept: float) -> str:
    """How a model was made smaller.

    Example:
        >>> in_words("int8", 0.0312)
        'rounded to int8, with 3.1% of its weights'
    """
    fewer = "" if kept == 1 else f"with {100 * kept:.2g}% of its weights"
    return ", ".join(filter(None, ("" if weights == "float32" else f"rounded to {weights}", fewer))) or "unchanged"


def predicts_numbers(task: str) -> bool:
    """Whether models of a task answer with numbers rather than with labels or texts."""
    return task in ("regression", "reconstruction", "forecasting", "super_resolution")


def compared(plain: Any, other: Any, golden: list[Any], held: Callable[[], list[Any]]) -> dict[str, Any]:
    """The fields of a `Reduction` that follow from the answers of both models.

    Args:
        plain: the whole model in float32, loaded by `unspool_runtime`.
        other: the smaller one.
        golden: raw golden examples.
        held: returns raw test examples; raises `UserError` if they are not available.
    """
    numbers = predicts_numbers(plain.task)
    found = {"golden": change(plain, other, golden), "test": None, "reason": "", "numbers": numbers}
    found["translates"] = plain.task == "translation"
    try:
        return found | {"test": change(plain, other, held())}
    except UserError as error:
        return found | {"reason": str(error)}


def change(plain: Any, other: Any, examples: list[Any]) -> Change:
    """Compare the answers of two models of `unspool_runtime` to the same examples."""
    before, after = plain.outputs(examples), other.outputs(examples)
    changed = 0
    if plain.labels:
        changed = sum(one != two for one, two in zip(plain.decide(before), other.decide(after), strict=True))
    elif plain.task == "translation":
        changed = sum(one != two for one, two in zip(plain.predict(examples), other.predict(examples), strict=True))
    return Change(len(examples), changed, float(np.abs(after - before).max(initial=0)))


def held_examples(model: TrainedModel, folder: Path) -> list[Any]:
    """Read the raw test examples of a run again, at most `MOST_EXAMPLES`.

    Raises:
        UserError: the folder is not a run's, or its data cannot be read or has changed.
    """
    result = read_result(folder)
    prepared = prepare_again(model.recipe, folder, None, TrainingLog())
    if prepared.digest != result.data.digest:
        raise UserError(f"The data has changed since the run: {result.data.digest}, now {prepared.digest}.")
    if isinstance(model.reader, ForecastReader) and isinstance(prepared.test.inputs, RawExamples):
        return histories_of(prepared.test.inputs.items[:MOST_EXAMPLES], model.reader.setup)
    found = [example for example, _ in zip(prepared.test.raw(), range(MOST_EXAMPLES), strict=False)]
    if not found:
        raise UserError("The run has no raw test examples.")
    if isinstance(model.reader, RawTextReader) and model.reader.side:
        side = model.reader.side
        return [*rows_of(found, side, text_column(getattr(model.recipe.data, "text", None), side))]
    return found
