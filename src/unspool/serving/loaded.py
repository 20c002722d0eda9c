"""A served model, loaded from the server's copy and checked."""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from unspool.serving.answer_format import AnswerFormat, format_of
from unspool_runtime import Check, Model, ModelError
from unspool_runtime.model import checked_examples

SERVED = ("texts", "rows", "words", "series", "ids", "histories")
"""The kinds of examples that can be served."""
MOST_PADDED = 1 << 15
"""The most words or steps, padding included, in a batch of a model that tags, to bound its outputs in memory."""


@dataclass(frozen=True)
class Translating:
    """Options of a request for translations.

    Attributes:
        count: the number of translations for each text.
        maximum: the most tokens in a translation.
    """

    count: int
    maximum: int


@dataclass(frozen=True, eq=False)
class Loaded:
    """A model whose golden examples have been checked.

    Attributes:
        model: the model of the runtime.
        name: under which it is served.
        version: the first digits of its file's SHA-256.
        path: of its file.
        check: the result of the check.
    """

    model: Model
    name: str
    version: str
    path: Path
    check: Check

    @property
    def named(self) -> dict[str, str]:
        """Name and version, for responses."""
        return {"name": self.name, "version": self.version}

    @cached_property
    def format(self) -> AnswerFormat:
        """The format of its answers."""
        return format_of(self.model)

    def answers(self, examples: Sequence[Any], how: Translating | None = None) -> Any:
        """The outputs of the model for N raw examples.

        Returns:
            (N, K); for a model that tags, an array (T, K) for each example; for one that translates, a list of
            translations for each.

        Raises:
            InputError: the model cannot read an example.
        """
        if how is not None:
            return self.model.translate(examples, how.count, maximum=how.maximum)
        return _tagged(self.model, examples) if self.format.by_step else self.model.outputs(examples)


def _tagged(model: Model, examples: Sequence[Any]) -> list[Any]:
    """(T, K) outputs of each example, computed in batches of similar length."""
    examples = checked_examples(examples, model.reads)  # before batching: errors count places in the request
    found: list[Any] = [None] * len(examples)
    for places in _of_near_length([len(one) for one in examples]):
        outputs = model.outputs([examples[place] for place in places])
        for place, one in zip(places, outputs, strict=True):
            found[place] = one[: len(examples[place])].copy()  # a view would keep the padding
    return found


def _of_near_length(lengths: list[int]) -> Iterator[list[int]]:
    """Batches of indices of examples with at most `MOST_PADDED` padded steps, or of one example."""
    group: list[int] = []
    for place in sorted(range(len(lengths)), key=lengths.__getitem__):
        if group and (len(group) + 1) * lengths[place] > MOST_PADDED:
            yield group
            group = []
        group.append(place)
    if group:
        yield group


def load_checked(path: Path, name: str) -> Loaded:
    """Load a portable model, and check its golden examples.

    Args:
        path: of its file, which must not change, as the model maps it into memory.
        name: under which it is served.

    Raises:
        ModelError: it is damaged, fails the check, or reads examples that cannot be served.
    """
    model = Model.load(path)
    if model.reads not in SERVED:
        raise ModelError(
            f"{name} reads {model.reads}, which cannot be served yet. Use unspool predict or unspool-runtime."
        )
    check = model.check()
    if not check.passed:
        raise ModelError(
            f"{name} does not answer as it did when it was exported: {check}, and {check.tolerance:g} is allowed. "
            "Export it again."
        )
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return Loaded(model, name, digest[:12], path, check)
