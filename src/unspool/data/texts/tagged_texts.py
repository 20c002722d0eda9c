"""Texts that are split into tokens, with a tag for each."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from unspool.data.labels import Label
from unspool.data.parts import Parts
from unspool.data.tables.problems import Flaw, OnError, Place, Problem, Reason, settle
from unspool.data.usual_names import LABEL_NAMES, TEXT_NAMES

TOKEN_NAMES = ("tokens", "words", *TEXT_NAMES)
TAG_NAMES = ("tags", "ner_tags", "pos_tags", "tag", "ner_tag", "pos_tag", *LABEL_NAMES)
ONE_ROW_PER_TEXT = "write one row for each text, with all its tokens and all its tags, or a .conll file"

Tokens: TypeAlias = tuple[str, ...]

_OF_SPAN = re.compile(r"[BIELSU]-\S+")
"""A tag of a token in a span; all others have O."""


@dataclass(frozen=True, slots=True, eq=False)
class TaggedTexts:
    """N texts.

    Attributes:
        path: of the file.
        texts: the tokens of each.
        tags: of each as many; empty where tags are not looked at.
        places: where each stands in the file.
        text: the column with the tokens; None in CoNLL-style files.
        label: the column with the tags; None there.
        series: of a table with a row for each token, the column that says which text it belongs to; None elsewhere.
        rows: of a table, the cells of each text's row, by the names of the columns; where `series` is given, lists of
            the cells of its rows; of other files nothing.
        groups: (N,) a number for the group of each, or None.
        parts: (N,) the part that the file says, or None.
        left_out: how many cannot be used, by reason.
        files: (N,) which file each comes from: 0 for `path`, 1 for a validation file, 2 for a test file; or None where
            there is only `path`.
        notes: what to know about how the file was read, each a sentence without its stop.
    """

    path: Path
    texts: list[Tokens] = field(repr=False)
    tags: list[Label] = field(repr=False)
    places: list[Place] = field(repr=False)
    text: str | None = None
    label: str | None = None
    series: str | None = None
    rows: list[dict[str, Any]] = field(default_factory=list, repr=False)
    groups: NDArray[np.int64] | None = field(default=None, repr=False)
    parts: Parts | None = field(default=None, repr=False)
    left_out: Counter[Reason] = field(default_factory=Counter)
    files: NDArray[np.int8] | None = field(default=None, repr=False)
    notes: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.texts)

    def without(self, flaws: dict[int, Flaw], on_error: OnError) -> "TaggedTexts":
        """Leave out the texts at some positions.

        Raises:
            UserError: there is one, and `on_error` is "stop".
        """
        if not flaws:
            return self
        settle((Problem(flaw, self.places[position]) for position, flaw in flaws.items()), self.path, on_error)
        kept = [position for position in range(len(self)) if position not in flaws]
        return replace(
            self,
            texts=[self.texts[position] for position in kept],
            tags=[self.tags[position] for position in kept],
            places=[self.places[position] for position in kept],
            rows=[self.rows[position] for position in kept] if self.rows else [],
            groups=None if self.groups is None else self.groups[kept],
            parts=None if self.parts is None else self.parts[kept],
            files=None if self.files is None else self.files[kept],
            left_out=self.left_out + Counter(flaw.reason for flaw in flaws.values()),
        )


def nearly_all(are: list[bool]) -> bool:
    """Whether at least nine tenths are true; the others are then mistakes, to be reported."""
    return bool(are) and 10 * are.count(False) <= len(are)


def first_of_span(tags: Sequence[str]) -> str | None:
    """The first tag of a token in a span, such as B-person, if nearly all tags are such or O; None if they are not.

    Example:
        >>> first_of_span(["O", "B-person", "I-person"]), first_of_span(["O", "O"]), first_of_span(["NOUN", "B-person"])
        ('B-person', None, None)
    """
    first = next(filter(_OF_SPAN.fullmatch, tags), None)
    return first if nearly_all([tag == "O" or _OF_SPAN.fullmatch(tag) is not None for tag in tags]) else None
