"""Pairs of texts, of a named dataset or a person's file: read, looked through, and prepared for a model."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from unspool.data.columns import by_role
from unspool.data.datasets import PairedDataset, PairedSplit
from unspool.data.duplicates import rare_copies
from unspool.data.ragged import Ragged
from unspool.data.source import Source
from unspool.data.tables.split_names import PARTS, Part
from unspool.data.texts.pair_examples import PairExamples, describe_pairs, read_pair_examples
from unspool.errors import UserError
from unspool.evaluation.baselines.cache import digest_of_arrays
from unspool.evaluation.result import DataSummary, ExampleText
from unspool.readers import PairReader
from unspool.runs.groups import checked_groups, copies_as_groups
from unspool.runs.reading.example_rows import rows_of
from unspool.runs.reading.preparation import (
    ExampleRows,
    Prepared,
    PreparedPart,
    as_bytes,
    facts_of_file,
    held_out,
    in_memory,
    short_one,
    where_known,
)
from unspool.runs.recipes.recipe import FOR_SERIES, FileSettings, PairSettings, Recipe
from unspool.runs.records.seen import fingerprints
from unspool.tasks import OF_PAIRS, Task, Translation

SHORT = (
    "the verdict rests on chrF, unless evaluation.measure names another measure: BLEU needs runs of four words, and "
    "most training targets are shorter"
)
"""Where targets are short."""
_NOT_FOR_PAIRS = ("text", "label", "time", "id", *FOR_SERIES, "dates", "decimal", "unlabelled")


@dataclass(frozen=True, eq=False)
class ReadPairedFile:
    """What a file of pairs holds.

    Attributes:
        settings: with its columns named.
        examples: each in its part.
    """

    settings: FileSettings
    examples: PairExamples = field(repr=False)

    @property
    def task(self) -> Task:
        """Translation, or the like, without its tokens."""
        kind = OF_PAIRS[self.settings.task or Translation.name]
        targets = [self.examples.pairs.targets[row] for row in self.examples.rows("training")]
        return kind(why=self.examples.why, suited_measure=kind.measure_for(targets))

    @property
    def seen(self) -> str:
        """What was seen in it, in words."""
        if self.task.suited_measure is None:
            return describe_pairs(self.examples)
        return describe_pairs(replace(self.examples, decisions=(*self.examples.decisions, SHORT)))


def read_paired_file(settings: FileSettings, source: Source, seed: int) -> ReadPairedFile:
    """Read a file of pairs, and decide what each is for.

    Raises:
        UserError: the file cannot be used, an option is given that such files have not, or another task is.
    """
    settings.refuse(_NOT_FOR_PAIRS, "is not for translation, which has --source and --target.")
    if settings.task not in (None, *OF_PAIRS):
        raise UserError(f"{settings.path}: --source and --target ask for the task translation, not {settings.task}.")
    examples = read_pair_examples(
        source,
        **settings.of("source", "target", "group", "split", "test", "test_target", "fractions", "on_error"),
        **settings.of("validation", "validation_target"),
        seed=seed,
        task=settings.task or Translation.name,
    )
    if examples.pairs.target_path is None:
        settings = replace(settings, source=examples.pairs.source, target=examples.pairs.target, split=examples.split)
    return ReadPairedFile(settings, examples)


def prepare_paired_file(read: ReadPairedFile, recipe: Recipe) -> Prepared:
    """Turn the pairs of a file into what a model is trained and judged on.

    Raises:
        UserError: too few pairs are held out, or all of the test is one group.
    """
    pairs = read.examples.pairs
    assert isinstance(recipe.data, FileSettings)
    splits = {}
    for part in PARTS:
        rows = read.examples.rows(part)
        texts = {"source": [pairs.sources[row] for row in rows], "target": [pairs.targets[row] for row in rows]}
        splits[part] = PairedSplit(
            texts, checked_groups(None if pairs.groups is None else pairs.groups[rows], part, "pairs")
        )
    every = [[pairs.sources, pairs.targets], [splits["test"].texts["source"], splits["test"].texts["target"]]]
    columns = {"source": pairs.source, "target": pairs.target, "group": recipe.data.group, "split": recipe.data.split}
    facts = facts_of_file(pairs.path, f"{len(pairs):,} pairs of texts, from {pairs.source} to {pairs.target}") | {
        "digest": digest_of_arrays(as_bytes(every[0]), read.examples.parts, *where_known(pairs.groups)),
        "test_digest": digest_of_arrays(as_bytes(every[1])),
        "columns": by_role(columns) if pairs.target_path is None else {},
        "ignored": pairs.ignored,
    }
    kind, settings_of_reader = OF_PAIRS[read.task.name], (recipe.data.size, recipe.data.length, False)
    prepared = _prepared(recipe, kind, facts, splits, "source", "target", settings_of_reader, read.seen)
    test, examples = prepared.test, _rows(read, kind, recipe.data)
    if pairs.groups is None and pairs.parts is None:
        test = replace(test, groups=copies_as_groups(rare_copies(fingerprints(pairs.sources))[examples.tested]))
    return replace(prepared, test=test, rows=examples)


def words_on_cut(reader: PairReader, training: PreparedPart) -> str:
    """Say how many of the sources of training are longer than what is read of them; "" if none is."""
    assert isinstance(training.inputs, Ragged)
    full, sources = np.flatnonzero(training.inputs.lengths == reader.length), [*training.raw()]
    cut = reader.cut(sources[row] for row in full) if len(full) else 0
    if not cut:
        return ""
    return (
        f"{cut:,} of the {len(sources):,} training sources {'is' if cut == 1 else 'are'} longer than the model reads: "
        f"only the first {reader.length - 1:,} tokens count. To read more, give a larger --length."
    )


def _rows(read: ReadPairedFile, kind: type[Translation], settings: FileSettings) -> ExampleRows:
    """Where the pairs stand; of several that are one example, the test names the first."""
    rows, pairs = rows_of(read.examples, settings.validation, settings.test), read.examples.pairs
    texts = ([side[row] for row in rows.tested.tolist()] for side in (pairs.sources, pairs.targets))
    return replace(rows, tested=rows.tested[kind.distinct(*texts)[0]])


def prepare_pairs(recipe: Recipe, settings: PairSettings, dataset: PairedDataset) -> Prepared:
    """Encode and split a named dataset of pairs.

    Raises:
        UserError: it has no such language.
    """
    for name in ("source", "target"):
        if getattr(settings, name) not in dataset.languages:
            raise UserError(
                f"recipe {recipe.name}: data.{name} is {getattr(settings, name)!r}, but {dataset.name} has "
                f"{', '.join(dataset.languages)}."
            )
    splits = _splits(recipe, dataset)
    facts = dataset.facts | {
        "title": f"{dataset.title}; here from {settings.source} to {settings.target}",
        "test_digest": f"{dataset.digest} {settings.source} {settings.target}",
    }
    settings_of_reader = (settings.size, settings.length, settings.lowercase)
    kind = OF_PAIRS[settings.task]
    return _prepared(recipe, kind, facts, splits, settings.source, settings.target, settings_of_reader, "")


def _splits(recipe: Recipe, dataset: PairedDataset) -> dict[Part, PairedSplit]:
    """The published validation part, or one that is held out of the training pairs; as in the chapter, the test."""
    train, validation = dataset.train, dataset.validation
    if validation is None or recipe.evaluation.protocol == "chapter":
        train, validation = held_out(recipe, train, train.groups)
    return {"training": train, "validation": dataset.test if validation is None else validation, "test": dataset.test}


def _prepared(
    recipe: Recipe,
    kind: type[Translation],
    facts: dict[str, Any],
    splits: dict[Part, PairedSplit],
    source: str,
    target: str,
    settings: tuple[int | None, int | None, bool],
    seen: str,
) -> Prepared:
    splits = {part: _distinct(split, source, target, kind) for part, split in splits.items()}
    training = splits["training"].texts
    reader, task = kind.fitted(training[source], training[target], *settings)
    task = task.searching(recipe.evaluation.beam, recipe.evaluation.length_penalty)
    parts = {
        part: PreparedPart(
            reader.read(split.texts[source]),
            task.encode(split.texts[target]),
            split.groups,
            in_memory(split.texts[source]),
            fingerprints(split.texts[source]),
        )
        for part, split in splits.items()
    }
    for name in PARTS[1:]:
        task.check(np.zeros(len(parts[name])), name)
    summary = DataSummary(
        **facts,
        label_names=(),
        examples={str(part): len(one) for part, one in parts.items()},
        example=_example(training[source], training[target], reader),
    )
    same = recipe.evaluation.protocol == "chapter"
    validation = parts["test"] if same else parts["validation"]
    return Prepared(reader, task, parts["training"], validation, parts["test"], summary, "text", seen=seen)


def _distinct(split: PairedSplit, source: str, target: str, kind: type[Translation]) -> PairedSplit:
    """The pairs that are examples of a task."""
    rows, targets = kind.distinct(split.texts[source], split.texts[target])
    kept = split.take(rows)
    return PairedSplit({source: kept.texts[source], target: targets}, kept.groups)


def _example(sources: Sequence[str], targets: Sequence[str], reader: PairReader) -> ExampleText:
    """One training pair that is shorter than most, for a report."""
    row = short_one(sources)
    ids = reader.read([sources[row]])[0].tolist()
    return ExampleText(targets[row], sources[row], tuple(ids), tuple(reader.tokens(ids)))
