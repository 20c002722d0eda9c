"""The types of requests and answers, made from the model: they decode, they bound, and /openapi.json shows them."""

from dataclasses import dataclass
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta, Struct

from unspool.serving.loaded import Loaded
from unspool.serving.settings import Settings

MOST_NAMED = 100
"""Labels that a type lists by name."""
MOST_STATE = 1 << 20

_Number = float | None
_Id = Annotated[int, Meta(ge=-(1 << 63), le=(1 << 63) - 1)]


class Named(Struct):
    """The model that answers."""

    name: str
    version: str


class Begin(Struct, forbid_unknown_fields=True):
    """Begins a stream, or goes on from a saved state (base64)."""

    state: Annotated[str, Meta(max_length=MOST_STATE)] | None = None


class Begun(Struct):
    """A stream, named for what follows."""

    stream: str
    model: Named


class Saved(Struct):
    """The state of a stream (base64)."""

    state: str
    steps: int
    model: Named


class Wrong(Struct):
    """What is wrong with a request."""

    error: str


@dataclass(frozen=True)
class Schemas:
    """Types for one model.

    Attributes:
        predict: a request to /predict.
        predicted: its answer.
        push: the next steps of a stream.
        pushed: their answer.
    """

    predict: type[Any]
    predicted: type[Any]
    push: type[Any]
    pushed: type[Any]


def schemas_of(loaded: Loaded, settings: Settings) -> Schemas:
    """The types for a model, within the limits of a server."""
    examples: Any = {
        "texts": Annotated[str, Meta(max_length=settings.text, description="a text")],
        "ids": Annotated[list[_Id], Meta(max_length=settings.steps, description="token ids")],
        "series": Annotated[
            list[_Number | list[_Number]],
            Meta(
                max_length=settings.steps,
                description="a list of steps, each a list of one number per channel; null where one is missing",
            ),
        ],
    }[loaded.model.reads]
    some: Any = Meta(min_length=1, max_length=settings.examples)
    predict = msgspec.defstruct("Predict", [("examples", Annotated[list[examples], some])], forbid_unknown_fields=True)
    push = msgspec.defstruct("Push", [("steps", Annotated[list[list[float]], some])], forbid_unknown_fields=True)
    answer = _answer(loaded)
    predicted = msgspec.defstruct("Predicted", [("predictions", list[answer]), ("model", Named)])  # type: ignore[valid-type]
    pushed = msgspec.defstruct(
        "Pushed",
        [("answers", list[answer]), ("steps", int), ("model", Named)],  # type: ignore[valid-type]
    )
    return Schemas(predict, predicted, push, pushed)


def _answer(loaded: Loaded) -> type[Any]:
    model = loaded.model
    label: Any = Literal[model.labels] if 0 < len(model.labels) <= MOST_NAMED else str
    kinds = {"multilabel": list[label], "regression": float, "reconstruction": float}
    fields: list[Any] = [("prediction", kinds.get(model.task, label))]
    if model.labels:
        fields.append(("probabilities", dict[str, float]))
    return msgspec.defstruct("Answer", fields)


def answers_of(loaded: Loaded, outputs: Any) -> list[dict[str, Any]]:
    """What is said of each example, (N, K) outputs of a model."""
    model = loaded.model
    predictions = model.decide(outputs)
    if not model.labels:
        return [{"prediction": one} for one in predictions]
    rows = model.probabilities_of(outputs).tolist()
    return [
        {"prediction": one, "probabilities": dict(zip(model.labels, row, strict=True))}
        for one, row in zip(predictions, rows, strict=True)
    ]
