"""How a file becomes a model: every setting in one frozen value, and the defaults that suit a file."""

import tomllib
from collections.abc import Iterable
from dataclasses import asdict, replace
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field

from unspool.data.labels import LabelCodec
from unspool.data.parts import FRACTION
from unspool.data.tables.problems import OnError
from unspool.data.task import Task
from unspool.data.tokenizer import Kind
from unspool.errors import UserError
from unspool.experiment.recipe import Recipe, Seed
from unspool.experiment.recipe_file import apply_setting, recipe_from
from unspool.models.config import Count, description
from unspool.models.seq2vec import Seq2Vec

_MANY, _FEW = 10_000, 1_000
_OF_RECURRENT_LAYERS = ("cell", "units", "bidirectional")
_OF_TEXTS = ("embedding", "token_dropout", "bigrams", "bigram_embedding")

_Fraction = Annotated[float, Field(gt=0, lt=0.5, strict=True)]


@description(frozen=True, kw_only=True)
class OwnFile:
    """Which file to read, and how.

    Attributes:
        path: of a table, of a folder of texts, or of a .npz file.
        test: a table with the test examples, or None to take them from the same file.
        kind: what is read: "text" or "series".
        text: the column that is read.
        label: the column that is predicted.
        group: rows with the same value stay together when parts are drawn, unless by time.
        time: of texts, the newest are held out; of series, the order of the steps.
        id: a name of each row.
        split: the column that says which part each row belongs to.
        newest: of series, the column that says when each was recorded: the newest are held out.
        series: the column that tells series apart.
        channels: the columns with the numbers of a series.
        task: what is predicted, or None to read it from the labels.
        tokenizer: "words" or "bpe".
        size: of the vocabulary, or None for the tokenizer's rule.
        length: tokens or steps that are read at most, the last ones; or None to choose it from the training data.
        validation_fraction: of the rows, where validation is drawn.
        test_fraction: of the rows, where the test is drawn.
        parts_seed: that parts are drawn from, or None for that of the training.
        on_error: what is done about a row that cannot be used.
    """

    path: str
    test: str | None = None
    kind: Literal["text", "series"] = "text"
    text: str | None = None
    label: str | None = None
    group: str | None = None
    time: str | None = None
    id: str | None = None
    split: str | None = None
    newest: str | None = None
    series: str | None = None
    channels: tuple[str, ...] | None = None
    task: Task | None = None
    tokenizer: Kind = "words"
    size: Count | None = None
    length: Count | None = None
    validation_fraction: _Fraction = FRACTION
    test_fraction: _Fraction = FRACTION
    parts_seed: Seed | None = None
    on_error: OnError = "stop"


@description(frozen=True, kw_only=True)
class OwnRecipe(Recipe):
    """The recipe of a model for a person's own file.

    Attributes:
        data: what to read.
        model: what to train on it.
    """

    data: OwnFile  # type: ignore[assignment]
    model: Seq2Vec

    @property
    def seed_of_parts(self) -> int:
        """What parts are drawn from."""
        return self.training.seed if self.data.parts_seed is None else self.data.parts_seed


def recipe_for(data: OwnFile, training_examples: int, changes: Iterable[str] = (), seed: int = 0) -> OwnRecipe:
    """Choose what suits a file, and change what is asked for.

    Few examples are read in small batches, so that an epoch has enough steps, and more epochs are waited for a better
    one.

    Args:
        data: the file.
        training_examples: how many.
        changes: as in "model.units=32".
        seed: of the parts, the weights, the batches and the dropout.

    Raises:
        UserError: a change names no setting, its value is wrong, it would have no effect, or padding would be read.
    """
    changes = list(changes)
    tables = {
        "name": plain_name(Path(data.path).resolve().stem),
        "title": f"{Path(data.path).name}: a model of its own",
        "description": f"A model trained on {data.path}.",
        "data": {key: value for key, value in asdict(data).items() if value is not None},
        "model": suited_model(data.kind, training_examples),
        "training": suited_training(data.kind, training_examples) | {"seed": seed},
    }
    for change in changes:
        apply_setting(tables, change)
    recipe = _checked(tables, "--set")
    names = (change.partition("=")[0].strip() for change in changes)
    asked = [name.removeprefix("model.") for name in names if name.startswith("model.")]
    refuse_idle(asked, recipe.model.layers, recipe.data.kind, prefix="model.")
    if not recipe.model.mask_padding:
        raise UserError(
            "model.mask_padding is false, but rows of different lengths are padded to one: what the model says of a "
            "row would depend on the rows beside it. Leave it out."
        )
    return recipe


def refuse_idle(asked: Iterable[str], layers: int, kind: str, prefix: str = "") -> None:
    """Refuse settings of a model that would have no effect.

    Args:
        asked: names of those that a person has chosen.
        layers: recurrent layers of the model.
        kind: what it reads: "series", or what has tokens.
        prefix: stands before the names where the person writes them.

    Raises:
        UserError: one has none; says why.

    Example:
        >>> refuse_idle(["cell"], layers=1, kind="text")
    """
    for name in asked:
        if name in _OF_RECURRENT_LAYERS and layers == 0:
            raise UserError(
                f"{prefix}{name} has no effect: this model has no recurrent layer. Set {prefix}layers=1 too."
            )
        if name in _OF_TEXTS and kind == "series":
            raise UserError(
                f"{prefix}{name} has no effect: this model reads series, which have no tokens. Leave it out."
            )


def read_own_recipe(path: Path) -> OwnRecipe:
    """Read the recipe of a model's folder.

    Raises:
        UserError: it is not there or damaged.
    """
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise UserError(f"{path} cannot be read: {error}. Train the model again.") from error
    return _checked(tables, str(path))


def for_task(model: Seq2Vec, codec: LabelCodec) -> Seq2Vec:
    """Give a model the head that its labels need.

    Example:
        >>> for_task(Seq2Vec(), LabelCodec.fit(["a", "b", "c", "a", "b", "c"])).activation
        'softmax'
    """
    return headed(model, codec.task, codec.outputs)


def headed(model: Seq2Vec, task: Task, outputs: int) -> Seq2Vec:
    """Give a model the head of a task, of a width."""
    heads: dict[Task, Any] = {
        "binary": "sigmoid",
        "multiclass": "softmax",
        "multilabel": "sigmoid",
        "regression": "linear",
    }
    return replace(model, outputs=outputs, activation=heads[task])


def suited_model(kind: str, examples: int = _MANY, recurrent: bool = False) -> dict[str, Any]:
    """The settings of a model that suits so many texts ("text") or series ("series"), where they are not Seq2Vec's own.

    Texts: no recurrence, but words and pairs of neighbours, pooled. On reviews of films that training does not hold, a
    bidirectional LSTM does worse (docs/your-text.md): it learns the films. There are some 8 to 16 numbers for the pairs
    of each text, so that few of them share one. `recurrent` is for who wants such an LSTM for texts all the same.
    """
    common = {"cell": "lstm", "units": 64, "bidirectional": True, "pooling": "mean_max", "batch_normalization": False}
    if kind == "series":
        return common | {"input_dropout": 0.2, "output_dropout": 0.3}
    common |= {"token_dropout": 0.3, "input_dropout": 0.0, "output_dropout": 0.5}
    if recurrent:
        return common | {"layers": 1, "embedding": 64}
    pairs = {"bigrams": min(1 << 18, 1 << max(10, (8 * examples).bit_length())), "bigram_embedding": 32}
    return common | {"layers": 0, "embedding": 32} | pairs


def suited_training(kind: str, examples: int, recurrent: bool = False) -> dict[str, Any]:
    """The settings of training that suit so many examples of a kind, and a model as `suited_model` has it."""
    rate = {"learning_rate": 0.003} if kind == "text" and not recurrent else {}
    if examples >= _MANY:
        return rate | {"batch_size": 64, "epochs": 20, "early_stopping_patience": 2, "plateau_patience": 1}
    size = 32 if examples >= _FEW else 16
    patience = 15 if kind == "series" else 5
    return rate | {
        "batch_size": size,
        "epochs": 200,
        "early_stopping_patience": patience,
        "plateau_patience": -(-patience // 3),
    }


def _checked(tables: dict[str, Any], origin: str) -> OwnRecipe:
    recipe = recipe_from(tables, origin, OwnRecipe)
    assert isinstance(recipe, OwnRecipe)
    return recipe


def plain_name(name: str) -> str:
    """A name for a run, of letters that every system takes in a path.

    Example:
        >>> plain_name("Größe 2")
        'Gr--e-2'
    """
    plain = "".join(letter if letter.isascii() and (letter.isalnum() or letter in "._-") else "-" for letter in name)
    return plain.lstrip("._-") or "own"
