"""A person's file: labelled texts or series, found, read and looked through."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import chain
from pathlib import Path
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from unspool import files
from unspool.data.columns import Columns, find_columns
from unspool.data.duplicates import rare_copies
from unspool.data.inspection_in_words import describe
from unspool.data.labels import FindLabels, Label
from unspool.data.learnable import refuse_unlearnable
from unspool.data.parts import TEST
from unspool.data.series.examples import SeriesExamples, read_series
from unspool.data.series.inspection import SeriesInspection, inspect_series
from unspool.data.series.layout import holds_steps, label_kind, layout_of
from unspool.data.series.npz import holds_tags
from unspool.data.series.ts import ENDING
from unspool.data.series.wide_columns import WideColumns
from unspool.data.source import Given, Source
from unspool.data.tables.split_names import PARTS, Part
from unspool.data.tables.table import Table, read_table
from unspool.data.texts.conll import CONLL
from unspool.data.texts.examples import TextExamples, read_examples
from unspool.data.texts.inspection import TextInspection, inspect_texts
from unspool.data.texts.tagged_sources import holds_tagged_texts, holds_token_rows
from unspool.data.texts.tags_as_labels import refuse_tags
from unspool.data.texts.text_columns import texts_of_cells
from unspool.data.texts.texts_alone import read_texts_alone
from unspool.errors import UserError
from unspool.runs.groups import checked_groups, copies_as_groups
from unspool.runs.reading.forecasting import ReadForecastFile, read_forecast_file
from unspool.runs.reading.named_columns import with_names_spelled
from unspool.runs.reading.paired import ReadPairedFile, read_paired_file
from unspool.runs.reading.tagged_files import ReadTaggedFile, read_tagged_file
from unspool.runs.recipes.recipe import FOR_SERIES, FileKind, FileSettings
from unspool.tasks import (
    OF_PAIRS,
    Binary,
    Forecasting,
    Multiclass,
    Regression,
    Tagging,
    Task,
    find_task,
    task_named,
)

FileExamples: TypeAlias = TextExamples | SeriesExamples
Inspection: TypeAlias = TextInspection | SeriesInspection

_FOR_FORECASTS = ("horizon", "season", "fill", "aggregate", "known_ahead")
_SIDE, _NOT_BESIDE = ("numeric", "categorical"), "is for texts: it names columns that are read beside one."
_LEARNED_FROM: tuple[Part, ...] = ("training", "validation")
_FOR_TEXTS = ("text", "id", "unlabelled")


@dataclass(frozen=True, eq=False)
class ReadFile:
    """What a file holds.

    Attributes:
        settings: with its columns named.
        examples: labelled, each in its part.
        inspection: of them.
    """

    settings: FileSettings
    examples: FileExamples = field(repr=False)
    inspection: Inspection = field(repr=False)

    @property
    def task(self) -> Task:
        """What is predicted."""
        assert isinstance(self.examples.labels, Task)
        return self.examples.labels

    @property
    def seen(self) -> str:
        """What was seen in it, in words."""
        return describe(self.inspection)


def kind_of(
    given: Given,
    series: str | None,
    channels: tuple[str, ...] | None,
    text: str | None = None,
    task: str | None = None,
    pairs: bool = False,
    forecast: bool = False,
) -> FileKind:
    """Tell whether a file holds texts, tagged texts, pairs of texts, series, or series to forecast.

    See `unspool.data.series.layout.layout_of` for series, `holds_tagged_texts` and `holds_token_rows` for tagged texts.

    Args:
        given: the file.
        series: the column that tells series apart, if it was named.
        channels: the columns with their numbers, if these were named.
        text: the column with the texts, if it was named.
        task: what is predicted, if that was named.
        pairs: whether a column was named as the source or the target of a translation.
        forecast: whether forecasts are asked for.

    Raises:
        UserError: the file cannot be read.
    """
    source = Source.of(given, "skip")
    files.refuse_special(source.path)
    if forecast or task == Forecasting.name:
        return "forecast"
    if pairs or task in OF_PAIRS:
        return "pairs"
    asked = task == Tagging.name
    if (asked or task is None) and channels is None and holds_token_rows(source, asked, series, text):
        return "tokens"
    of_series = series is not None or channels is not None or source.path.suffix.lower() in (".npz", ENDING)
    if asked and text is None and source.path.suffix.lower() not in CONLL:
        of_series = of_series or layout_of(source) == "long" or holds_steps(source.table.first())
    if not of_series and (asked or task is None) and holds_tagged_texts(source, asked, text):
        return "tokens"
    if text is not None and not of_series:
        return "text"
    return "series" if of_series or layout_of(source, series, channels) is not None else "text"


def read_file(settings: FileSettings, seed: int) -> ReadFile | ReadTaggedFile | ReadPairedFile | ReadForecastFile:
    """Read what a file holds, find its task, decide what each example is for, and look through them.

    Raises:
        UserError: the file cannot be read, something cannot be used, what is held out could not be scored, or an option
            is given that its kind has not.
    """
    settings = with_names_spelled(settings)
    times = (settings.time, settings.newest)
    label = None if settings.forecasts else settings.label
    how = (settings.on_error, settings.dates, times, label, settings.series, settings.decimal)
    source = Source(Path(settings.path), *how)
    if settings.kind == "auto":
        settings = replace(settings, kind=_kind(source, settings))
    if settings.kind != "text":
        settings.refuse(_SIDE, _NOT_BESIDE)
    if settings.kind != "pairs":
        settings.refuse(("test_target", "validation_target"), "is for translation from two text files.")
    if settings.kind == "forecast":
        return read_forecast_file(settings, source)
    settings.refuse(_FOR_FORECASTS, "is for forecasting, which has a --horizon.")
    if settings.kind == "tokens":
        return read_tagged_file(settings, source, seed)
    if settings.kind == "pairs":
        return read_paired_file(settings, source, seed)
    examples = _examples(settings, source, seed)
    _check_scorable(examples)
    if isinstance(examples, SeriesExamples):
        return ReadFile(_with_columns(settings, source, examples), examples, inspect_series(examples))
    columns = examples.columns
    dates = source.table.date_order((columns.time,))
    decimal = source.table.decimal_in((columns.label, *columns.side.numeric))
    found = replace(settings, text=columns.text, label=columns.label, split=columns.split, dates=dates, decimal=decimal)
    return ReadFile(found, examples, inspect_texts(examples, settings.tokenizer, settings.size))


def _kind(source: Source, settings: FileSettings) -> FileKind:
    text = settings.text or (settings.side.names[0] if settings.side else None)  # that stands beside a text
    return kind_of(
        source,
        settings.series,
        settings.channels,
        text=text,
        task=settings.task,
        pairs=settings.source is not None or settings.target is not None,
        forecast=settings.forecasts,
    )


def _examples(settings: FileSettings, source: Source, seed: int) -> FileExamples:
    _refuse_options(settings)
    if settings.kind == "series":
        tags = settings.task == Tagging.name or (settings.task is None and holds_tags(source))
        return read_series(
            source,
            find_labels=_find_tags if tags else _finder_of_labels(settings, source),
            tags=tags,
            labelled=settings.task is None or task_named(settings.task).needs_labels,
            seed=seed,
            **settings.of("series", "label", "channels", "steps", "time", "group", "split", "newest"),
            **settings.of("resample", "test", "validation", "fractions", "on_error"),
        )
    table = source.table
    columns = find_columns(
        table,
        **settings.of("text", "label", "group", "time", "id", "split"),
        side=settings.side,
    )
    first = table.first().cells
    if settings.task is None and columns.label in first:
        texts = texts_of_cells(first, columns.text)
        refuse_tags(source.path, columns.text, texts, columns.label, first[columns.label])
    decimal = table.decimal_in((columns.label, *columns.side.numeric))
    test, validation = (
        read_table(path, settings.on_error, label=settings.label, decimal=decimal) if path is not None else None
        for path in (settings.test, settings.validation)
    )
    return read_examples(
        table,
        columns,
        find_labels=_finder_of_joined(settings, table),
        test=test,
        validation=validation,
        unlabelled=_table_of_unlabelled(settings, table, columns),
        fractions=settings.fractions,
        seed=seed,
    )


def _table_of_unlabelled(settings: FileSettings, table: Table, columns: Columns) -> Table | None:
    """The table with unlabelled texts, if one was given; its dates are written as those of the labelled table."""
    if settings.unlabelled is None:
        return None
    dates = settings.dates or table.date_order((columns.time,))
    return read_texts_alone(settings.unlabelled, columns.text, settings.on_error, dates=dates, time=columns.time)


def _check_scorable(examples: FileExamples) -> None:
    """Make sure that the test, and validation where every model needs it, can be scored, before anything is trained.

    Raises:
        UserError: there are too few test examples, or all belong to one group, or have the same of two labels, or none
            of several; or labels cannot be learned, see `refuse_unlearnable`.
    """
    task = examples.labels
    assert isinstance(task, Task)
    if isinstance(examples, SeriesExamples):
        labels, parts = examples.series.labels, examples.parts
        known = examples.series.groups
        groups = checked_groups_in(lambda number: None if known is None else known[parts == number])
    else:
        labels, parts = examples.all_labels, examples.all_parts
        groups = checked_groups_in(lambda number: groups_in(examples, number))
    if isinstance(task, Binary | Multiclass):
        learned = [name for name in _LEARNED_FROM if (parts == PARTS.index(name)).any()]
        rows = np.concatenate([np.flatnonzero(parts == PARTS.index(name)) for name in learned])
        all_known = all(name in groups for name in learned)
        refuse_unlearnable(
            [labels[row] for row in rows], np.concatenate([groups[name] for name in learned]) if all_known else None
        )
    held_out: tuple[Part, ...] = ("test", "validation") if task.answers_vary_in_length else ("test",)
    for name in held_out:  # other models may be chosen on training and validation together
        rows = np.flatnonzero(parts == PARTS.index(name))
        task.check(task.truth(task.encode([labels[row] for row in rows])), name)


def groups_in(examples: TextExamples, number: int) -> NDArray[np.int64] | None:
    """(n,) the groups of a part's rows, or None where a file that some of them stand in has no groups."""
    found = []
    for scan, parts in zip(examples.scans, examples.parts, strict=True):
        rows = parts == number
        if scan.groups is not None:
            found.append(scan.groups[rows])
        elif rows.any():
            return None
    return np.concatenate(found) if found else None


def drawn_copies(examples: FileExamples) -> NDArray[np.int64] | None:
    """(n,) a number for each test text or series, the same for copies, if copies were drawn together; else None."""
    if isinstance(examples, SeriesExamples):
        series = examples.series
        if series.parts is not None or series.times is not None or series.groups is not None:
            return None
        return copies_as_groups(rare_copies(examples.prints)[examples.parts == TEST])
    scan, others = examples.scans[0], examples.parts[1:]
    given = scan.parts is not None or any((parts == TEST).any() for parts in others)
    if given or scan.times is not None or scan.groups is not None:
        return None
    prints = np.concatenate([one.texts for one in examples.scans])
    return copies_as_groups(rare_copies(prints)[examples.all_parts == TEST])


def checked_groups_in(of_part: Callable[[int], NDArray[np.int64] | None]) -> dict[Part, NDArray[np.int64]]:
    """The groups of each part that has any: whole groups are held out, and drawn for an interval.

    Raises:
        UserError: all of the test is one group.
    """
    found = {part: checked_groups(of_part(number), part, "examples") for number, part in enumerate(PARTS)}
    return {part: groups for part, groups in found.items() if groups is not None}


def _refuse_options(settings: FileSettings) -> None:
    by_time = "time" if settings.kind == "text" else "newest"
    if settings.validation is not None and getattr(settings, by_time) is not None:
        raise UserError(
            f"{settings.path}: --validation and --{by_time} both say what is held out for validation. Leave one out."
        )
    if settings.kind == "text":
        settings.refuse(("newest",), "is not for texts. The newest texts are held out by --time.")
        settings.refuse(FOR_SERIES, "is not for texts.")
    else:
        settings.refuse(_FOR_TEXTS, "is not for series.")
    if settings.kind == "text" and settings.task and (why := task_named(settings.task).not_for_texts):
        raise UserError(f"{settings.path}: {why}.")


def _find_tags(labels: Sequence[Label]) -> Task:
    task, why = find_task(labels, Tagging.name), "each step has a tag"
    if Regression.recognise(Counter(chain.from_iterable(labels))):
        why += (
            f"; the {len(task.names):,} different numbers are read as classes, not as quantities. To predict a number, "
            "cut the series into windows, each a series with the number at its end as its label"
        )
    return replace(task, why=why)


def _finder_of_labels(settings: FileSettings, source: Source) -> FindLabels:
    """Find the task of series as their file says, unless it is named or the file leaves it open."""
    said = label_kind(source) if settings.task is None else None
    if said is None:
        return partial(find_task, forced=settings.task)

    def find(labels: Sequence[Label]) -> Task:
        if said == "classes" and len(set(labels)) < 3:
            return find_task(labels)
        forced = Multiclass.name if said == "classes" else Regression.name
        return replace(find_task(labels, forced), why=f"the file says that its labels are {said}")

    return find


def _finder_of_joined(settings: FileSettings, table: Table) -> FindLabels:
    """Find the task of texts, and give the right reason where several columns are the labels."""
    find = partial(find_task, forced=settings.task)
    if settings.label not in table.joined:
        return find
    return lambda labels: replace(find(labels), why="each label has a column")


def _with_columns(settings: FileSettings, source: Source, examples: SeriesExamples) -> FileSettings:
    """The settings with the columns named, where the file is a table."""
    found = examples.columns
    if found is None:
        return settings
    time = None if isinstance(found, WideColumns) else found.time
    dates = source.table.date_order((time, found.newest))
    decimal = source.table.decimal_in(found.numbers)
    settings = replace(settings, label=found.label, split=found.split, dates=dates, decimal=decimal)
    if isinstance(found, WideColumns):
        return replace(settings, channels=found.lists or None, steps=found.names_of_steps or None)
    return replace(settings, series=found.series, channels=found.channels, time=found.time)
