"""The types of requests and answers, made from the model: they decode, they bound, and /openapi.json shows them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any

import msgspec
from msgspec import Meta, Struct

from unspool.serving.loaded import Loaded, Translating
from unspool.serving.refusals import Refusal
from unspool.serving.settings import Settings

MOST_STATE = 1 << 20
_MOST_TIME = 64
"""Characters of a time."""

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
    steps: Any = Annotated[list[_Number | list[_Number]], Meta(max_length=settings.steps)]
    examples: Any = {
        "texts": Annotated[str, Meta(max_length=settings.text, description="a text")],
        "ids": Annotated[list[_Id], Meta(max_length=settings.steps, description="token ids")],
        "rows": Annotated[
            dict[str, Annotated[str, Meta(max_length=settings.text)] | int | float | bool | None],
            Meta(description=_columns(loaded)),
        ],
        "words": Annotated[
            list[Annotated[str, Meta(max_length=settings.text)]],
            Meta(max_length=settings.steps, description="a list of words; each gets a tag"),
        ],
        "series": Annotated[
            steps,
            Meta(description="a list of steps, each a list of one number per channel; null where one is missing"),
        ],
        "histories": Annotated[
            steps | dict[str, steps | Annotated[str, Meta(max_length=_MOST_TIME)] | float | None],
            Meta(description=_histories(loaded)),
        ],
    }[loaded.model.reads]
    some: Any = Meta(min_length=1, max_length=settings.examples)
    asked: list[Any] = [("examples", Annotated[list[examples], some])]
    if loaded.format.translates:
        count = Meta(ge=1, le=settings.translations, description="translations of each text")
        asked.append(("count", Annotated[int, count], 1))
    predict = msgspec.defstruct("Predict", asked, forbid_unknown_fields=True)
    push = msgspec.defstruct(
        "Push", [("steps", Annotated[list[float | list[float]], some])], forbid_unknown_fields=True
    )
    answer = msgspec.defstruct("Answer", loaded.format.fields())
    predicted = msgspec.defstruct("Predicted", [("predictions", list[answer]), ("model", Named)])  # type: ignore[valid-type]
    pushed = msgspec.defstruct(
        "Pushed",
        [("answers", list[answer]), ("steps", int), ("model", Named)],  # type: ignore[valid-type]
    )
    return Schemas(predict, predicted, push, pushed)


def _columns(loaded: Loaded) -> str:
    """What the columns of a row are, for a model that reads rows."""
    reader = loaded.model.description["reader"]
    kinds = {"text": [reader.get("text")], "numeric": reader.get("numeric"), "categorical": reader.get("categorical")}
    said = [f"{kind} {', '.join(map(repr, names))}" for kind, names in kinds.items() if names]
    return f"a row with the columns: {'; '.join(said)}; null where a value is missing"


def _histories(loaded: Loaded) -> str:
    """What a history is, for a model that forecasts."""
    names = ", ".join(map(repr, loaded.model.description["reader"].get("columns", ())))
    return (
        f"a history: a list of steps with {names}, or an object with this list as 'history', with 'ahead' (what is "
        "known of the steps that are forecast) and with 'start' (the time of the first step), if the model reads them"
    )


def asked_of(loaded: Loaded, count: int, settings: Settings) -> Translating | None:
    """What a model that translates is asked for; None for others.

    Raises:
        Refusal: more translations than the server gives.
    """
    if not loaded.format.translates:
        return None
    if not 1 <= count <= settings.translations:
        raise Refusal(400, f"Invalid request: the count is {count}; it must be from 1 to {settings.translations}.")
    return Translating(count, min(settings.tokens, loaded.model.description["task"]["maximum"]))


def refuse_too_many_steps(loaded: Loaded, examples: Sequence[Any], settings: Settings) -> None:
    """Bound what a model that tags has to answer.

    Raises:
        Refusal: the examples of a request have too many words or steps together.
    """
    total = sum(map(len, examples)) if loaded.format.by_step else 0
    if total > settings.steps:
        what = "words" if loaded.model.reads == "words" else "steps"
        raise Refusal(400, f"The examples have {total:,} {what} together; the limit is {settings.steps:,}. Send fewer.")
