"""Checks the tables of a recipe; each mistake is a sentence or two that name the key."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import fields, is_dataclass
from difflib import get_close_matches
from typing import Any, get_args

from pydantic import TypeAdapter, ValidationError
from pydantic_core import ErrorDetails

from unspool.descriptions.published import PublishedFigures
from unspool.errors import UserError
from unspool.runs.recipes.recipe import (
    CaptionSettings,
    EvaluationSettings,
    FileSettings,
    ImageSettings,
    ModelDescription,
    PairSettings,
    TaggedSettings,
    TextSettings,
    TrainingSettings,
)

SHAPES: dict[str, type] = {kind.shape: kind for kind in get_args(ModelDescription)}
"""The descriptions of models, by what `model.shape` says."""


def field_names(*kinds: type) -> list[str]:
    """The names of the fields of dataclasses, each once."""
    return list(dict.fromkeys(field.name for kind in kinds for field in fields(kind)))


KEYS_OF_TABLES = {
    "data": field_names(FileSettings, TextSettings, TaggedSettings, PairSettings, ImageSettings, CaptionSettings),
    "model": field_names(*SHAPES.values()),
    "training": field_names(TrainingSettings),
    "evaluation": field_names(EvaluationSettings),
}
"""The keys of the tables of a recipe, whatever its data and its model are."""

_MISSING = ("missing", "missing_argument")
_ORDER = {"unexpected_keyword_argument": 0} | dict.fromkeys(_MISSING, 2)
"""In which order kinds of mistakes are told; 1 for all others."""


class Mistakes(UserError):
    """What is wrong with a recipe.

    Args:
        origin: what to call the recipe.
        mistakes: each in a sentence or two, one or more.
    """

    def __init__(self, origin: str, mistakes: Sequence[str]):
        numbered = mistakes if len(mistakes) == 1 else [f"({number}) {one}" for number, one in enumerate(mistakes, 1)]
        super().__init__(f"{origin}: {' '.join(numbered)}")
        self.mistakes = mistakes


def validated(kind: Any, content: Any, origin: str, prefix: tuple[str, ...] = ()) -> Any:
    """Check content against a dataclass of the recipe, and make an instance of it.

    Args:
        kind: the dataclass.
        content: its fields by name, as read from TOML.
        origin: what to call the recipe in an error.
        prefix: the tables that the content is in, from the outermost.

    Raises:
        Mistakes: keys are unknown or missing, or values have the wrong type or range; names the keys.
    """
    try:
        return TypeAdapter(kind).validate_python(content)
    except ValidationError as error:
        raise Mistakes(origin, mistakes_in_words(error, kind, prefix)) from error


def mistakes_in_words(error: ValidationError, kind: Any, prefix: tuple[str, ...] = ()) -> list[str]:
    """Each mistake in a sentence or two, unknown keys first and missing ones last; arguments as of `validated`.

    A key that is missing is left out if it is what an unknown key was meant to be.
    """
    details = sorted(error.errors(), key=lambda detail: _ORDER.get(detail["type"], 1))
    said: list[str] = []
    for detail in details:
        one = _in_words(detail, kind, prefix)
        meant = f"Did you mean {one.removesuffix(' is missing.')}?"
        if not (detail["type"] in _MISSING and any(meant in other for other in said)):
            said.append(one)
    return said


def _in_words(detail: ErrorDetails, kind: Any, prefix: tuple[str, ...]) -> str:
    place = ".".join(str(part) for part in (*prefix, *detail["loc"]))
    match detail["type"]:
        case "unexpected_keyword_argument":
            *path, key = (str(part) for part in detail["loc"])
            return unknown_key((*prefix, *path), key, _keys_at(path, kind))
        case "missing" | "missing_argument":
            return f"{place} is missing."
        case "value_error":
            return f"{place}{'.' * bool(place)}{detail['ctx']['error']}."
        case "less_than_equal":
            return f"{place} is {_quoted(detail['input'])}: it must be at most {_bound(detail['ctx']['le'])}."
        case _:
            message = detail["msg"][0].lower() + detail["msg"][1:]
            return f"{place} is {_quoted(detail['input'])}: {message}."


def unknown_key(table: Sequence[str], key: str, known: Collection[str]) -> str:
    """Say that a table, or the recipe itself, has no such key, and name the nearest one, in whichever table it is."""
    near = [".".join((*table, name)) for name in get_close_matches(key, known, n=1)]
    for name, keys in KEYS_OF_TABLES.items():
        if name not in table[:1]:  # it may belong to another table
            near += [f"{name}.{close}" for close in get_close_matches(key, keys, n=1, cutoff=0.8)]
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


def nearest(word: str, words: Iterable[str]) -> str:
    """Ask whether the nearest of some words was meant; empty if none is near.

    Example:
        >>> nearest("imdb-lst", ["imdb-lstm", "g2p"])
        'Did you mean imdb-lstm? '
    """
    close = get_close_matches(word, list(words), n=1)
    return f"Did you mean {close[0]}? " if close else ""
