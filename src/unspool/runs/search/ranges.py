"""What a search varies: a setting, and the values that it may take, as in "model.units=16..256:log"."""

import json
import math
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product
from types import UnionType
from typing import TYPE_CHECKING, Annotated, Any, Union, cast, get_args, get_origin, get_type_hints

import numpy as np

from unspool.descriptions.choice import ModelChoice
from unspool.descriptions.networks import Seq2Vec, Tagger
from unspool.errors import UserError
from unspool.runs.recipes.recipe import Recipe

if TYPE_CHECKING:
    from optuna.trial import Trial

Value = int | float | bool | str

_EXAMPLES = "as in --over model.units=16..256:log or --over model.cell=lstm,gru"
_SPAN = re.compile(r"(?P<low>.*?)\.\.(?P<high>[^:]*)(?::(?P<scale>.*))?")
_READING = {Seq2Vec: {"num_words", "skip_top", "maxlen", "size", "length", "tokenizer"}, Tagger: {"size"}}
"""For models whose answers stay the same: the settings of data that say how examples are read, not which there are."""
_OF_THE_LOSS = ("training.label_smoothing", "model.decoder.output", "model.factor")
"""What changes the validation loss itself, or what it is computed from."""


@dataclass(frozen=True)
class Range:
    """A setting and its values.

    Attributes:
        name: of the setting, as in "model.units".
        low: the least value, where it is a range.
        high: the largest value.
        log: whether values are drawn evenly on a logarithmic scale.
        whole: whether they are whole numbers.
        choices: the values, where they are listed.
    """

    name: str
    low: float = 0
    high: float = 0
    log: bool = False
    whole: bool = False
    choices: tuple[Value, ...] = ()

    def __str__(self) -> str:
        if self.choices:
            return f"{self.name}={','.join(map(as_toml, self.choices))}"
        return f"{self.name}={as_toml(self.low)}..{as_toml(self.high)}{':log' * self.log}"

    @property
    def ends(self) -> tuple[Value, ...]:
        """The values between which the others lie; all of a list."""
        return self.choices or (self.low, self.high)

    @property
    def count(self) -> float:
        """How many values there are; infinite for a range of numbers that are not whole."""
        if self.choices:
            return len(self.choices)
        return int(self.high) - int(self.low) + 1 if self.whole else math.inf

    def suggest(self, trial: "Trial") -> Value:
        """The value that a trial takes, drawn at the first call."""
        if self.choices:
            return cast(Value, trial.suggest_categorical(self.name, self.choices))
        if self.whole:
            return trial.suggest_int(self.name, int(self.low), int(self.high), log=self.log)
        return trial.suggest_float(self.name, self.low, self.high, log=self.log)


def combinations(ranges: Sequence[Range]) -> Iterator[dict[str, Value]]:
    """All settings that ranges of finitely many values have together.

    Example:
        >>> [*combinations([Range("model.layers", 1, 2, whole=True), Range("model.cell", choices=("gru",))])]
        [{'model.layers': 1, 'model.cell': 'gru'}, {'model.layers': 2, 'model.cell': 'gru'}]
    """
    values = (one.choices or range(int(one.low), int(one.high) + 1) for one in ranges)
    for combination in product(*values):
        yield {one.name: value for one, value in zip(ranges, combination, strict=True)}


def parse_ranges(texts: Iterable[str]) -> tuple[Range, ...]:
    """Read ranges and lists, before it is known whether their settings are whole numbers.

    Args:
        texts: as in "model.units=16..256:log" or "model.cell=lstm,gru".

    Raises:
        UserError: one is not written so, is empty, or a setting comes twice.

    Example:
        >>> [str(one) for one in parse_ranges(["model.units=16..256:log", "model.cell=lstm,gru"])]
        ['model.units=16..256:log', 'model.cell=lstm,gru']
    """
    ranges = tuple(map(_parsed, texts))
    if not ranges:
        raise UserError(f"A search needs at least one setting to vary, {_EXAMPLES}.")
    for number, one in enumerate(ranges):
        if one.name in (other.name for other in ranges[:number]):
            raise UserError(f"--over {one}: {one.name} comes twice. Give all of its values at once.")
    return ranges


def _parsed(text: str) -> Range:
    name, equals, values = (part.strip() for part in text.partition("="))
    if not equals or not all(name.split(".")) or "." not in name:
        raise UserError(f"--over {text}: write it as table.key=values, {_EXAMPLES}.")
    span = _SPAN.fullmatch(values)
    if span is None:
        return _listed(text, name, values)
    low, high = (_number(text, span[end].strip()) for end in ("low", "high"))
    if span["scale"] not in (None, "log"):
        raise UserError(f"--over {text}: {span['scale']!r} is no scale. There is :log; without it, values are even.")
    if not low < high:
        raise UserError(f"--over {text}: this range is empty. The first number must be less than the second.")
    if span["scale"] and low <= 0:
        raise UserError(f"--over {text}: a range with :log must begin above 0.")
    return Range(name, low, high, log=bool(span["scale"]))


def _listed(text: str, name: str, values: str) -> Range:
    choices = tuple(map(_value, values.split(",")))
    if "" in choices:
        raise UserError(f"--over {text}: a value is missing. Give a range or a list, {_EXAMPLES}.")
    if len({as_toml(one) for one in choices}) < len(choices):
        raise UserError(f"--over {text}: a value comes twice.")
    if len(choices) == 1:
        raise UserError(f"--over {text}: one value is nothing to search. Set it with --set {text}.")
    return Range(name, choices=choices)


def _number(text: str, written: str) -> float:
    value = _value(written)
    try:
        number = value if isinstance(value, int) else float(value)
    except ValueError:
        number = math.nan
    if isinstance(value, bool) or not math.isfinite(number):
        raise UserError(f"--over {text}: {written!r} is not a number. Give a range or a list, {_EXAMPLES}.")
    return number


def _value(written: str) -> Value:
    try:
        value = tomllib.loads(f"value = {written}")["value"]
    except (ValueError, RecursionError):
        return written.strip()
    return value if isinstance(value, int | float | bool | str) else written.strip()


def as_toml(value: Any) -> str:
    """A value as a change of a recipe has it.

    Example:
        >>> as_toml(True), as_toml(1e-05), as_toml("lstm"), as_toml(np.float64(0.1))
        ('true', '1e-05', 'lstm', '0.1')
        >>> as_toml(np.array([1, 2])), as_toml(("a", True))
        ('[1, 2]', '["a", true]')
    """
    if isinstance(value, np.ndarray | np.generic):
        value = value.tolist()
    if isinstance(value, list | tuple):
        ones = (json.dumps(one, ensure_ascii=False) if isinstance(one, str) else as_toml(one) for one in value)
        return f"[{', '.join(ones)}]"
    return str(value).lower() if isinstance(value, bool) else repr(value) if isinstance(value, float) else str(value)


def changes_of(values: Mapping[str, Value]) -> list[str]:
    """Values of settings, as changes of a recipe."""
    return [f"{name}={as_toml(value)}" for name, value in values.items()]


def corners(ranges: Sequence[Range]) -> Iterator[tuple[Range, list[dict[str, Value]]]]:
    """For each end of each range, combinations with it, of which one must make a recipe that can be trained."""
    others = [{one.name: one.ends[end] for one in ranges} for end in (0, -1)]
    for one in ranges:
        for value in one.ends:
            yield one, [other | {one.name: value} for other in others]


def typed(ranges: Iterable[Range], recipe: Recipe) -> tuple[Range, ...]:
    """The ranges with whole numbers where the settings are whole numbers.

    Raises:
        UserError: a range is of a setting that is no number, or of one that may not be searched.
    """
    return tuple(_typed(one, recipe) for one in ranges)


def _typed(one: Range, recipe: Recipe) -> Range:
    refuse_incomparable(one, recipe)
    if one.choices:
        return one
    kinds = _kinds(recipe, one.name)
    if float in kinds:
        return replace(one, low=float(one.low), high=float(one.high))
    if int in kinds:
        return replace(one, whole=True)
    raise UserError(f"--over {one}: {one.name} is not a number. List its values, as in {one.name}=one,another.")


def _kinds(recipe: Recipe, name: str) -> set[Any]:
    """The types that a setting may have."""
    kind: Any = None
    value: Any = recipe
    for part in name.split("."):
        kind = get_type_hints(type(value), include_extras=True).get(part)
        value = getattr(value, part, None)
    return set(_plain(kind))


def _plain(kind: Any) -> Iterator[Any]:
    if get_origin(kind) is Annotated:
        yield from _plain(get_args(kind)[0])
    elif get_origin(kind) in (Union, UnionType):
        for one in get_args(kind):
            yield from _plain(one)
    else:
        yield kind


def refuse_incomparable(one: Range, recipe: Recipe) -> None:
    """Refuse to vary what validation losses cannot be compared over.

    Raises:
        UserError: it is no setting of how examples are read, of the model or of training; says why.
    """
    table, _, key = one.name.partition(".")
    reason = ""
    if isinstance(recipe.model, ModelChoice):
        reason = "a search trains networks, and this recipe chooses among other models. Use unspool train"
    elif one.name == "training.seed":
        reason = "a seed is no setting to choose by: it would select luck. unspool compare --seeds measures it"
    elif one.name in _OF_THE_LOSS:
        reason = "it changes the validation loss itself, so that trials could not be compared. Set it with --set"
    elif table == "data" and key not in _READING.get(type(recipe.model), ()):
        reason = "it changes which examples there are, or what is predicted for them. Set it with --set"
    elif table not in ("data", "model", "training"):
        reason = "a search varies settings of data, model and training"
    if one.name == "model.shape":
        reason = "a search varies the settings of one model. Compare shapes with unspool compare"
    if reason:
        raise UserError(f"--over {one}: {reason}.")
