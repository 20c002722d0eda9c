"""The settings of the estimators: checked when `fit` is called, and turned into descriptions of model and training."""

from dataclasses import fields
from typing import Annotated, Any, Literal

import numpy as np
from pydantic import Field, TypeAdapter, ValidationError
from sklearn.utils import check_random_state

from unspool.data.tokenizers.tokenizer import TokenizerKind
from unspool.descriptions.config import Cell, Count, Flag, LayersOrNone, Rate, description
from unspool.descriptions.networks import Seq2Vec
from unspool.estimators.errors import InputError, as_input_error
from unspool.runs.recipes.defaults import suited_model, suited_training
from unspool.runs.recipes.recipe import TrainingSettings
from unspool.runs.recipes.unused_settings import refuse_unused

Kind = Literal["text", "tokens", "series"]
Reads = Literal["auto", "text", "tokens", "series"]

_OF_MODEL = ("cell", "units", "layers", "bidirectional", "pooling", "embedding")


@description(frozen=True, kw_only=True)
class Settings:
    """What every estimator lets a person choose; None is what suits the data.

    Each field means what the parameter of the same name means in `SequenceClassifier`. Those with a default here are
    not parameters of every estimator.
    """

    cell: Cell | None
    units: Count | None
    layers: LayersOrNone | None
    bidirectional: Flag | None
    pooling: Literal["last", "mean_max"] | None
    dropout: Rate | None
    length: Count | None
    epochs: Count | None
    batch_size: Count | None
    learning_rate: Annotated[float, Field(gt=0, allow_inf_nan=False, strict=True)] | None
    validation_fraction: Annotated[float, Field(ge=0, lt=0.5, strict=True)]
    patience: Count | None
    verbose: Literal[0, 1, 2]
    reads: Reads = "series"
    embedding: Count | None = None
    vocabulary: Count | None = None
    tokenizer: TokenizerKind | None = None
    latent: Count = 1

    def refuse_unused(self, kind: Kind) -> None:
        """Refuse what would have no effect on sequences of a kind.

        Raises:
            InputError: names one such setting.
        """
        asked = [name for name in _OF_MODEL if getattr(self, name) is not None]
        layers = 1 if self._recurrent(kind) else 0
        with as_input_error():
            refuse_unused(asked, layers, kind)
        if self.pooling == "last" and layers == 0:
            raise InputError(
                "pooling is 'last', but this model has no recurrent layer, and so no last state. Set layers=1 too."
            )
        if self.tokenizer is not None and kind != "text":
            raise InputError(f"tokenizer has no effect: X holds {kind}, no texts. Leave it out.")
        if self.vocabulary is not None and kind == "series":
            raise InputError("vocabulary has no effect: X holds series, which have no tokens. Leave it out.")

    def model(self, kind: Kind, examples: int) -> Seq2Vec:
        """The model for so many texts, lists of tokens or series, without a head for its task."""
        chosen = suited_model(_suits(kind), examples, self._recurrent(kind))
        chosen |= {name: getattr(self, name) for name in _OF_MODEL if getattr(self, name) is not None}
        if self.dropout is not None:
            chosen |= {"input_dropout": 0.0, "output_dropout": self.dropout}
        return Seq2Vec(**chosen)

    def training(self, kind: Kind, examples: int, seed: int, balanced: bool = False) -> TrainingSettings:
        """How so many examples are trained on, `balanced` so that all classes count the same."""
        suited = suited_training(_suits(kind), examples, self._recurrent(kind))
        chosen = {
            "seed": seed,
            "epochs": self.epochs,
            "batch_size": self.batch_size,
            "early_stopping_patience": self.patience,
            "plateau_patience": None if self.patience is None else -(-self.patience // 3),
            "learning_rate": self.learning_rate,
            "class_weight": "balanced" if balanced else "none",
        }
        return TrainingSettings(**suited | {name: value for name, value in chosen.items() if value is not None})

    def _recurrent(self, kind: Kind) -> bool:
        """Series are read by recurrent layers unless they are refused, texts where a cell or layers are asked for."""
        if self.layers is None:
            return kind == "series" or self.cell is not None
        return self.layers > 0


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


def _suits(kind: Kind) -> str:
    """What tokens are to the rules for texts and series: texts."""
    return "series" if kind == "series" else "text"
