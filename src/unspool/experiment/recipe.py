"""A recipe: one whole experiment as a TOML file, read into one frozen value with every default resolved."""

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import asdict, fields, is_dataclass
from difflib import get_close_matches
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Any, Literal

import tomli_w
from pydantic import Field, TypeAdapter, ValidationError

from unspool.errors import UserError
from unspool.evaluation.result import PublishedFigures
from unspool.models.config import Count, CountOrNone, description
from unspool.models.seq2vec import Seq2Vec

Protocol = Literal["honest", "chapter"]


@description(frozen=True)
class DataSettings:
    """What to read.

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
class TrainingSettings:
    """How to train.

    Attributes:
        seed: of the split, the weights, the order of the batches and the dropout.
        batch_size: examples in a step.
        epochs: at most.
        learning_rate: of Adam (Kingma and Ba, 2015), at its defaults otherwise.
        early_stopping_patience: epochs without a better validation loss before training stops; the best epoch's weights
            are kept.
        plateau_patience: epochs without a better validation loss before the learning rate is reduced.
        plateau_factor: what it is multiplied with then.
        min_delta: what counts as better.
    """

    seed: Annotated[int, Field(ge=0, lt=2**32, strict=True)] = 0
    batch_size: Count = 100
    epochs: Count = 1000
    learning_rate: Annotated[float, Field(gt=0, strict=True)] = 0.001
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


@description(frozen=True)
class Recipe:
    """One whole experiment.

    Attributes:
        name: of the recipe, and of its run's folder.
        title: one line on what it is.
        description: a paragraph on what it shows.
        data: what to read.
        model: what to train on it.
        training: how to train.
        evaluation: how to judge.
        published: figures printed elsewhere for the same experiment, to stand beside ours.
    """

    name: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$")]
    data: DataSettings
    model: Seq2Vec
    title: str = ""
    description: str = ""
    training: TrainingSettings = TrainingSettings()
    evaluation: EvaluationSettings = EvaluationSettings()
    published: PublishedFigures | None = None


def recipe_names() -> list[str]:
    """The recipes that come with the package.

    Example:
        >>> "imdb-lstm" in recipe_names()
        True
    """
    return sorted(file.name.removesuffix(".toml") for file in files("unspool.recipes").iterdir() if _is_toml(file.name))


def load_recipe(name_or_path: str | Path, settings: Iterable[str] = ()) -> Recipe:
    """Read a recipe by the name of one that comes with the package, or from a TOML file.

    Args:
        name_or_path: "imdb-lstm", or a path that ends in .toml.
        settings: changes, as in "model.units=64": a table, a key, a TOML value.

    Raises:
        UserError: there is no such recipe, it is not TOML, or a key or a value is wrong.

    Example:
        >>> load_recipe("imdb-lstm", ["model.units=64"]).model.units
        64
    """
    text, origin = _text_of(str(name_or_path))
    try:
        tables = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise UserError(f"{origin} is not valid TOML: {error}.") from error
    for setting in settings:
        _apply(tables, setting)
    return recipe_from(tables, origin)


def recipe_from(tables: Mapping[str, Any], origin: str) -> Recipe:
    """Check the content of a recipe.

    Args:
        tables: as read from TOML.
        origin: what to call it in an error.

    Raises:
        UserError: a key is unknown or missing, or a value has the wrong type or range; names the key.
    """
    try:
        return TypeAdapter(Recipe).validate_python(dict(tables))
    except ValidationError as error:
        raise UserError(f"{origin}: {_in_words(error)}") from error


def write_recipe(recipe: Recipe, path: Path) -> None:
    """Write a recipe with every default resolved; `load_recipe` reads the same recipe back."""
    tables = {key: value for key, value in asdict(recipe).items() if value is not None}
    path.write_text(tomli_w.dumps(tables), encoding="utf-8")


def differences(one: Recipe, other: Recipe) -> list[str]:
    """Which settings differ, as in "model.units: 32, 64"."""
    return list(_differences("", asdict(one), asdict(other)))


def _differences(prefix: str, one: Any, other: Any) -> Iterable[str]:
    if isinstance(one, dict) and isinstance(other, dict):
        for key in one | other:
            yield from _differences(f"{prefix}.{key}" if prefix else key, one.get(key), other.get(key))
    elif one != other:
        yield f"{prefix}: {one}, {other}"


def _is_toml(name: str) -> bool:
    return name.endswith(".toml")


def _text_of(name_or_path: str) -> tuple[str, str]:
    if not _is_toml(name_or_path):
        if name_or_path in recipe_names():
            return (files("unspool.recipes") / f"{name_or_path}.toml").read_text("utf-8"), f"recipe {name_or_path}"
        hint = _nearest(name_or_path, recipe_names())
        raise UserError(
            f"There is no recipe {name_or_path!r}. {hint}The recipes are {', '.join(recipe_names())}; "
            "a recipe of your own is a path that ends in .toml."
        )
    try:
        return Path(name_or_path).read_text("utf-8"), name_or_path
    except FileNotFoundError as error:
        raise UserError(f"There is no file {name_or_path}.") from error
    except (OSError, UnicodeDecodeError) as error:
        raise UserError(f"{name_or_path} cannot be read: {error}.") from error


def _apply(tables: dict[str, Any], setting: str) -> None:
    key, equals, text = setting.partition("=")
    *path, last = key.strip().split(".")
    if not equals or not last or not all(path):
        raise UserError(f"--set {setting}: write it as table.key=value, as in --set model.units=64.")
    try:
        value = tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        value = text.strip()  # a bare word, as in model.cell=gru
    table = tables
    for part in path:
        table = table.setdefault(part, {})
        if not isinstance(table, dict):
            raise UserError(f"--set {setting}: {part} is a value, not a table.")
    table[last] = value


def _in_words(error: ValidationError) -> str:
    """The first thing that is wrong, in one sentence."""
    detail = error.errors()[0]
    place = ".".join(str(part) for part in detail["loc"])
    match detail["type"]:
        case "unexpected_keyword_argument":
            *path, key = (str(part) for part in detail["loc"])
            names = _keys_at(path)
            hint = _nearest(key, names)
            table = f"table {'.'.join(path)}" if path else "recipe"
            return f"unknown key {place}. {hint}The {table} has the keys {', '.join(names)}."
        case "missing" | "missing_argument":
            return f"{place} is missing."
        case _:
            message = detail["msg"][0].lower() + detail["msg"][1:]
            return f"{place} is {detail['input']!r}: {message}."


def _keys_at(path: list[str]) -> list[str]:
    kind: Any = Recipe
    for part in path:
        kind = next(field.type for field in fields(kind) if field.name == part)
        if not is_dataclass(kind):
            kind = PublishedFigures
    return [field.name for field in fields(kind)]


def _nearest(word: str, words: Iterable[str]) -> str:
    close = get_close_matches(word, list(words), n=1)
    return f"Did you mean {close[0]}? " if close else ""
