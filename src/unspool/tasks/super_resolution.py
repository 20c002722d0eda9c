"""Super-resolution: from an image's rows to those of a larger one."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Self, cast

import numpy as np
from numpy.typing import NDArray

from unspool.data.labels import Label, Targets
from unspool.errors import UserError
from unspool.evaluation.baselines.enlarging import interpolated, ridge
from unspool.evaluation.baselines.simple_models import RawParts, SimpleModel
from unspool.evaluation.measures.super_resolution import MEASURES, as_grey
from unspool.tasks.base import PREDICTION_BATCH, Outputs, Task

if TYPE_CHECKING:
    import keras

_NO_LABELS = (
    "The task super_resolution reads images of a named dataset. Run a recipe, such as unspool run mnist-superres."
)


@dataclass(frozen=True)
class SuperResolution(Task):
    """A larger image for each image; targets are (N, T, D) grey values in [0, 1], scored as (N, T D) bytes.

    Attributes:
        rows: T, of the large images.
        factor: how much larger they are.

    Example:
        >>> task = SuperResolution(rows=2, factor=2)
        >>> task.decide(task.truth(np.array([[[0.0, 1.0], [0.5, 0.0]]])), None)[0]
        [[[0, 255], [128, 0]]]
    """

    rows: int = field(default=1, kw_only=True)
    factor: int = field(default=2, kw_only=True)

    name = "super_resolution"
    title = "super-resolution (a larger image for each image)"
    counts_labels = False
    measures = MEASURES
    compared = ("psnr", "mse")
    shapes = ("upscaler",)
    activation = "linear"
    loss = "mse"
    figures = ("headline", "loss", "enlarged")
    sections = ("enlarged.html.j2",)
    needs_labels = False
    explainable = False
    without_others = "a prediction is an image, which a table cannot hold"
    has_probabilities = False
    no_probabilities = "This model enlarges images: it has no probabilities. Use predict."

    def __post_init__(self) -> None:
        for value in (self.rows, self.factor):
            if not isinstance(value, int) or value < 1:
                raise ValueError(f"rows or factor is {value!r}")

    @classmethod
    def learn(cls, labels: Sequence[Label]) -> Self:
        """Not from labels.

        Raises:
            UserError: always; says how it is asked for.
        """
        raise UserError(_NO_LABELS)

    @property
    def outputs(self) -> int:
        """The network's description says it."""
        return 0

    def _encode(self, labels: Sequence[Label]) -> Targets:
        raise UserError(_NO_LABELS)

    def decode(self, targets: Any) -> list[Any]:
        """(N, T, D) images as grey values from 0 to 255."""
        return self.decide(self.truth(targets), None)[0]

    def truth(self, targets: Any) -> NDArray[Any]:
        """(N, T D) bytes."""
        return as_grey(targets)

    def build(self, model: Any, inputs: Any) -> "keras.Model":
        """A network that gives an image."""
        from unspool.descriptions.inputs import Series
        from unspool.descriptions.networks import Upscaler
        from unspool.models.upscaler import upscaler

        assert isinstance(model, Upscaler)
        assert isinstance(inputs, Series)
        return upscaler(model, inputs)

    def predict(self, network: "keras.Model", inputs: Any) -> Outputs:
        """The enlarged images, (N, T D) bytes."""
        return cast(Outputs, as_grey(self.drawn(network, inputs)))

    def drawn(self, network: "keras.Model", inputs: Any) -> NDArray[np.float32]:
        """The same before they are rounded and cut off, (N, T, D)."""
        from unspool.training import predict

        return np.asarray(predict(network, inputs, batch_size=PREDICTION_BATCH), np.float32)

    def golden(self, model: Any, inputs: Any) -> tuple[list[Any], Outputs]:
        """No labels, and the numbers before they are rounded to grey values: rounding would make the last bit count."""
        drawn = self.drawn(model.network, inputs).astype(np.float64)
        return [""] * len(drawn), drawn.reshape(len(drawn), -1)

    def decide(self, outputs: Outputs, threshold: float | None) -> tuple[list[Any], list[Any]]:
        """The enlarged images: a list of rows of grey values from 0 to 255 each."""
        return np.asarray(outputs, np.int64).reshape(
            len(outputs), self.rows, outputs.shape[1] // self.rows
        ).tolist(), []

    def portable(self, threshold: float | None) -> dict[str, Any]:
        """How many rows the larger images have."""
        return {"rows": self.rows}

    def answers_in_words(self, threshold: float | None) -> str:
        """What an answer is."""
        return f"an image {self.factor} times as high and as wide, as {self.rows} rows of grey values from 0 to 255"

    def simple_models(self, parts: RawParts) -> list[SimpleModel]:
        """Bicubic interpolation, and ridge regression on the pixels."""
        return [interpolated(parts, self.factor), ridge(parts)]
