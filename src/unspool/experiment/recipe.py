"""A recipe: one whole experiment as one frozen value. `recipe_file` reads it from TOML."""

from typing import Annotated, Literal

from pydantic import Field

from unspool.evaluation.result import PublishedFigures
from unspool.models.config import Count, CountOrNone, description
from unspool.models.seq2seq import Seq2Seq
from unspool.models.seq2vec import Seq2Vec

Protocol = Literal["honest", "chapter"]


Seed = Annotated[int, Field(ge=0, lt=2**32, strict=True)]


@description(frozen=True)
class TextSettings:
    """Which texts to read, and how.

    Attributes:
        dataset: a name from `unspool datasets`.
        num_words: ids kept: 0 to `num_words` - 1, of which words have those from 4 on.
        skip_top: words whose id is lower become the unknown word (Keras's meaning: it counts ids, not words).
        maxlen: time steps; longer texts keep their end, shorter ones are padded in front.
    """

    dataset: str
    num_words: Count = 10_000
    skip_top: CountOrNone = 0
    maxlen: Count = 128


@description(frozen=True)
class ImageSettings:
    """Which images to read, row by row.

    Attributes:
        dataset: a name from `unspool datasets`.
    """

    dataset: str


@description(frozen=True)
class TrainingSettings:
    """How to train.

    Attributes:
        seed: of the split, the weights, the order of the batches and the dropout.
        batch_size: examples in a step.
        epochs: at most.
        learning_rate: of Adam (Kingma and Ba, 2015), at its defaults otherwise.
        clip_norm: gradients whose norm, all weights' together, is larger are scaled down to it (Pascanu, Mikolov and
            Bengio, 2013); None: they are taken as they are.
        early_stopping_patience: epochs without a better validation loss before training stops; the best epoch's weights
            are kept.
        plateau_patience: epochs without a better validation loss before the learning rate is reduced.
        plateau_factor: what it is multiplied with then.
        min_delta: what counts as better.
    """

    seed: Seed = 0
    batch_size: Count = 100
    epochs: Count = 1000
    learning_rate: Annotated[float, Field(gt=0, strict=True)] = 0.001
    clip_norm: Annotated[float, Field(gt=0, strict=True)] | None = None
    early_stopping_patience: Count = 7
    plateau_patience: Count = 3
    plateau_factor: Annotated[float, Field(gt=0, lt=1, strict=True)] = 0.5
    min_delta: Annotated[float, Field(ge=0, strict=True)] = 1e-4


@description(frozen=True)
class EvaluationSettings:
    """How to judge.

    Attributes:
        protocol: "honest": part of the training data stops training and picks the threshold, the test set is scored
            once. "chapter": the test set does all three, as in the chapter; for comparison only.
        validation_fraction: of the training data, set aside under the honest protocol.
        resamples: of the bootstrap that gives each score its interval.
    """

    protocol: Protocol = "honest"
    validation_fraction: Annotated[float, Field(gt=0, lt=1, strict=True)] = 0.1
    resamples: Annotated[int, Field(ge=100, strict=True)] = 2000


@description(frozen=True, kw_only=True)
class Recipe:
    """What every experiment has; which kind it is, the shape of its model decides.

    Attributes:
        name: of the recipe, and of its run's folder.
        title: one line on what it is.
        description: a paragraph on what it shows.
        data: what to read.
        model: what to train on it.
        training: how to train.
        evaluation: how to judge.
    """

    name: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$")]
    title: str = ""
    description: str = ""
    data: TextSettings | ImageSettings
    model: Seq2Vec | Seq2Seq
    training: TrainingSettings = TrainingSettings()
    evaluation: EvaluationSettings = EvaluationSettings()


@description(frozen=True, kw_only=True)
class ClassificationRecipe(Recipe):
    """A model that reads texts and tells which of two labels each has.

    Attributes:
        data: what to read.
        model: what to train on it.
        published: figures printed elsewhere for the same experiment, to stand beside ours.
    """

    data: TextSettings
    model: Seq2Vec
    published: PublishedFigures | None = None


@description(frozen=True, kw_only=True)
class ReconstructionRecipe(Recipe):
    """An autoencoder that reads images row by row, gives a vector, and draws the image again from it.

    Attributes:
        data: what to read.
        model: what to train on it.
    """

    data: ImageSettings
    model: Seq2Seq


KINDS: dict[str, type[Recipe]] = {"seq2vec": ClassificationRecipe, "seq2seq": ReconstructionRecipe}
"""The kind of recipe by the shape of its model."""
