"""A person's file of tagged texts: read, looked through, and prepared for a model."""

from dataclasses import dataclass, field, replace

import numpy as np

from unspool.data.columns import by_role
from unspool.data.duplicates import rare_copies
from unspool.data.parts import TEST
from unspool.data.source import Source
from unspool.data.tables.split_names import PARTS, Part
from unspool.data.texts.tagged_examples import TaggedTextExamples, describe_tagged, read_tagged_examples
from unspool.errors import UserError
from unspool.evaluation.baselines.cache import digest_of_arrays
from unspool.evaluation.result import DataSummary
from unspool.readers import WordReader
from unspool.runs.groups import checked_groups, copies_as_groups
from unspool.runs.reading.preparation import (
    PreparedPart,
    as_bytes,
    facts_of_file,
    in_memory,
    tag_counts,
    tagged_example,
    where_known,
)
from unspool.runs.recipes.recipe import FOR_SERIES, FileSettings
from unspool.runs.records.seen import fingerprints
from unspool.tasks import Tagging, Task, find_task

WHY = "each token has a tag"
_NOT_FOR_TOKENS = (
    "time",
    "id",
    *(name for name in FOR_SERIES if name != "series"),
    "dates",
    "decimal",
    "length",
    "unlabelled",
)


@dataclass(frozen=True, eq=False)
class ReadTaggedFile:
    """What a file of tagged texts holds.

    Attributes:
        settings: with its columns named.
        examples: each in its part.
    """

    settings: FileSettings
    examples: TaggedTextExamples = field(repr=False)

    @property
    def task(self) -> Task:
        """Tagging, with its tags."""
        assert isinstance(self.examples.labels, Task)
        return self.examples.labels

    @property
    def seen(self) -> str:
        """What was seen in it, in words."""
        return describe_tagged(self.examples)


def read_tagged_file(settings: FileSettings, source: Source, seed: int) -> ReadTaggedFile:
    """Read a file of tagged texts, and decide what each is for.

    Raises:
        UserError: the file cannot be used, what is held out could not be scored, an option is given that such files
            have not, or another task is.
    """
    settings.refuse(
        _NOT_FOR_TOKENS,
        "is not for tagged texts. Leave it out; or, if each row is a step of a series, name the column that identifies "
        "the series (--series).",
    )
    if settings.tokenizer != "words":
        raise UserError(f"{settings.path}: --tokenizer is not for tagged texts, which are split into tokens already.")
    if settings.task not in (None, Tagging.name):
        raise UserError(
            f"{settings.path} has a tag for each token, which asks for the task tagging, not {settings.task}."
        )
    examples = read_tagged_examples(
        source,
        find_labels=lambda labels: replace(find_task(labels, Tagging.name), why=WHY),
        **settings.of("text", "label", "group", "split", "test", "validation", "fractions", "on_error"),
        seed=seed,
    )
    texts = examples.texts
    found = ReadTaggedFile(replace(settings, text=texts.text, label=texts.label, series=texts.series), examples)
    held_out: tuple[Part, ...] = ("test", "validation")
    for name in held_out:
        found.task.check(np.flatnonzero(examples.parts == PARTS.index(name)), name)
    return found


def tagged_parts(read: ReadTaggedFile, reader: WordReader) -> dict[Part, PreparedPart]:
    """Turn the tokens of each part into ids, and their tags into numbers."""
    found = read.examples
    prepared: dict[Part, PreparedPart] = {}
    prints = rare_copies(fingerprints(found.texts.texts))
    for number, part in enumerate(PARTS):
        rows = np.flatnonzero(found.parts == number)
        texts = [found.texts.texts[row] for row in rows]
        targets = read.task.encode([found.texts.tags[row] for row in rows])
        groups = checked_groups(None if found.texts.groups is None else found.texts.groups[rows], part, "texts")
        if part == "test" and found.texts.groups is None and found.texts.parts is None:
            groups = copies_as_groups(prints[rows])
        prepared[part] = PreparedPart(reader.read(texts), targets, groups, in_memory(texts))
    return prepared


def tagged_summary(read: ReadTaggedFile, reader: WordReader, parts: dict[Part, PreparedPart]) -> DataSummary:
    """The summary of the data; counts are of tokens."""
    found, task = read.examples, read.task
    training = np.flatnonzero(found.parts == 0)
    example = tagged_example(
        [found.texts.texts[row] for row in training], [found.texts.tags[row] for row in training], reader
    )
    tested = [[found.texts.texts[row], found.texts.tags[row]] for row in np.flatnonzero(found.parts == TEST)]
    texts, settings = found.texts, read.settings
    columns = by_role(
        {
            "tokens": texts.text,
            "tags": texts.label,
            "series": texts.series,
            "group": settings.group,
            "split": settings.split,
        }
    )
    used = {name for names in columns.values() for name in names} | {*(texts.series or "").split(",")}
    return DataSummary(
        **facts_of_file(found.texts.path, f"{len(found):,} tagged texts"),
        digest=digest_of_arrays(as_bytes([texts.texts, texts.tags]), found.parts, *where_known(texts.groups)),
        label_names=task.names,
        examples={part: found.counts()[part] for part in PARTS},
        counts={part: tag_counts(task, parts[part].targets) for part in PARTS},
        example=example,
        test_digest=digest_of_arrays(as_bytes(tested)),
        columns=columns,
        ignored=tuple(name for name in next(iter(texts.rows), {}) if name not in used),
    )
