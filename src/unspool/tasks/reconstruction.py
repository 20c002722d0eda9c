"""Reconstruction: an autoencoder gives back what it reads."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from numpy.typing import NDArray

from unspool.data.labels import Label, Targets
from unspool.evaluation.baselines.reconstruction import SimpleReconstruction, fit_reconstruction_baselines
from unspool.evaluation.latent import LatentErrors, scores_of_latent_errors
from unspool.evaluation.measures import weighted
from unspool.evaluation.measures.measure import Measure
from unspool.evaluation.measures.reconstruction import Likelihood, example_errors
from unspool.evaluation.measures.super_resolution import decibels
from unspool.evaluation.wording import difference_with_interval, three_digits
from unspool.tasks.base import Outputs, Task

if TYPE_CHECKING:
    import keras

    from unspool.descriptions.networks import Autoencoder

SQUARED, CROSS_ENTROPY, ENTROPY = 0, 1, 2
"""The columns of the outputs: errors of each example, see `ExampleErrors.columns`."""


def _four_decimals(figure: float) -> str:
    return f"{figure:.4f}"


def _excess(errors: Outputs) -> Outputs:
    excess: Outputs = errors[:, CROSS_ENTROPY] - errors[:, ENTROPY]
    return excess


_MSE = Measure(
    "mean squared error",
    "of a number (a pixel); lower is better",
    lambda _, e, __: float(e[:, SQUARED].mean()),
    lambda _, e, __: weighted.mean(e[:, SQUARED]),
    three_digits,
    difference_with_interval,
    higher_is_better=False,
    bounds=(0.0, np.inf),
)
_OF_ANY_NUMBERS = {"mse": _MSE}
GREY_VALUES = {
    "cross_entropy": Measure(
        "cross-entropy",
        "nats a number (a pixel), the loss that is trained on; lower is better",
        lambda _, e, __: float(e[:, CROSS_ENTROPY].mean()),
        lambda _, e, __: weighted.mean(e[:, CROSS_ENTROPY]),
        _four_decimals,
        difference_with_interval,
        higher_is_better=False,
        bounds=(0.0, np.inf),
    ),
    "excess": Measure(
        "excess cross-entropy",
        "what is left when the entropy of the grey pixels themselves, which no model can go below, is taken away",
        lambda _, e, __: float(_excess(e).mean()),
        lambda _, e, __: weighted.mean(_excess(e)),
        _four_decimals,
        difference_with_interval,
        higher_is_better=False,
        bounds=(0.0, np.inf),
    ),
    "mse": _MSE,
    "psnr": Measure(
        "PSNR",
        "peak signal-to-noise ratio in decibels, 10 log₁₀(1 / mean squared error); higher is better",
        lambda _, e, __: float(decibels(e[:, SQUARED].mean())),
        lambda _, e, __: lambda counts: decibels(weighted.mean(e[:, SQUARED])(counts)),
        lambda figure: f"{figure:.2f}" if figure < float("inf") else "infinite",
        bounds=(-np.inf, np.inf),
    ),
}


@dataclass(frozen=True)
class Reconstruction(Task):
    """The input again; outputs are the errors of each example, (N, 1) or (N, 3).

    Attributes:
        likelihood: "bernoulli" for numbers in [0, 1], judged by cross-entropy; "gaussian" for any numbers, judged by
            squared error.

    Example:
        >>> list(Reconstruction(likelihood="gaussian").measures)
        ['mse']
    """

    likelihood: Likelihood = field(default="bernoulli", kw_only=True)

    name = "reconstruction"
    title = "reconstruction of the input (an autoencoder)"
    counts_labels = False
    shapes = ("autoencoder", "choice")
    network = "an autoencoder"
    activation = "linear"
    loss = "mse"
    needs_labels = False
    fewest = 3  # trustworthiness needs an example, its nearest neighbour and another one
    not_for_texts = "an autoencoder reads series or images, not texts"
    explainable = False
    compared_on_validation = True
    without_others = "an autoencoder is scored by its reconstruction of each example, not by a prediction"
    has_probabilities = False
    sections = ("pictures.html.j2",)

    def __post_init__(self) -> None:
        if self.likelihood not in ("bernoulli", "gaussian"):
            raise ValueError(f"there is no likelihood {self.likelihood!r}")

    @property
    def measures(self) -> Mapping[str, Measure]:  # type: ignore[override]
        """Of grey values, or of any numbers."""
        return GREY_VALUES if self.likelihood == "bernoulli" else _OF_ANY_NUMBERS

    @classmethod
    def known_measures(cls) -> Mapping[str, Measure]:
        """Those of grey values, which those of any numbers are among."""
        return GREY_VALUES

    @property
    def compared(self) -> tuple[str, ...]:  # type: ignore[override]
        """The loss."""
        return (self.headline,)

    @property
    def figures(self) -> tuple[str, ...]:  # type: ignore[override]
        """Pictures, where sequences are grey values."""
        if self.likelihood == "gaussian":
            return ("headline", "loss", "example")
        pictures = ("reconstructions", "class-averages", "latent-space", "latent-walk", "interpolation", "generated")
        return ("headline", "loss", *pictures)

    @classmethod
    def learn(cls, labels: Sequence[Label]) -> Self:
        """Nothing is learned from labels."""
        return cls(likelihood="gaussian")

    @property
    def outputs(self) -> int:
        """As many as the input has."""
        return 0

    def _encode(self, labels: Sequence[Label]) -> Targets:
        return np.zeros(len(labels), dtype=np.int64)

    def decode(self, targets: Any) -> list[Any]:
        """There are no labels."""
        return [""] * len(targets)

    def suited_network(self, examples: int, shape: str | None) -> dict[str, Any]:
        """An autoencoder of series, which are any numbers and may have different lengths."""
        common = {"cell": "lstm", "units": 64, "bidirectional": True, "batch_normalization": False}
        encoder = common | {"pooling": "mean_max", "input_dropout": 0.0, "output_dropout": 0.0}
        return {
            "shape": "autoencoder",
            "encoder": encoder | {"outputs": 16, "activation": "linear"},
            "decoder": common | {"output": "gaussian"},
        }

    def principal_components(self, width: int) -> "Autoencoder":
        """The linear autoencoder whose latent vectors have this width; `linear` is true of it."""
        from unspool.descriptions.networks import Autoencoder, Seq2Vec, Vec2Seq

        plain: dict[str, Any] = {"layers": 0, "batch_normalization": False, "input_dropout": 0.0, "output_dropout": 0.0}
        encoder = Seq2Vec(pooling="flatten", outputs=width, activation="linear", **plain)
        return Autoencoder(encoder=encoder, decoder=Vec2Seq(output="gaussian", **plain))

    def build(self, model: Any, inputs: Any) -> "keras.Model":
        """Encoder and decoder in one."""
        from unspool.descriptions.inputs import Series
        from unspool.descriptions.networks import Autoencoder
        from unspool.models.autoencoder import autoencoder

        assert isinstance(model, Autoencoder)
        assert isinstance(inputs, Series)
        return autoencoder(model, inputs)

    def compile(self, network: "keras.Model", model: Any, optimizer: "keras.optimizers.Optimizer") -> None:
        """The loss is that of the decoder's likelihood."""
        from unspool.models.autoencoder import reconstruction_loss

        network.compile(optimizer, loss=reconstruction_loss(model))

    def examples(self, inputs: Any, targets: Targets, balanced: bool) -> tuple[Any, ...]:
        """Inputs are their own targets; padding weighs nothing."""
        from unspool.models.series import targets_and_weights

        return (inputs, *targets_and_weights(inputs)) if np.isnan(inputs).any() else (inputs, inputs)

    def predict(self, network: "keras.Model", inputs: Any) -> Outputs:
        """The errors of each example."""
        from unspool.models.series import present_steps
        from unspool.training.autoencoder import halves

        autoencoder = halves(network)
        present = present_steps(inputs) if autoencoder.reads_padding else None
        errors = example_errors(inputs, autoencoder.reconstruct(inputs), present, likelihood=self.likelihood)
        return errors.columns

    def networks(self, network: "keras.Model") -> "tuple[keras.Model, ...]":
        """The encoder, and the decoder."""
        from unspool.training.autoencoder import halves

        autoencoder = halves(network)
        return autoencoder.encoder, autoencoder.decoder

    def decide(self, outputs: Outputs, threshold: float | None) -> tuple[list[Any], list[Any]]:
        """The loss of each example: the larger, the less it is like those of training."""
        column = CROSS_ENTROPY if self.likelihood == "bernoulli" else SQUARED
        return outputs[:, column].tolist(), []

    def golden(self, model: Any, inputs: Any) -> tuple[list[Any], Outputs]:
        """The loss of each input, as label and as number."""
        losses = super().golden(model, inputs)[0]
        return losses, np.array(losses)

    def portable(self, threshold: float | None) -> dict[str, Any]:
        """What the numbers are."""
        return {"likelihood": self.likelihood}

    def answers_in_words(self, threshold: float | None) -> str:
        """The loss of each example."""
        return "how badly an example is reconstructed: the larger, the less it is like those of training"

    def simple_reconstructions(
        self,
        training: tuple[NDArray[np.floating], NDArray[Any] | None],
        test: tuple[NDArray[np.floating], NDArray[Any] | None],
        dimensions: int,
        cache_folder: Path | None,
    ) -> tuple[SimpleReconstruction, ...]:
        """The mean, and PCA with as many dimensions as the latent vector; of sequences and their labels."""
        from unspool.models.series import present_steps

        (train, train_labels), (tested, test_labels) = training, test
        padded = bool(np.isnan(train).any() or np.isnan(tested).any())
        return fit_reconstruction_baselines(
            np.nan_to_num(train) if padded else train,
            np.nan_to_num(tested) if padded else tested,
            dimensions=dimensions,
            train_labels=train_labels,
            test_labels=test_labels,
            train_mask=present_steps(train) if padded else None,
            test_mask=present_steps(tested) if padded else None,
            likelihood=self.likelihood,
            cache_folder=cache_folder,
        )


def latent_details(errors: LatentErrors, resamples: int, groups: NDArray[np.integer] | None = None) -> dict[str, Any]:
    """What latent vectors keep of the sequences, as plain values for `Scores.details`."""
    scores = scores_of_latent_errors(errors, groups, resamples=resamples)
    flat = asdict(scores)
    accuracy = flat.pop("neighbours_accuracy")
    value, ends = (accuracy["value"], list(accuracy["interval"].values())) if accuracy else (None, None)
    return {"latent": flat | {"neighbours_accuracy": value, "neighbours_accuracy_ci": ends}}
