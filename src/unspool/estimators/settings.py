"""The settings of the estimators: checked when `fit` is called, and turned into descriptions of model and training."""

from dataclasses import fields
from typing import Annotated, Any, Literal

import numpy as np
from pydantic import Field, TypeAdapter, ValidationError
from sklearn.utils import check_random_state

from unspool.data.tokenizer import Kind as TokenizerKind
from unspool.estimators.errors import InputError
from unspool.experiment.own.recipe import suited_model, suited_training
from unspool.experiment.recipe import TrainingSettings
from unspool.models.config import Cell, Count, Flag, Rate, description
from unspool.models.seq2vec import Seq2Vec

Reads = Literal["auto", "text", "tokens", "series"]


@description(frozen=True, kw_only=True)
class Settings:
    """What every estimator lets a person choose; None is what suits the data.

    Each field means what the parameter of the same name means in `SequenceClassifier`. Those with a default here are
    not parameters of every estimator.
    """

    cell: Cell
    units: Count
    layers: Count
    bidirectional: Flag
    pooling: Literal["last", "mean_max"]
    dropout: Rate | None
    length: Count | None
    epochs: Count | None
    batch_size: Count | None
    learning_rate: Annotated[float, Field(gt=0, allow_inf_nan=False, strict=True)]
    validation_fraction: Annotated[float, Field(ge=0, lt=0.5, strict=True)]
    patience: Count | None
    verbose: Literal[0, 1, 2]
    reads: Reads = "series"
    embedding: Count = 64
    vocabulary: Count | None = None
    tokenizer: TokenizerKind = "words"
    latent: Count = 1

    def model(self, kind: str) -> Seq2Vec:
        """The model for texts, tokens or series, without a head for its task."""
        chosen = suited_model("series" if kind == "series" else "text") | {
            "cell": self.cell,
            "units": self.units,
            "layers": self.layers,
            "bidirectional": self.bidirectional,
            "pooling": self.pooling,
            "embedding": self.embedding,
            "bigrams": 0,
        }
        if self.dropout is not None:
            chosen |= {"input_dropout": 0.0, "output_dropout": self.dropout}
        return Seq2Vec(**chosen)

    def training(self, kind: str, examples: int, seed: int) -> TrainingSettings:
        """How so many examples are trained on."""
        suited = suited_training("series" if kind == "series" else "text", examples)
        chosen = {
            "seed": seed,
            "epochs": self.epochs,
            "batch_size": self.batch_size,
            "early_stopping_patience": self.patience,
            "plateau_patience": None if self.patience is None else -(-self.patience // 3),
            "learning_rate": self.learning_rate,
        }
        return TrainingSettings(**suited | {name: value for name, value in chosen.items() if value is not None})


def checked_settings(estimator: Any) -> Settings:
    """Read an estimator's parameters.

    Raises:
        InputError: one has the wrong type or range; names it.
    """
    names = {field.name for field in fields(Settings)}
    given = {name: _plain(value) for name, value in estimator.get_params(deep=False).items() if name in names}
    try:
        return TypeAdapter(Settings).validate_python(given)
    except ValidationError as error:
        detail = error.errors()[0]
        name = detail["loc"][0]
        message = detail["msg"][0].lower() + detail["msg"][1:]
        raise InputError(f"{type(estimator).__name__}: {name} is {given[str(name)]!r}: {message}.") from error


def seed_of(random_state: Any) -> int:
    """The seed that a random state gives: a whole number itself, a generator's next number, or for None a new one.

    NumPy's global generator is not touched.

    Example:
        >>> seed_of(7), seed_of(np.random.RandomState(0)) == seed_of(np.random.RandomState(0))
        (7, True)
    """
    if random_state is None:
        return int(np.random.SeedSequence().generate_state(1)[0])
    if isinstance(random_state, int | np.integer):
        check_random_state(random_state)  # refuses what NumPy takes for no seed
        return int(random_state)
    return int(check_random_state(random_state).randint(2**31 - 1))


def _plain(value: Any) -> Any:
    """A grid of parameters may hold NumPy's numbers."""
    return value.item() if isinstance(value, np.generic) else value
