"""A recipe as a TOML file: read with every default resolved, its mistakes told by key; and written."""

import re
import tomllib
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, fields, is_dataclass, replace
from difflib import get_close_matches
from importlib.resources import files
from pathlib import Path
from typing import Any

import tomli_w
from pydantic import TypeAdapter, ValidationError

from unspool.descriptions.choice import ModelChoice
from unspool.descriptions.networks import Autoencoder, EncoderDecoder, Seq2Vec, Tagger, Transformer, Upscaler
from unspool.descriptions.published import PublishedFigures
from unspool.errors import UserError
from unspool.files import expanded, read_bounded, reason_of, write_aside
from unspool.runs.recipes.recipe import (
    CaptionSettings,
    EvaluationSettings,
    FileSettings,
    ImageSettings,
    PairSettings,
    Recipe,
    TaggedSettings,
    TextSettings,
    TrainingSettings,
)
from unspool.runs.records import folder

SHAPES: dict[str, type] = {
    "seq2vec": Seq2Vec,
    "autoencoder": Autoencoder,
    "tagger": Tagger,
    "upscaler": Upscaler,
    "transformer": Transformer,
    "encoder_decoder": EncoderDecoder,
    "choice": ModelChoice,
}
"""The descriptions of models, by what `model.shape` says."""

MOST_BYTES = 1 << 22
"""Of a recipe, which a person writes."""

_DEEP_KEY = re.compile(r"""(?<![\w-])(?:(?:[\w-]+|"[^"\n]*"|'[^'\n]*')[ \t]*\.[ \t]*){32}""")
"""A dotted key of more parts than any recipe has: tomllib takes memory by the square of their number."""

_BARE_POINT = re.compile(r"[+-]?(\d+\.|\.\d+)([eE][+-]?\d+)?")
"""A number that TOML refuses: `.5` or `5.`"""


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
    tables = _parsed(text, origin)
    for setting in settings:
        apply_setting(tables, setting)
    return _wherever(recipe_from(tables, origin))


def _wherever(recipe: Recipe) -> Recipe:
    """The same recipe, whose files are found from another working directory too: a run may be resumed from there."""
    if not isinstance(recipe.data, FileSettings):
        return recipe
    return replace(recipe, data=with_absolute_paths(recipe.data))


def with_absolute_paths(data: FileSettings) -> FileSettings:
    """The same files, named so that they are found from another working directory too."""
    paths: dict[str, Any] = {name: absolute(getattr(data, name)) for name in data.files}
    return replace(data, **paths)


def absolute(path: str | None) -> str | None:
    """A path that is the same from another working directory, or None."""
    return None if path is None else str(expanded(path).absolute())


def chosen_settings(name_or_path: str | Path, settings: Iterable[str] = ()) -> frozenset[str]:
    """The settings that somebody chose, by their names as in "training.epochs".

    These are all that a change names, and those of training, evaluation and published figures that the recipe sets to
    something else than the default. What stands in the recipe of a finished run is nobody's choice: it was accepted.

    Args:
        name_or_path: as `load_recipe` takes it, and reads it without an error.
        settings: as `load_recipe` takes them.

    Example:
        >>> sorted(chosen_settings("imdb-lstm", ["model.units=64"]))
        ['model.units', 'published.auc', 'published.balanced_accuracy', 'published.source']
    """
    named = frozenset(setting.partition("=")[0].strip() for setting in settings)
    beside = Path(name_or_path).parent
    if _is_toml(str(name_or_path)) and folder.is_run(beside):
        return named
    tables = _parsed(*_text_of(str(name_or_path)))
    given = {
        f"{table}.{key}"
        for table, defaults in _DEFAULTS.items()
        for key, value in tables.get(table, {}).items()
        if value != defaults.get(key)
    }
    if "path" in tables["data"] and (beside / folder.BEGUN).is_file():
        given.discard("training.class_weight")  # "balanced" where the recipe of a file does not say
    return named | given


def _names_in(*kinds: type) -> list[str]:
    """The names of all fields, each once."""
    return list(dict.fromkeys(field.name for kind in kinds for field in fields(kind)))


_DEFAULTS = {"training": asdict(TrainingSettings()), "evaluation": asdict(EvaluationSettings()), "published": {}}


_TABLES = {
    "data": _names_in(FileSettings, TextSettings, TaggedSettings, PairSettings, ImageSettings, CaptionSettings),
    "model": _names_in(*SHAPES.values()),
    "training": _names_in(TrainingSettings),
    "evaluation": _names_in(EvaluationSettings),
}
"""The keys of the tables of a recipe, whatever its data and its model are."""


def refuse_unknown_settings(settings: Iterable[str], origin: str = "--set") -> None:
    """Refuse changes of what no recipe has, before a file is read and it is known what suits it.

    Args:
        settings: as `load_recipe` takes them.
        origin: what to call them in an error.

    Raises:
        UserError: one is not written as a change, or names no setting.
    """
    for setting in settings:
        apply_setting({}, setting)
        table, *keys = setting.partition("=")[0].strip().split(".")
        if table not in _names_in(Recipe):
            raise UserError(f"{origin}: {_unknown((), table, _names_in(Recipe))}")
        if keys and keys[0] not in _TABLES.get(table, keys):
            raise UserError(f"{origin}: {_unknown((table,), keys[0], _TABLES[table])}")


def changed_data(data: FileSettings, changes: Iterable[str], seed: int) -> tuple[FileSettings, int]:
    """How a file is to be read, and the seed of its parts, once changes of the recipe are made.

    Raises:
        UserError: a change is not written as one or names no setting; or a value, other than of the model, is wrong.
    """
    changes = list(changes)
    refuse_unknown_settings(changes)
    tables: dict[str, Any] = {
        "name": "file",
        "data": {key: value for key, value in asdict(data).items() if value is not None},
        "training": {"seed": seed},
        "evaluation": {},
    }
    for change in changes:
        apply_setting(tables, change)
    tables["model"] = {}  # what suits it is not known yet
    asked = recipe_from(tables, "--set")
    assert isinstance(asked.data, FileSettings)
    return asked.data, asked.seed_of_parts


def recipe_from(tables: Mapping[str, Any], origin: str) -> Recipe:
    """Check the content of a recipe.

    Args:
        tables: as read from TOML.
        origin: what to call it in an error.

    Raises:
        UserError: a key is unknown or missing, or a value has the wrong type or range; names the key.
    """
    tables = {key: dict(value) if isinstance(value, Mapping) else value for key, value in tables.items()}
    if isinstance(model := tables.get("model"), dict) and model.get("shape") == "seq2seq":
        model["shape"] = "autoencoder"  # as recipes named it first
    for name, kind_of in (("data", _kind_of_data), ("model", _kind_of_model)):
        if isinstance(tables.get(name), dict):
            tables[name] = _checked(kind_of(tables, origin), tables[name], origin, (name,))
        elif name in tables:
            raise UserError(f"{origin}: {name} is {tables[name]!r}: it must be a table.")
    if isinstance(tables.get("data"), FileSettings) and isinstance(tables.get("training"), dict):
        tables["training"].setdefault("class_weight", "balanced")  # as files were trained on before there was a choice
    recipe: Recipe = _checked(Recipe, tables, origin)
    return recipe


def file_settings(**values: Any) -> FileSettings:
    """Describe a person's file with the arguments that `train` got.

    Raises:
        UserError: a value is out of range; names the argument.
    """
    try:
        return FileSettings(**values)
    except ValidationError as error:
        raise UserError(_in_words(error, FileSettings)) from error


def _checked(kind: Any, content: Any, origin: str, prefix: tuple[str, ...] = ()) -> Any:
    try:
        return TypeAdapter(kind).validate_python(content)
    except ValidationError as error:
        raise UserError(f"{origin}: {_in_words(error, kind, prefix)}") from error


def _kind_of_data(tables: Mapping[str, Any], origin: str) -> type:
    """What is read: a file where there is a path, else a named dataset of what the model reads."""
    if "path" in tables["data"]:
        return FileSettings
    if tables["data"].get("task") == "captions":
        return CaptionSettings
    model = tables.get("model")
    shape = model.get("shape") if isinstance(model, dict) else None
    kinds: dict[str, type] = {"autoencoder": ImageSettings, "upscaler": ImageSettings, "tagger": TaggedSettings}
    return (kinds | dict.fromkeys(("transformer", "encoder_decoder"), PairSettings)).get(str(shape), TextSettings)


def _kind_of_model(tables: Mapping[str, Any], origin: str) -> type:
    """Which description it is, by the shape of the model."""
    shape = tables["model"].get("shape", "seq2vec")
    if isinstance(shape, str) and shape in SHAPES:
        return SHAPES[shape]
    hint = _nearest(str(shape), SHAPES)
    raise UserError(f"{origin}: model.shape is {shape!r}. {hint}The shapes are {', '.join(SHAPES)}.")


def write_recipe(recipe: Recipe, path: Path) -> None:
    """Write a recipe with every default resolved, whole or not at all; `load_recipe` reads the same recipe back.

    Raises:
        UserError: the folder cannot be written, or a name in the recipe, of a file or a column, is not UTF-8.
    """
    text = tomli_w.dumps(without_nothing(asdict(recipe)))
    try:
        content = text.encode()
    except UnicodeEncodeError as error:
        line = text[text.rfind("\n", 0, error.start) + 1 :].partition("\n")[0]
        raise UserError(
            f"A recipe cannot hold what is not UTF-8 ({line[:200]}). Rename the file or the column."
        ) from error
    write_aside(path, content)


def without_nothing(table: dict[str, Any]) -> dict[str, Any]:
    """The same without the keys whose value is None, for which TOML has no word."""
    return {
        key: without_nothing(value) if isinstance(value, dict) else value
        for key, value in table.items()
        if value is not None
    }


def differences(one: Recipe, other: Recipe) -> list[str]:
    """Which settings differ, as in "model.units: 32, 64"."""
    return list(table_differences("", asdict(one), asdict(other)))


def table_differences(prefix: str, one: Any, other: Any) -> Iterable[str]:
    """Where two tables differ, as in "model.units: 32, 64"; `prefix` is the name of both."""
    if isinstance(one, dict) and isinstance(other, dict):
        for key in one | other:
            yield from table_differences(f"{prefix}.{key}" if prefix else key, one.get(key), other.get(key))
    elif one != other:
        yield f"{prefix}: {one}, {other}"


def _is_toml(name: str) -> bool:
    return name.endswith(".toml")


def _text_of(name_or_path: str) -> tuple[str, str]:
    if not _is_toml(name_or_path):
        if name_or_path in recipe_names():
            return (files("unspool.recipes") / f"{name_or_path}.toml").read_text("utf-8"), f"recipe {name_or_path}"
        if Path(name_or_path).exists():
            raise UserError(f"{name_or_path} is no recipe. To train a model on a file: unspool train {name_or_path}")
        hint = _nearest(name_or_path, recipe_names())
        raise UserError(
            f"There is no recipe {name_or_path!r}. {hint}The recipes are {', '.join(recipe_names())}; "
            "a recipe of your own is a path that ends in .toml."
        )
    try:
        return read_bounded(Path(name_or_path), MOST_BYTES).decode(), name_or_path
    except FileNotFoundError as error:
        raise UserError(f"There is no file {name_or_path}.") from error
    except (OSError, ValueError) as error:
        raise UserError(f"{name_or_path} cannot be read: {reason_of(error)}.") from error


def _parsed(text: str, origin: str) -> dict[str, Any]:
    try:
        if _DEEP_KEY.search(text):
            raise RecursionError
        return tomllib.loads(text)
    except RecursionError as error:
        raise UserError(f"{origin} is not a recipe: it is nested too deep.") from error
    except ValueError as error:  # of a number with thousands of digits, too
        raise UserError(f"{origin} is not valid TOML: {reason_of(error)}.") from error


def apply_setting(tables: dict[str, Any], setting: str) -> None:
    """Change one setting in place.

    Args:
        tables: as read from TOML.
        setting: as in "model.units=64": a table, a key, a TOML value. A bare word is a text (gru), and numbers and
            truth values may be written as in Python (.5, True).

    Raises:
        UserError: it is not written so.

    Example:
        >>> tables = {}
        >>> for setting in ("model.units=64", "model.cell=gru", "model.dropout=.5", "model.bidirectional=True"):
        ...     apply_setting(tables, setting)
        >>> tables
        {'model': {'units': 64, 'cell': 'gru', 'dropout': 0.5, 'bidirectional': True}}
    """
    key, equals, text = setting.partition("=")
    *path, last = key.strip().split(".")
    if not equals or not last or not all(path):
        raise UserError(f"--set {setting}: write it as table.key=value, as in --set model.units=64.")
    try:
        value = tomllib.loads(f"value = {text}")["value"]
    except (ValueError, RecursionError):
        word = text.strip()
        value = word == "True" if word in ("True", "False") else float(word) if _BARE_POINT.fullmatch(word) else word
    table = tables
    for part in path:
        table = table.setdefault(part, {})
        if not isinstance(table, dict):
            raise UserError(f"--set {setting}: {part} is a value, not a table.")
    table[last] = value


def _in_words(error: ValidationError, kind: Any, prefix: tuple[str, ...] = ()) -> str:
    """The first thing that is wrong, in one sentence."""
    detail = error.errors()[0]
    place = ".".join(str(part) for part in (*prefix, *detail["loc"]))
    match detail["type"]:
        case "unexpected_keyword_argument":
            *path, key = (str(part) for part in detail["loc"])
            return _unknown((*prefix, *path), key, _keys_at(path, kind))
        case "missing" | "missing_argument":
            return f"{place} is missing."
        case "value_error":
            return f"{place}.{detail['ctx']['error']}."
        case "less_than_equal":
            return f"{place} is {_quoted(detail['input'])}: it must be at most {_bound(detail['ctx']['le'])}."
        case _:
            message = detail["msg"][0].lower() + detail["msg"][1:]
            return f"{place} is {_quoted(detail['input'])}: {message}."


def _unknown(table: Sequence[str], key: str, known: Collection[str]) -> str:
    """What to say of a key that a table, or a recipe itself, has not: the nearest one is named with its table."""
    near = [".".join((*table, name)) for name in get_close_matches(key, known, n=1)]
    for name in _TABLES.keys() - table[:1]:  # it may belong to another table
        near += [f"{name}.{close}" for close in get_close_matches(key, _TABLES[name], n=1, cutoff=0.8)]
    where = f"table {'.'.join(table)}" if table else "recipe"
    hint = f"Did you mean {near[0]}?" if near else f"The {where} has the keys {', '.join(known)}."
    return f"unknown key {'.'.join((*table, key))}. {hint}"


def _bound(value: float) -> str:
    return f"{value:g}" if abs(value) >= 1e9 else f"{value:,}"


def _quoted(value: Any) -> str:
    """A value as Python writes it, unless that is long."""
    try:
        return repr(value)[:200]
    except (ValueError, RecursionError):
        return "a number of thousands of digits"


def _keys_at(path: list[str], kind: Any) -> list[str]:
    for part in path:
        kind = next(field.type for field in fields(kind) if field.name == part)
        if not is_dataclass(kind):
            kind = PublishedFigures
    return [field.name for field in fields(kind)]


def _nearest(word: str, words: Iterable[str]) -> str:
    close = get_close_matches(word, list(words), n=1)
    return f"Did you mean {close[0]}? " if close else ""
