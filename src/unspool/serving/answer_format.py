"""How the server describes and writes the answers of each task: one class per kind of answer, found by the task."""

from collections.abc import Sequence
from typing import Any, Literal

import numpy as np
from msgspec import Struct

from unspool_runtime import Model, Translation

MOST_NAMED = 100
"""With more labels than this, a type does not list them by name."""

Described = list[tuple[str, str, list[int]]]
"""Tensors by name, type and shape; -1 is any size."""


class Output(Struct):
    """A tensor of an answer, in the Open Inference Protocol."""

    name: str
    shape: list[int]
    datatype: str
    data: list[Any]


class Translated(Struct):
    """A translation of a text.

    Translations of one text are ranked by their score. One that has not ended was cut at the maximum length of the
    model or of this server.
    """

    text: str
    score: float
    log_probability: float
    ended: bool


class AnswerFormat:
    """One label of a few with the probability of each, or a number where the model has no labels."""

    by_step = False
    """Whether each word or step gets an answer."""
    translates = False

    def __init__(self, model: Model):
        self.model = model

    @property
    def label(self) -> Any:
        """The type of a label."""
        labels = self.model.labels
        return Literal[labels] if 0 < len(labels) <= MOST_NAMED else str

    @property
    def prediction(self) -> Any:
        """The type of a prediction."""
        return self.label

    def fields(self) -> list[Any]:
        """The names and types of an answer in JSON."""
        probabilities = [("probabilities", dict[str, float])] if self.model.labels else []
        return [("prediction", self.prediction), *probabilities]

    def said(self, outputs: Any) -> list[dict[str, Any]]:
        """The JSON answer for each example, from what `Loaded.answers` gave."""
        predictions = self.model.decide(outputs)
        if not self.model.labels:
            return [{"prediction": one} for one in predictions]
        rows = self.model.probabilities_of(outputs).tolist()
        return [
            {"prediction": one, "probabilities": dict(zip(self.model.labels, row, strict=True))}
            for one, row in zip(predictions, rows, strict=True)
        ]

    def described(self) -> Described:
        """The tensors of an answer."""
        if not self.model.labels:
            return [("prediction", "FP64", [-1])]
        return [("prediction", "BYTES", [-1]), ("probabilities", "FP64", [-1, len(self.model.labels)])]

    def tensors(self, outputs: Any) -> list[Output]:
        """The tensors of the answers to N examples."""
        predictions = self.model.decide(outputs)
        if not self.model.labels:
            return [Output("prediction", [len(outputs)], "FP64", predictions)]
        return [Output("prediction", [len(outputs)], "BYTES", predictions), self._probabilities(outputs)]

    def _probabilities(self, outputs: Any) -> Output:
        shape = [len(outputs), len(self.model.labels)]
        return Output("probabilities", shape, "FP64", self.model.probabilities_of(outputs).ravel().tolist())


class SeveralLabels(AnswerFormat):
    """Any of the labels."""

    @property
    def prediction(self) -> Any:
        """A list of labels."""
        return list[self.label]  # type: ignore[name-defined]

    def described(self) -> Described:
        """Yes or no for each label."""
        (_, *probabilities), labels = super().described(), len(self.model.labels)
        return [("prediction", "BOOL", [-1, labels]), *probabilities]

    def tensors(self, outputs: Any) -> list[Output]:
        """Likewise."""
        chosen = [label in some for some in map(set, self.model.decide(outputs)) for label in self.model.labels]
        shape = [len(outputs), len(self.model.labels)]
        return [Output("prediction", shape, "BOOL", chosen), self._probabilities(outputs)]


class Numbers(AnswerFormat):
    """A number."""

    prediction = float


class Forecasts(AnswerFormat):
    """For each step the forecast, and the ends of its interval; not for the Open Inference Protocol."""

    prediction = list[tuple[float, float, float]]


class Images(AnswerFormat):
    """Rows of grey values."""

    prediction = list[list[int]]

    def _size(self) -> list[int]:
        reader, factor = self.model.description["reader"], self.model.description["model"]["factor"]
        return [factor * reader["length"], factor * reader["features"]]

    def described(self) -> Described:
        """An image."""
        return [("prediction", "INT64", [-1, *self._size()])]

    def tensors(self, outputs: Any) -> list[Output]:
        """Images end to end."""
        pixels = [pixel for image in self.model.decide(outputs) for row in image for pixel in row]
        return [Output("prediction", [len(outputs), *self._size()], "INT64", pixels)]


class Tags(AnswerFormat):
    """A label for each word or step; outputs are (T, K) of each example."""

    by_step = True

    def fields(self) -> list[Any]:
        """A list of both."""
        return [("prediction", list[self.label]), ("probabilities", list[dict[str, float]])]  # type: ignore[name-defined]

    def said(self, outputs: Any) -> list[dict[str, Any]]:
        """A tag and its probabilities for each word or step."""
        labels = self.model.labels
        return [
            {
                "prediction": self.model.decide(one[None])[0],
                "probabilities": [dict(zip(labels, row, strict=True)) for row in one.tolist()],
            }
            for one in outputs
        ]

    def described(self) -> Described:
        """Padded to one length."""
        labels = len(self.model.labels)
        return [("prediction", "BYTES", [-1, -1]), ("probabilities", "FP64", [-1, -1, labels])]

    def tensors(self, outputs: Any) -> list[Output]:
        """Rows are filled up with empty texts and zeros."""
        shape = [len(outputs), max(map(len, outputs))]
        tags = [[*self.model.decide(one[None])[0], *[""] * (shape[1] - len(one))] for one in outputs]
        probabilities = np.zeros((*shape, len(self.model.labels)))
        for row, one in zip(probabilities, outputs, strict=True):
            row[: len(one)] = one
        return [
            Output("prediction", shape, "BYTES", [tag for row in tags for tag in row]),
            Output("probabilities", [*probabilities.shape], "FP64", probabilities.ravel().tolist()),
        ]


class Translations(AnswerFormat):
    """Texts, the best first; outputs are lists of `Translation`."""

    translates = True

    def fields(self) -> list[Any]:
        """The best text, and all."""
        return [("prediction", str), ("translations", list[Translated])]

    def said(self, outputs: Sequence[Sequence[Translation]]) -> list[dict[str, Any]]:
        """Likewise."""
        return [{"prediction": best[0].text, "translations": [one._asdict() for one in best]} for best in outputs]

    def described(self) -> Described:
        """The best of each text, and all."""
        every: Described = [("translations", "BYTES", [-1, -1]), ("scores", "FP64", [-1, -1])]
        return [("prediction", "BYTES", [-1]), *every, ("counts", "INT64", [-1])]

    def tensors(self, outputs: Sequence[Sequence[Translation]]) -> list[Output]:
        """Rows are filled up with empty texts and zeros."""
        shape = [len(outputs), max(map(len, outputs))]
        rows = [[*((one.text, one.score) for one in some), *[("", 0.0)] * (shape[1] - len(some))] for some in outputs]
        return [
            Output("prediction", shape[:1], "BYTES", [some[0].text for some in outputs]),
            Output("translations", shape, "BYTES", [text for row in rows for text, _ in row]),
            Output("scores", shape, "FP64", [score for row in rows for _, score in row]),
            Output("counts", shape[:1], "INT64", [len(some) for some in outputs]),
        ]


_OF_TASKS: dict[str, type[AnswerFormat]] = {
    "multilabel": SeveralLabels,
    "regression": Numbers,
    "reconstruction": Numbers,
    "forecasting": Forecasts,
    "super_resolution": Images,
    "tagging": Tags,
    "translation": Translations,
}
"""By the name of the portable model's task; all others answer with one label."""


def format_of(model: Model) -> AnswerFormat:
    """How a model's answers are described and written."""
    return _OF_TASKS.get(model.task, AnswerFormat)(model)
