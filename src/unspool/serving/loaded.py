"""A model that is served: loaded from a copy of its own, and checked."""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from unspool.serving.answer_format import AnswerFormat, format_of
from unspool_runtime import Check, Model, ModelError

SERVED = ("texts", "rows", "words", "series", "ids", "histories")
"""What an example of a model that is served may be."""
MOST_PADDED = 1 << 15
"""Words or steps, padding among them, that a model tags at once: its probabilities for all of them are in memory."""


@dataclass(frozen=True)
class Translating:
    """What is asked of a model that translates.

    Attributes:
        count: of the translations of each text.
        maximum: tokens of a translation.
    """

    count: int
    maximum: int


@dataclass(frozen=True, eq=False)
class Loaded:
    """A model that has answered its golden examples as the trainer did.

    Attributes:
        model: of the runtime.
        name: under which it is served.
        version: the first digits of its file's SHA-256.
        path: of its file.
        check: how the golden examples were answered.
    """

    model: Model
    name: str
    version: str
    path: Path
    check: Check

    @property
    def named(self) -> dict[str, str]:
        """What every answer says of the model that gave it."""
        return {"name": self.name, "version": self.version}

    @cached_property
    def format(self) -> AnswerFormat:
        """How its answers are described and written."""
        return format_of(self.model)

    def answers(self, examples: Sequence[Any], how: Translating | None = None) -> Any:
        """What the model says of each of N raw examples: its outputs, of all examples (N, K).

        Args:
            examples: raw.
            how: what a model that translates is asked for.

        Returns:
            Of a model that tags an array (T, K) for each example, of one that translates a list of translations.

        Raises:
            InputError: an example is not what the model reads.
        """
        if how is not None:
            return self.model.translate(examples, how.count, maximum=how.maximum)
        return _tagged(self.model, examples) if self.format.by_step else self.model.outputs(examples)


def _tagged(model: Model, examples: Sequence[Any]) -> list[Any]:
    """(T, K) outputs of each example, from as many at a time as may be padded to one length."""
    found: list[Any] = [None] * len(examples)
    for places in _of_near_length([len(one) for one in examples]):
        outputs = model.outputs([examples[place] for place in places])
        for place, one in zip(places, outputs, strict=True):
            found[place] = one[: len(examples[place])].copy()  # a view would keep the padding
    return found


def _of_near_length(lengths: list[int]) -> Iterator[list[int]]:
    """The places of examples, of which each group takes at most `MOST_PADDED`, or is one example."""
    group: list[int] = []
    for place in sorted(range(len(lengths)), key=lengths.__getitem__):
        if group and (len(group) + 1) * lengths[place] > MOST_PADDED:
            yield group
            group = []
        group.append(place)
    if group:
        yield group


def load_checked(path: Path, name: str) -> Loaded:
    """Load a portable model, and have it answer its golden examples.

    Args:
        path: of a file that nobody else writes to: the model uses it where it lies.
        name: under which it is served.

    Raises:
        ModelError: it is damaged, answers otherwise than the trainer did, or reads what cannot be sent.
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
