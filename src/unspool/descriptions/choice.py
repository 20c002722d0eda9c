"""A model that is chosen from several by cross-validation within the training data."""

from typing import Annotated, Literal

from pydantic import Field

from unspool.descriptions.config import description


@description(frozen=True, kw_only=True)
class ModelChoice:
    """Which models are compared, see `unspool.candidates`.

    Attributes:
        shape: of the model, always "choice".
        candidates: the names of the models that are compared; one is taken as it is. In a finished run, those that were
            tried, so that the same is chosen again.
        budget: seconds for the comparison; None takes as long as it takes.
        language_model: 10^12 operations for training a language model; None for as many as suit the budget. In a
            finished run, those that were taken.
    """

    shape: Literal["choice"] = "choice"
    candidates: Annotated[tuple[str, ...], Field(min_length=1)]
    budget: Annotated[float, Field(gt=0)] | None = None
    language_model: Annotated[float, Field(gt=0)] | None = None
