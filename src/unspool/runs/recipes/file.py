"""Recipes as TOML files: read with every default resolved, changed by `--set`, and written."""

import re
import tomllib
from collections.abc import Collection, Iterable, Mapping
from dataclasses import asdict, replace
from importlib.resources import files
from pathlib import Path
from typing import Any

import tomli_w
from pydantic import ValidationError

from unspool.atomic_writes import write_aside
from unspool.errors import UserError
from unspool.files import expanded, read_bounded, reason_of
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
from unspool.runs.recipes.validation import (
    KEYS_OF_TABLES,
    SHAPES,
    Mistakes,
    field_names,
    mistakes_in_words,
    nearest,
    unknown_key,
    validated,
)
from unspool.runs.records import folder

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


def is_recipe(what: str) -> bool:
    """Whether this is the path of a recipe, or the name of one where no file or folder has it; else a file is meant.

    Example:
        >>> is_recipe("mine.toml"), is_recipe("imdb-lstm"), is_recipe("reviews.csv")
        (True, True, False)
    """
    return _is_toml(what) or (what in recipe_names() and not Path(what).exists())


def setting_name(change: str) -> str:
    """The name of the setting that a change of a recipe is about.

    Example:
        >>> setting_name("model.units = 64")
        'model.units'
    """
    return change.partition("=")[0].strip()


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
    tables, settings = _parsed(text, origin), list(settings)
    for setting in settings:
        apply_setting(tables, setting)
    recipe = within_changed_epochs(recipe_from(tables, origin), {*map(setting_name, settings)})
    return _with_absolute_paths_of_file(recipe)


def within_changed_epochs(recipe: Recipe, changed: Collection[str]) -> Recipe:
    """Let training in both directions, which comes first, have no more epochs than a change leaves to what follows it.

    Args:
        recipe: with the changes.
        changed: the names of the settings that were changed; training.bidirectional_epochs stays if it is one.
    """
    training = recipe.training
    if "training.epochs" not in changed or "training.bidirectional_epochs" in changed:
        return recipe
    epochs = min(training.bidirectional_epochs, training.epochs)
    return replace(recipe, training=replace(training, bidirectional_epochs=epochs))


def _with_absolute_paths_of_file(recipe: Recipe) -> Recipe:
    """The same recipe with absolute paths, as its run may be resumed from another working directory."""
    if not isinstance(recipe.data, FileSettings):
        return recipe
    return replace(recipe, data=with_absolute_paths(recipe.data))


def with_absolute_paths(data: FileSettings) -> FileSettings:
    """The same settings with absolute paths."""
    paths: dict[str, Any] = {name: absolute(getattr(data, name)) for name in data.files}
    return replace(data, **paths)


def absolute(path: str | None) -> str | None:
    """The absolute path as text, or None."""
    return None if path is None else str(expanded(path).absolute())


def chosen_settings(name_or_path: str | Path, settings: Iterable[str] = ()) -> frozenset[str]:
    """The names of the settings that a person chose, as in "training.epochs".

    These are all that changes name, and those of training, evaluation and published figures for which the recipe has
    another value than the default. The recipe in a run's folder counts as unchosen, as the run wrote it, finished or
    not.

    Args:
        name_or_path: as of `load_recipe`, which must read it without an error.
        settings: as of `load_recipe`.

    Example:
        >>> sorted(chosen_settings("imdb-lstm", ["model.units=64"]))
        ['model.units', 'published.auc', 'published.balanced_accuracy', 'published.source']
    """
    named = frozenset(map(setting_name, settings))
    beside = Path(name_or_path).parent
    if _is_toml(str(name_or_path)) and (folder.is_run(beside) or (beside / folder.BEGUN).is_file()):
        return named
    tables = _parsed(*_text_of(str(name_or_path)))
    return named | {
        f"{table}.{key}"
        for table, defaults in _DEFAULTS.items()
        for key, value in tables.get(table, {}).items()
        if value != defaults.get(key)
    }


_DEFAULTS = {"training": asdict(TrainingSettings()), "evaluation": asdict(EvaluationSettings()), "published": {}}


def refuse_unknown_settings(settings: Iterable[str]) -> None:
    """Refuse changes of settings that no recipe has; needs neither the data nor the rest of the recipe.

    Args:
        settings: as of `load_recipe`.

    Raises:
        UserError: one is not of the form table.key=value, or names no setting.
    """
    for setting in settings:
        apply_setting({}, setting)
        refuse_unknown_names([setting_name(setting)], "--set")


def refuse_unknown_names(names: Iterable[str], origin: str) -> None:
    """Refuse the dotted names of settings that no recipe has.

    Args:
        names: such as "model.units".
        origin: the option that gave them, for the error.

    Raises:
        UserError: one names no setting.
    """
    for name in names:
        table, *keys = name.strip().split(".")
        if table not in field_names(Recipe):
            raise UserError(f"{origin}: {unknown_key((), table, field_names(Recipe))}")
        if keys and keys[0] not in KEYS_OF_TABLES.get(table, keys):
            raise UserError(f"{origin}: {unknown_key((table,), keys[0], KEYS_OF_TABLES[table])}")


def changed_data(data: FileSettings, changes: Iterable[str], seed: int) -> tuple[FileSettings, int]:
    """The settings of a file, and the seed of its split, after changes of its recipe.

    Args:
        data: the settings before.
        changes: as of `load_recipe`; those of the model are not checked, as its shape depends on the data.
        seed: of training.

    Raises:
        UserError: a change is not of the form table.key=value, names no setting, or has a wrong value.
    """
    changes = list(changes)
    refuse_unknown_settings(changes)
    tables: dict[str, Any] = {
        "name": "file",
        "data": without_nothing(asdict(data)),
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

    Raises:
        UserError: a key is unknown or missing, or a value has the wrong type or range; names the key.
    """
    tables = {key: dict(value) if isinstance(value, Mapping) else value for key, value in tables.items()}
    if isinstance(model := tables.get("model"), dict) and model.get("shape") == "seq2seq":
        model["shape"] = "autoencoder"  # as recipes named it first
    kinds = {}
    for name in ("model", "data"):
        if isinstance(tables.get(name), dict):
            kinds[name] = _kind_of_model(tables, origin) if name == "model" else _kind_of_data(tables)
        elif name in tables:
            raise UserError(f"{origin}: {name} is {tables[name]!r}: it must be a table.")
    wrong: dict[str, Mistakes] = {}
    for name in ("data", "model"):
        if name in kinds:
            try:
                tables[name] = validated(kinds[name], tables[name], origin, (name,))
            except Mistakes as error:
                wrong[name] = error
    if isinstance(tables.get("data"), FileSettings) and isinstance(tables.get("training"), dict):
        tables["training"].setdefault("class_weight", "balanced")  # as files were trained on before there was a choice
    said = [mistake for error in wrong.values() for mistake in error.mistakes]
    try:
        recipe: Recipe = validated(Recipe, {key: one for key, one in tables.items() if key not in wrong}, origin)
    except Mistakes as error:
        said += [mistake for mistake in error.mistakes if mistake not in {f"{name} is missing." for name in wrong}]
    if said:
        raise Mistakes(origin, said)
    return recipe


def file_settings(**values: Any) -> FileSettings:
    """Describe a person's file with the arguments that `train` got.

    Raises:
        UserError: a value is out of range; names the argument.
    """
    try:
        return FileSettings(**values)
    except ValidationError as error:
        raise UserError(" ".join(mistakes_in_words(error, FileSettings))) from error


def _kind_of_data(tables: Mapping[str, Any]) -> type:
    """The settings class of the data: of a file if there is a path, else of the named dataset."""
    if "path" in tables["data"]:
        return FileSettings
    if tables["data"].get("task") == "captions":
        return CaptionSettings
    model = tables.get("model")
    shape = model.get("shape") if isinstance(model, dict) else None
    kinds: dict[str, type] = {"autoencoder": ImageSettings, "upscaler": ImageSettings, "tagger": TaggedSettings}
    return (kinds | dict.fromkeys(("transformer", "encoder_decoder"), PairSettings)).get(str(shape), TextSettings)


def _kind_of_model(tables: Mapping[str, Any], origin: str) -> type:
    """The description of a model of this shape."""
    shape = tables["model"].get("shape", "seq2vec")
    if isinstance(shape, str) and shape in SHAPES:
        return SHAPES[shape]
    hint = nearest(str(shape), SHAPES)
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
    """The same table, and tables in it, without the keys whose value is None, which TOML cannot express."""
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
        hint = nearest(name_or_path, recipe_names())
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
        UserError: it is not of this form.

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
