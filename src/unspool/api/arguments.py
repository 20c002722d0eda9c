"""Convert the arguments of `train`, `search` and `inspect` to the settings and changes of a run."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from numbers import Integral
from pathlib import Path
from typing import Any

import numpy as np

from unspool.api.data import Data, as_file, is_path
from unspool.data.examples_in_memory import are_texts
from unspool.data.frames import column_name, frame_of_column, is_frame
from unspool.data.kept_in_cache import LABEL, TEXT
from unspool.data.texts.tags_as_labels import repeats
from unspool.errors import UserError, meant
from unspool.runs.recipes.file import file_settings, with_absolute_paths
from unspool.runs.recipes.recipe import FileSettings
from unspool.runs.search.ranges import as_toml
from unspool.tasks import OF_PAIRS

_SEVERAL = {"channels", "known_ahead", "numeric", "categorical"}  # columns, each a text or a list
_COLUMNS = {"text", "label", "source", "target", "group", "time", "newest", "id", "split", "series"} | _SEVERAL
_JOINED = {"text", "time", "newest", "series"}  # columns that may be read as one
_FILES = {"test", "test_target", "validation", "validation_target"}
_BESIDE = {"group": "groups", "split": "parts", "time": "times", "newest": "times"}
"""Values for each example in memory, and what `kept_lists` calls them."""
_OTHERS = {
    "unlabelled",
    "tokenizer",
    "size",
    "length",
    "resample",
    "dates",
    "on_error",
    "horizon",
    "season",
    "fill",
    "aggregate",
}
_KNOWN = _COLUMNS | _FILES | _OTHERS


def settings_of(
    data: Data,
    label: str | Sequence[Any] | None,
    task: str | None,
    name: str,
    columns: dict[str, Any],
    named: Collection[str],
) -> FileSettings:
    """Turn the arguments of `train` into the settings of a file; data in memory is written to one first.

    Args:
        data: see `train`.
        label: likewise.
        task: likewise.
        name: what data in memory is called.
        columns: the arguments that are settings of a file.
        named: the arguments of the caller, to suggest one where a name is misspelled.

    Raises:
        UserError: an argument is unknown, or the data or a file is of a type that cannot be read.
    """
    if unknown := columns.keys() - _KNOWN:
        known = sorted({*_KNOWN, *named} - {"data", "columns"})
        hint = meant(min(unknown), known)
        raise UserError(f"There is no argument {min(unknown)!r}.{hint} There are {', '.join(known)}.")
    if columns.get("horizon") is not None:
        data = frame_of_column(data)
    if is_frame(data):
        there = [*getattr(data, "columns", ())]
        label = _as_in_file(label, there)
        columns = {key: _as_in_file(value, there) if key in _COLUMNS else value for key, value in columns.items()}
    in_memory = not is_path(data) and not is_frame(data)
    if in_memory and columns.get("horizon") is not None and len(np.shape(data[:1])) > 1:
        raise UserError(
            "To forecast several series, make a data frame with a column for each, as in "
            "pandas.DataFrame(np.transpose(data)).add_prefix('series_'), and give label='*'."
        )
    if label is not None and not in_memory:
        label = _label_columns(label)
    beside = {name: list(columns[name]) for name in _BESIDE if in_memory and _are_values(columns.get(name))}
    _refuse_other_times(data, beside)
    labels = label if _are_values(label) else None
    path = as_file(data, labels, name, **{_BESIDE[name]: values for name, values in beside.items()})
    if in_memory and label is not None and labels is None:
        raise UserError(f"label is {label!r}: lists and arrays have no columns to name. Give a list of labels instead.")
    columns = columns | {name: name if path.suffix == ".jsonl" else None for name in beside}
    column = label if isinstance(label, str) else (LABEL if in_memory and path.suffix == ".jsonl" else None)
    if label is None and in_memory and task != "reconstruction" and columns.get("horizon") is None:
        raise UserError(_what_lacks_labels(data))
    if task is None and in_memory and label is not None and not isinstance(label, str):
        _refuse_tags_of_texts(data, label)
    given = {key: _as_setting(key, value) for key, value in columns.items() if value is not None}
    translates = task in OF_PAIRS or "source" in given or "target" in given
    if in_memory and translates and "horizon" not in given:
        column, given = None, {"source": TEXT, "target": LABEL} | given
    return with_absolute_paths(file_settings(path=str(path), kind="auto", label=column, task=task, **given))


def _what_lacks_labels(examples: Any) -> str:
    """What to say of examples in memory that need labels and have none."""
    if not are_texts(examples):
        return (
            "The series have no labels. Give one for each, as in label=['walk', 'run'], or train an autoencoder, which "
            'needs none (task="reconstruction").'
        )
    if isinstance(examples[0], str):
        return "The texts have no labels. Give one for each, as in label=['good', 'bad']."
    if all(len(entry) == 2 for entry in examples):
        return "The examples have no labels. If these are pairs, give the second entries as label=, with zip(*pairs)."
    return "The texts have no tags. Give a list for each, as in label=[['DET', 'NOUN'], ['PRON', 'VERB', 'NOUN']]."


def _refuse_other_times(data: Any, beside: Collection[str]) -> None:
    """Refuse times of texts that are given as those of series, or the reverse.

    Raises:
        UserError: names the argument to use.
    """
    if not {"time", "newest"} & {*beside} or not len(data):
        return
    texts = are_texts(data)
    argument, other = ("newest", "time") if texts else ("time", "newest")
    if argument in beside:
        what = "text was written" if texts else "series was recorded"
        raise UserError(f"To say when each {what}, give {other}= in place of {argument}=.")


def _refuse_tags_of_texts(data: Any, labels: Sequence[Any]) -> None:
    """Refuse texts that have as many labels as words each, some of them twice: these may be tags of the words.

    Raises:
        UserError: says how to give words, and how several labels for each text.
    """
    pairs = [(text, tags) for text, tags in zip(data, labels, strict=False) if isinstance(tags, list | tuple)]
    if len(pairs) < len(labels) or not all(isinstance(text, str) for text, _ in pairs):
        return
    twice = any(repeats(tags) for _, tags in pairs)
    if twice and all(len(text.split()) == len(tags) for text, tags in pairs):
        raise UserError(
            "Each text has as many labels as words, and some have a label twice. To tag the words, give the words of "
            "each text as a list, as in [text.split() for text in texts]; if the labels are of whole texts, add "
            'task="multilabel".'
        )


def _as_in_file(name: Any, columns: Sequence[Any]) -> Any:
    """What names a column of a data frame, or several, by the names that these have in its file."""
    if isinstance(name, Integral | tuple) and name in columns:
        return column_name(name)
    if isinstance(name, list):
        return [_as_in_file(one, columns) for one in name]
    return name


def _are_values(value: Any) -> bool:
    return value is not None and not isinstance(value, str) and hasattr(value, "__iter__")


def _label_columns(label: str | Sequence[Any]) -> str:
    """The name of the column with the labels, or of several, as one text.

    Args:
        label: the name or the names; if two are the same, they are probably the labels themselves.

    Raises:
        UserError: it is neither.
    """
    if isinstance(label, str):
        return label
    names: list[Any] = list(label) if hasattr(label, "__iter__") else [label]
    if not names or not all(isinstance(name, str) for name in names) or len(set(names)) < len(names):
        raise UserError(
            "label does not name a column. Give the name of the column with the labels, or a list of columns of 1 and "
            "0, one for each label. The labels themselves can only be given if the data is a list or an array; of a "
            "data frame, make them a column."
        )
    return ",".join(names)


def _as_setting(argument: str, value: Any) -> Any:
    if argument in _COLUMNS and not isinstance(value, str) and not hasattr(value, "__iter__"):
        raise UserError(f"{argument} is {value!r}. Give the name of a column.")
    if argument in _FILES:
        if not is_path(value) and argument.endswith("_target"):
            raise UserError(f"{argument} is of type {type(value).__name__}. Give the path of a file.")
        return str(value) if is_path(value) else str(_held_out(argument, value).absolute())
    columns = argument in _JOINED and all(isinstance(one, str) for one in value)
    if argument in _BESIDE and not isinstance(value, str) and not columns:
        raise UserError(
            f"{argument} does not name a column. A value for each example can only be given if the data is a list or "
            "an array; of a data frame, make the values a column, and give its name."
        )
    if argument == "unlabelled":
        return str(as_file(value, None, argument).absolute())
    if argument == "target" and is_path(value):  # it may be a file
        return str(value)
    if argument in _JOINED and not isinstance(value, str):
        return ",".join(value)
    if argument in _SEVERAL:
        return tuple(value.split(",") if isinstance(value, str) else value) or None
    return value


def _held_out(argument: str, value: Any) -> Path:
    """A file of what is held out: a data frame, or examples in memory and their labels.

    Raises:
        UserError: it is something else.
    """
    if is_frame(value):
        return as_file(value, None, argument)
    if isinstance(value, tuple) and len(value) == 2:
        return as_file(value[0], value[1], argument)
    more = f", a data frame, or a tuple of examples and labels, as in {argument}=(texts, labels)"
    raise UserError(f"{argument} is of type {type(value).__name__}. Give the path of a file{more}.")


def as_call(data: Data, file: FileSettings, arguments: Mapping[str, Any]) -> str:
    """Write a call of `train` for the report; examples and labels in memory are written as names, paths whole.

    Args:
        data: the examples.
        file: what `settings_of` made of the call.
        arguments: by their names.

    Example:
        >>> file = FileSettings(path="/a.csv", test="/b.csv")
        >>> as_call("a.csv", file, {"label": "stars", "test": "b.csv", "numeric": ["price"], "budget": None})
        "unspool.train('/a.csv', label='stars', test='/b.csv', numeric=['price'], budget=None)"
        >>> as_call(["a film"], FileSettings(path="/data.jsonl"), {"label": ["good"], "seed": 0})
        'unspool.train(data, label=label, seed=0)'
    """
    written = [repr(file.path) if is_path(data) else "data"]
    lists = {"settings"} | (_COLUMNS if is_path(data) or is_frame(data) else set())
    for name, value in arguments.items():
        if is_path(value):
            shown = repr(str(getattr(file, name) if name in file.files else value))
        elif isinstance(value, list | tuple) and name in lists:
            shown = repr(list(value))
        else:
            shown = repr(value) if value is None or isinstance(value, bool | int | float) else name
        written.append(f"{name}={shown}")
    return f"unspool.train({', '.join(written)})"


def as_changes(settings: Mapping[str, Any] | Iterable[str]) -> list[str]:
    """Write changes to settings as on the command line: "model.units=32".

    Example:
        >>> as_changes({"model.units": 32}), as_changes("model.units=32"), as_changes(["model.units=32"])
        (['model.units=32'], ['model.units=32'], ['model.units=32'])
    """
    if not isinstance(settings, Mapping):
        return [settings] if isinstance(settings, str) else list(settings)
    return [f"{key}={as_toml(value)}" for key, value in settings.items()]


def as_ranges(over: Mapping[str, Any] | Iterable[str]) -> list[str]:
    """Write what a search varies as on the command line: "model.units=16..256:log".

    Example:
        >>> as_ranges({"model.units": [16, 32], "model.cell": "gru,lstm", "training.seed": 3})
        ['model.units=16,32', 'model.cell=gru,lstm', 'training.seed=3']
    """
    if not isinstance(over, Mapping):
        return [over] if isinstance(over, str) else list(over)
    return [f"{key}={_as_range(value)}" for key, value in over.items()]


def _as_range(value: Any) -> str:
    if isinstance(value, str):
        return value
    return ",".join(map(as_toml, value if isinstance(value, Iterable) else [value]))
