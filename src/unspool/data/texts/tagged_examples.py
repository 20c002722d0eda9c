"""Tagged texts, ready to be trained on: what each is for, and what there is to know of them."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from unspool.data.cell_values import fingerprint
from unspool.data.drawn_parts import FRACTION, RARE, draw_parts
from unspool.data.duplicates import copies_together, repeated_in_words
from unspool.data.file_description import aligned, by_quantile, described
from unspool.data.kept_in_cache import shown_path
from unspool.data.labels import FindLabels, LabelEncoder, flaws_of
from unspool.data.names_in_words import first_few
from unspool.data.parts import TEST, TRAINING, VALIDATION, Parts, count_by_part, known_parts, with_more_rows
from unspool.data.parts_in_words import drawn_words, said_words
from unspool.data.required_columns import group_in
from unspool.data.source import Given, Source
from unspool.data.tables.problems import OnError, Place
from unspool.data.tables.split_names import PARTS, Part
from unspool.data.texts.conll import CONLL
from unspool.data.texts.tagged_sources import read_tagged_texts
from unspool.data.texts.tagged_texts import TaggedTexts, Tokens
from unspool.errors import naming
from unspool.progress import spinner

_MOST_SHOWN = 20


@dataclass(frozen=True, slots=True, eq=False)
class TaggedTextExamples:
    """Tagged texts in memory, and what was decided about them.

    Attributes:
        texts: N of them.
        parts: (N,) the part of each: 0 training, 1 validation, 2 test.
        labels: how tags become targets; learned from the training texts.
        decisions: what was decided, and why, each in a sentence without its stop.
    """

    texts: TaggedTexts
    parts: Parts = field(repr=False)
    labels: LabelEncoder
    decisions: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.texts)

    def counts(self) -> dict[Part, int]:
        """Count the texts of each part."""
        return count_by_part(self.parts)

    def tokens(self, part: Part) -> list[Tokens]:
        """The texts of a part."""
        return [self.texts.texts[position] for position in np.flatnonzero(self.parts == PARTS.index(part))]

    def tag_counts(self) -> dict[str, tuple[int, int, int]]:
        """How many tokens of training, validation and test have each tag, the most frequent in training first."""
        counts: dict[str, list[int]] = {name: [0] * len(PARTS) for name in self.labels.names}
        for tags, part in zip(self.texts.tags, self.parts.tolist(), strict=True):
            for tag, count in Counter(tags).items():
                counts[tag][part] += count
        ordered = sorted(counts.items(), key=lambda item: -item[1][TRAINING])
        return {name: (found[0], found[1], found[2]) for name, found in ordered}


def read_tagged_examples(
    given: Given,
    *,
    find_labels: FindLabels,
    text: str | None = None,
    label: str | None = None,
    group: str | None = None,
    split: str | None = None,
    test: Given | None = None,
    validation: Given | None = None,
    fractions: tuple[float, float] = (FRACTION, FRACTION),
    seed: int = 0,
    on_error: OnError = "stop",
) -> TaggedTextExamples:
    """Read tagged texts, and decide what each is for.

    Parts that a split column or a test file gives stay as they are. The others are drawn at random, whole groups at a
    time where there are some; copies of one text stay together else.

    Args:
        given: the file, see `read_tagged_texts`.
        find_labels: learns from the tags of the training texts, as `unspool.tasks.find_task` does.
        text: the column with the tokens, or None to look for it.
        label: the column with the tags, or None to look for it.
        group: a column: texts with the same value stay in one part.
        split: a column that says the part of each text.
        test: a file with the test texts, or None. It may lack the column of groups.
        validation: a file with those for validation, or None.
        fractions: of the texts for validation and for the test, where these are drawn.
        seed: of the draw.
        on_error: what is done about a text that cannot be used: "stop" at it, or "skip" it and count it.

    Raises:
        UserError: a file cannot be read, a text cannot be used and `on_error` is "stop", there is only one tag, or
            there are too few texts.
    """
    source = Source.of(given, on_error)
    path = source.path
    with spinner(f"Reading {path.name}"):
        found = read_tagged_texts(source, text=text, label=label, group=group, split=split, on_error=on_error)
        for part, file in ((VALIDATION, validation), (TEST, test)):
            if file is not None:
                held_out = replace(Source.of(file, on_error), series=found.series)
                columns = () if held_out.path.suffix.lower() in CONLL else held_out.table.columns
                own = group_in(held_out.path, columns, group, PARTS[part])
                more = read_tagged_texts(held_out, text=found.text, label=found.label, group=own, on_error=on_error)
                found = _joined(found, more, part)
    known = known_parts(found.parts, len(found))
    training = [tags for tags, part in zip(found.tags, known, strict=True) if part == TRAINING]
    with naming(path):
        encoder = find_labels(training)
    found = found.without(flaws_of(found.tags, encoder.flaw), on_error)
    known = known_parts(found.parts, len(found))
    groups, how = found.groups, f"whole groups by column {group}"
    if groups is None:
        groups, how = copies_together(_prints(found.texts), "copies of one text")
    by = None if found.groups is None else f"column {group}"
    with naming(path):
        parts = draw_parts(
            len(found), groups=groups, by=by, given=known, fractions=fractions, seed=seed, fewest_validation=2
        )
    decisions = [f"the task is {encoder.name}: {encoder.why}"]
    if found.text is not None:
        told = "" if found.series is None else f", and {found.series} says which text each row belongs to"
        decisions.insert(0, f"tokens are in column {found.text}, tags in {found.label}{told}")
    decisions += [*said_words(split, test, "texts", validation), *drawn_words(known, how, "texts")]
    return TaggedTextExamples(found, parts, encoder, tuple(decisions))


def describe_tagged(examples: TaggedTextExamples) -> str:
    """Say what is in a file of tagged texts, for the terminal."""
    texts, counts = examples.texts, examples.counts()
    lengths = np.array([len(tokens) for tokens in texts.texts])
    training = lengths[examples.parts == TRAINING]
    known = {token.lower() for tokens in examples.tokens("training") for token in tokens}
    held_out = [token.lower() for part in PARTS[1:] for tokens in examples.tokens(part) for token in tokens]
    unknown = sum(token not in known for token in held_out) / max(1, len(held_out))
    tags = examples.tag_counts()
    totals = [max(1, sum(found[part] for found in tags.values())) for part in range(len(PARTS))]
    rows = [("", *PARTS), ("texts", *(f"{counts[part]:,}" for part in PARTS))]
    rows.append(("tokens", *(f"{int(lengths[examples.parts == part].sum()):,}" for part in range(len(PARTS)))))
    for name, found in list(tags.items())[:_MOST_SHOWN]:
        rows.append((name, *(f"{one:,} ({one / total:.0%})" for one, total in zip(found, totals, strict=True))))
    if len(tags) > _MOST_SHOWN:
        rows.append((f"and {len(tags) - _MOST_SHOWN} more tags", *[""] * len(PARTS)))
    remarks = [f"{count:,} texts with {reason.value}: left out" for reason, count in texts.left_out.most_common()]
    remarks += texts.notes
    remarks += repeated_in_words(_prints(texts.texts), examples.parts, ("text", "texts"), "the same words")
    rare = [name for name, found in tags.items() if sum(found) < RARE]
    if rare:
        remarks.append(
            f"tags with fewer than {RARE} tokens: {first_few(rare, _MOST_SHOWN)}: too few to learn or to score reliably"
        )
    absent = [name for name, found in tags.items() if not found[TEST] and name not in rare]
    if absent:
        remarks.append(f"tags that do not occur in the test: {first_few(absent, _MOST_SHOWN)}: not scored")
    head = f"{shown_path(texts.path)}: {len(texts):,} tagged texts that can be used"
    lines = [
        f"Tokens of a training text, by quantile: {by_quantile(training)}",
        f"{unknown:.0%} of the tokens outside training are words that training never shows",
    ]
    return described(head, examples.decisions, [aligned(rows), lines], remarks)


def _prints(texts: Iterable[Tokens]) -> NDArray[np.int64]:
    """(N,) equal for equal texts."""
    return np.array([fingerprint("\n".join(tokens)) for tokens in texts], dtype=np.int64)


def _joined(first: TaggedTexts, test: TaggedTexts, part: int) -> TaggedTexts:
    """The texts of a file and of a file of one part; without groups, each of these is in one of its own."""
    known = known_parts(first.parts, len(first))
    parts, groups = with_more_rows(known, first.groups, len(test), part, test.groups)
    return replace(
        first,
        texts=first.texts + test.texts,
        tags=first.tags + test.tags,
        rows=[],
        places=first.places + [Place(place.row, test.path.name, place.what) for place in test.places],
        groups=groups,
        parts=parts,
        left_out=first.left_out + test.left_out,
        notes=first.notes + test.notes,
        files=with_more_rows(known_parts(first.files, len(first)), None, len(test), part)[0],
    )
