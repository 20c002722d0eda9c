"""The network of a task: its head and loss, the examples that it is trained on, and its outputs."""

from abc import ABC, abstractmethod
from dataclasses import replace
from typing import TYPE_CHECKING, Any, ClassVar, Literal, Protocol, Self, TypeAlias

import numpy as np
from numpy.typing import NDArray

from unspool.data.labels import Targets

if TYPE_CHECKING:  # a report knows tasks, and needs no Keras
    import keras

    from unspool.descriptions.networks import Seq2Vec

PREDICTION_BATCH = 64

Outputs: TypeAlias = NDArray[np.float64]


class Part(Protocol):
    """A part of the examples, as a model reads them."""

    @property
    def inputs(self) -> Any:
        """Of N examples."""

    @property
    def targets(self) -> Any:
        """Of the same, from `Task.encode`."""


class TaskNetwork(ABC):
    """How a network is built, trained and used."""

    shapes: ClassVar[tuple[str, ...]] = ("seq2vec", "choice")
    """The values of `model.shape` that suit the task."""
    network: ClassVar[str] = ""
    """What messages call the network of a task that trains one of its own kind; empty for other tasks."""
    activation: ClassVar[Literal["sigmoid", "softmax", "linear"]]
    """The activation of the model's head."""
    loss: ClassVar[str]
    metrics: ClassVar[tuple[str, ...]] = ()
    """What training logs besides the loss."""
    not_for_texts: ClassVar[str] = ""
    """Why the task is not for texts; empty if it is."""
    by_step: ClassVar[bool] = False
    """Whether a model answers at each step, not once for the whole sequence."""
    answers_vary_in_length: ClassVar[bool] = False
    """Whether answers to series vary in length; then series keep their own lengths as well."""

    def suited_network(self, examples: int, shape: str | None) -> dict[str, Any]:
        """The settings of a network that suits the number of examples, for tasks that need one (see `network`).

        Args:
            examples: how many there are for training.
            shape: the `model.shape` that was asked for, or None.
        """
        raise NotImplementedError

    @property
    @abstractmethod
    def outputs(self) -> int:
        """The width of the model's head."""

    @property
    def shape_of_outputs(self) -> tuple[int, ...]:
        """The shape of one output of a model of raw examples; () for a single number."""
        return () if self.outputs == 1 else (self.outputs,)

    def head(self, model: "Seq2Vec", outputs: int | None = None) -> "Seq2Vec":
        """Give a description the head of the task; `outputs` is its width, if it differs from the task's."""
        return replace(model, outputs=outputs or self.outputs, activation=self.activation)

    def build(self, model: Any, inputs: Any) -> "keras.Model":
        """Build the network of a description, with weights drawn from Keras's global seed."""
        from unspool.descriptions.inputs import Series, Tokens
        from unspool.models.seq2vec import seq2vec

        assert isinstance(inputs, Tokens | Series)
        return seq2vec(self.head(model), inputs)

    def compile(self, network: "keras.Model", model: Any, optimizer: "keras.optimizers.Optimizer") -> None:
        """Compile a network with the loss and the metrics of the task."""
        network.compile(optimizer, loss=self.loss, metrics=list(self.metrics))

    def weights(self, targets: Targets) -> NDArray[np.float64] | None:
        """(N,) weights with which all classes count the same; None where that changes little."""
        return None

    def examples(self, inputs: Any, targets: Targets, balanced: bool) -> tuple[Any, ...]:
        """Inputs, targets and, if `balanced` and not None, `weights`: what training takes."""
        weights = self.weights(targets) if balanced else None
        return (inputs, targets) if weights is None else (inputs, targets, weights)

    def completed(self, network: Any, training: Part, validation: Part, measure: str | None = None) -> Self:
        """The same task with what it learns after the network is trained; most tasks learn nothing.

        Args:
            network: trained.
            training: the examples that it was trained on.
            validation: the examples to choose settings on.
            measure: the name of the measure to choose them by; None takes the first.
        """
        return self

    def predict(self, network: "keras.Model", inputs: Any) -> Outputs:
        """The outputs of a network for N inputs, as they are scored."""
        from unspool.training import predict

        return self.answers(predict(network, inputs, batch_size=PREDICTION_BATCH))

    def networks(self, network: "keras.Model") -> "tuple[keras.Model, ...]":
        """The networks that compute an answer in turn, each from the outputs of the one before."""
        return (network,)

    def answers(self, outputs: NDArray[Any]) -> Outputs:
        """Turn (N, outputs) numbers of the model's head into the form in which they are scored, see `Predictions`."""
        return outputs.astype(np.float64)

    @property
    def unscaled(self) -> Self:
        """The task without the unit of its targets, which a network does not know."""
        return self
