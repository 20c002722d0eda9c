"""A recipe as a TOML file: read with every default resolved, its mistakes told by key; and written."""

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import asdict, fields, is_dataclass
from difflib import get_close_matches
from importlib.resources import files
from pathlib import Path
from typing import Any

import tomli_w
from pydantic import TypeAdapter, ValidationError

from unspool.errors import UserError
from unspool.evaluation.result import PublishedFigures
from unspool.experiment.recipe import KINDS, Recipe


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
        apply_setting(tables, setting)
    return recipe_from(tables, origin)


def recipe_from(tables: Mapping[str, Any], origin: str, kind: type[Recipe] | None = None) -> Recipe:
    """Check the content of a recipe.

    Args:
        tables: as read from TOML.
        origin: what to call it in an error.
        kind: what it must be, or None to tell it by the shape of its model.

    Raises:
        UserError: a key is unknown or missing, or a value has the wrong type or range; names the key.
    """
    kind = kind or _kind(tables, origin)
    try:
        return TypeAdapter(kind).validate_python(dict(tables))
    except ValidationError as error:
        raise UserError(f"{origin}: {_in_words(error, kind)}") from error


def write_recipe(recipe: Recipe, path: Path) -> None:
    """Write a recipe with every default resolved; `load_recipe` reads the same recipe back."""
    path.write_text(tomli_w.dumps(_without_nothing(asdict(recipe))), encoding="utf-8")


def _without_nothing(table: dict[str, Any]) -> dict[str, Any]:
    """The same without the keys whose value is None, for which TOML has no word."""
    return {
        key: _without_nothing(value) if isinstance(value, dict) else value
        for key, value in table.items()
        if value is not None
    }


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


def apply_setting(tables: dict[str, Any], setting: str) -> None:
    """Change one setting in place.

    Args:
        tables: as read from TOML.
        setting: as in "model.units=64": a table, a key, a TOML value.

    Raises:
        UserError: it is not written so.
    """
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


def _kind(tables: Mapping[str, Any], origin: str) -> type[Recipe]:
    """Which kind of recipe it is, by the shape of its model; one without a model is told by what is missing in it."""
    model = tables.get("model")
    shape = model.get("shape", "seq2vec") if isinstance(model, dict) else "seq2vec"
    if isinstance(shape, str) and shape in KINDS:
        return KINDS[shape]
    hint = _nearest(str(shape), KINDS)
    raise UserError(f"{origin}: model.shape is {shape!r}. {hint}The shapes are {' and '.join(KINDS)}.")


def _in_words(error: ValidationError, kind: type[Recipe]) -> str:
    """The first thing that is wrong, in one sentence."""
    detail = error.errors()[0]
    place = ".".join(str(part) for part in detail["loc"])
    match detail["type"]:
        case "unexpected_keyword_argument":
            *path, key = (str(part) for part in detail["loc"])
            names = _keys_at(path, kind)
            hint = _nearest(key, names)
            table = f"table {'.'.join(path)}" if path else "recipe"
            return f"unknown key {place}. {hint}The {table} has the keys {', '.join(names)}."
        case "missing" | "missing_argument":
            return f"{place} is missing."
        case "value_error":
            return f"{place}.{detail['ctx']['error']}."
        case _:
            message = detail["msg"][0].lower() + detail["msg"][1:]
            return f"{place} is {detail['input']!r}: {message}."


def _keys_at(path: list[str], kind: Any) -> list[str]:
    for part in path:
        kind = next(field.type for field in fields(kind) if field.name == part)
        if not is_dataclass(kind):
            kind = PublishedFigures
    return [field.name for field in fields(kind)]


def _nearest(word: str, words: Iterable[str]) -> str:
    close = get_close_matches(word, list(words), n=1)
    return f"Did you mean {close[0]}? " if close else ""
