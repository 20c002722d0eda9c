"""A person's file, read: what a model is trained and judged on."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from itertools import chain
from typing import Any, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from unspool import files
from unspool.data.kept_in_cache import shown_path
from unspool.data.labels import Label, shown
from unspool.data.parts import TEST, TRAINING
from unspool.data.ragged import Ragged
from unspool.data.series.examples import SeriesExamples
from unspool.data.series.missing import channel_statistics, fill_gaps
from unspool.data.stored_ragged import StoredRagged
from unspool.data.tables.split_names import PARTS, Part
from unspool.data.texts.examples import TextExamples
from unspool.data.texts.inspection import TextInspection
from unspool.data.texts.stored_texts import StoredTexts
from unspool.data.tokenizers.word_tokenizer import WordTokenizer
from unspool.descriptions.choice import ModelChoice
from unspool.errors import UserError
from unspool.evaluation.baselines.cache import digest_of_arrays
from unspool.evaluation.result import DataSummary, ExampleSeries, ExampleText
from unspool.readers import (
    Inputs,
    PairReader,
    RawExamples,
    RawSeriesReader,
    RawTextReader,
    Reader,
    SeriesReader,
    StepReader,
    TextReader,
    WordReader,
)
from unspool.runs.reading.example_rows import rows_of
from unspool.runs.reading.forecasting import ReadForecastFile, prepare_forecast_file
from unspool.runs.reading.paired import ReadPairedFile, prepare_paired_file, words_on_cut
from unspool.runs.reading.preparation import (
    Prepared,
    PreparedPart,
    Show,
    as_bytes,
    facts_of_file,
    in_memory,
    short_one,
    tag_counts,
    where_known,
)
from unspool.runs.reading.read_file import FileExamples, ReadFile, checked_groups_in, drawn_copies, groups_in, read_file
from unspool.runs.reading.tagged_files import ReadTaggedFile, tagged_parts, tagged_summary
from unspool.runs.recipes.recipe import EvaluationSettings, FileSettings, Recipe
from unspool.runs.records.training_log import TrainingLog
from unspool.tasks import Captions, Task

Resolve: TypeAlias = Callable[[FileSettings, Task, int], Recipe]
"""Makes the recipe of a file whose columns are named, from its task and its number of training examples."""

_MOST_NUMBERS = 20_000  # of an example series that a report keeps


def prepare_file(
    settings: FileSettings, seed: int, resolve: Resolve, log: TrainingLog, show: Show
) -> tuple[Recipe, Prepared]:
    """Read a file, and prepare it.

    Args:
        settings: which file, and how it is read.
        seed: of the parts.
        resolve: makes the recipe.
        log: notes how long it takes.
        show: gets what was seen in the file, and how many sources are not read in full.

    Raises:
        UserError: the file cannot be used, or the recipe is wrong.
    """
    read = read_file(settings, seed)
    log.note("reading and inspecting the file")
    show(read.seen)
    count = read.training_windows if isinstance(read, ReadForecastFile) else read.examples.counts()["training"]
    recipe = resolve(read.settings, read.task, count)
    prepared = _prepared(read, recipe)
    if isinstance(prepared.reader, PairReader) and (words := words_on_cut(prepared.reader, prepared.training)):
        show(words)
    log.note("preparing what is trained on")
    return recipe, prepared


def _prepared(read: ReadFile | ReadTaggedFile | ReadPairedFile | ReadForecastFile, recipe: Recipe) -> Prepared:
    assert isinstance(recipe.data, FileSettings)
    if isinstance(read, ReadForecastFile):
        return prepare_forecast_file(read)
    if isinstance(read, ReadPairedFile):
        return prepare_paired_file(read, recipe)
    if isinstance(read, ReadTaggedFile):
        return _prepared_tagged(read, recipe.data)
    chosen = isinstance(recipe.model, ModelChoice)
    if isinstance(read.examples, TextExamples):
        assert isinstance(read.inspection, TextInspection)
        text_reader = RawTextReader(recipe.data.side) if chosen else _text_reader(read, recipe.data)
        parts = _text_parts(read.examples, text_reader, read.inspection)
        return replace(_of_parts(read, text_reader, parts, "text"), unlabelled=read.examples.unlabelled)
    if isinstance(read.task, Captions):
        read = replace(read, examples=_with_captions(read.examples, recipe.evaluation))
    assert isinstance(read.examples, SeriesExamples)
    reader: SeriesReader | RawSeriesReader | StepReader
    if read.task.answers_vary_in_length:
        reader = StepReader.fit(_training_steps(read.examples), read.examples.series.channels)
    elif chosen and not read.task.compared_on_validation:  # otherwise, all of them read alike
        means, _ = channel_statistics(_training_steps(read.examples))
        reader = RawSeriesReader(read.examples.series.channels, means)
    else:
        reader = fit_series_reader(read.examples, recipe.data.length)
    return _of_parts(read, reader, _series_parts(read.examples, reader), "series")


def _with_captions(examples: SeriesExamples, how: EvaluationSettings) -> SeriesExamples:
    """The series of a file, with a task that knows the captions of training alone."""
    rows = np.flatnonzero(examples.parts == TRAINING)
    task = Captions.learn([examples.series.labels[row] for row in rows])
    return replace(examples, labels=task.searching(how.beam, how.length_penalty))


def _of_parts(
    read: ReadFile,
    reader: Reader,
    parts: dict[Part, PreparedPart],
    kind: Literal["text", "series"],
) -> Prepared:
    training, validation, test = (parts[part] for part in PARTS)
    if not isinstance(reader, RawTextReader | RawSeriesReader):  # a choice is made on training and validation together
        read.task.check(read.task.truth(validation.targets), "validation")
    summary = _summary(read, reader, parts)
    rows = rows_of(read.examples, read.settings.validation, read.settings.test)
    return Prepared(reader, read.task, training, validation, test, summary, kind, read.seen, rows=rows)


def _prepared_tagged(read: ReadTaggedFile, settings: FileSettings) -> Prepared:
    reader = WordReader.fit(read.examples.tokens("training"), settings.size)
    parts = tagged_parts(read, reader)
    summary = tagged_summary(read, reader, parts)
    training, validation, test = (parts[part] for part in PARTS)
    rows = rows_of(read.examples, settings.validation, settings.test)
    return Prepared(reader, read.task, training, validation, test, summary, "text", read.seen, rows=rows)


def prepare_file_again(recipe: Recipe, log: TrainingLog) -> Prepared:
    """Read and prepare the file of a recipe that was made from it before."""
    assert isinstance(recipe.data, FileSettings)
    return prepare_file(
        recipe.data, recipe.seed_of_parts, lambda settings, task, count: recipe, log, lambda text: None
    )[1]


def fit_series_reader(examples: SeriesExamples, length: int | None = None) -> SeriesReader:
    """Learn from the training series how series are read."""
    series = examples.series
    lengths = series.lengths[examples.parts == TRAINING]
    return SeriesReader.fit(_training_steps(examples), lengths, series.channels, length)


def _training_steps(examples: SeriesExamples) -> NDArray[np.float32]:
    """(M, C) all steps of the training series."""
    steps: NDArray[np.float32] = examples.series.values[np.repeat(examples.parts == TRAINING, examples.series.lengths)]
    return steps


def _text_reader(read: ReadFile, settings: FileSettings) -> TextReader:
    assert isinstance(read.inspection, TextInspection)
    tokenizer = read.inspection.tokenizer
    if isinstance(tokenizer, WordTokenizer) and not tokenizer.vocabulary:
        raise UserError(
            f"{settings.path}: every word of the training texts occurs only once, so that none can be learned. "
            "Try --tokenizer bpe, which reads parts of words."
        )
    return TextReader(tokenizer, settings.length or read.inspection.length)


def _text_parts(
    examples: TextExamples, reader: TextReader | RawTextReader, inspection: TextInspection
) -> dict[Part, PreparedPart]:
    """Turn texts into ids, a thousand at a time: the texts are not kept, and the ids lie in a file of the cache.

    Where a model has a reader of its own, what it is scored on is kept as it is.
    """
    groups = checked_groups_in(lambda number: groups_in(examples, number))
    if (copies := drawn_copies(examples)) is not None:
        groups["test"] = copies
    targets = examples.labels.encode(examples.all_labels)
    prints = np.concatenate([scan.texts for scan in examples.scans])
    whole = np.concatenate([scan.whole for scan in examples.scans]) if examples.columns.side else None
    times = _times_of(examples)
    ids = _stored_ids(inspection, reader) if isinstance(reader, TextReader) else None
    prepared: dict[Part, PreparedPart] = {}
    for number, part in enumerate(PARTS):
        rows = np.flatnonzero(examples.all_parts == number)
        raw = partial(examples.texts, part)
        inputs: Inputs = RawExamples([])
        if ids is not None:
            inputs = ids.take(rows)
        elif part == "test":
            inputs = RawExamples(list(raw()))
        known = None if times is None else times[rows]
        split = partial(_split, inspection.split, rows)
        prepared[part] = PreparedPart(
            inputs,
            targets[rows],
            groups.get(part),
            raw,
            prints[rows],
            known,
            split,
            None if whole is None else whole[rows],
        )
    return prepared


def _split(stored: StoredTexts, rows: NDArray[np.int64]) -> Iterator[str]:
    return chain.from_iterable(stored.read(rows))


def _times_of(examples: TextExamples) -> NDArray[np.float64] | None:
    """(N,) the time of each row, the latest for those of a test file, which names none; None where there are none."""
    times = examples.scans[0].times
    return None if times is None else np.pad(times, (0, len(examples) - len(times)), mode="maximum")


def _stored_ids(inspection: TextInspection, reader: TextReader) -> StoredRagged:
    ids = (some.last(reader.length) for some in inspection.encoded())
    return StoredRagged.write(ids, files.cache_folder(), reader.inputs.size)


def _series_parts(
    examples: SeriesExamples, reader: SeriesReader | RawSeriesReader | StepReader
) -> dict[Part, PreparedPart]:
    """Standardise series and pad them to the reader's length."""
    known = examples.series.groups
    groups = checked_groups_in(lambda number: None if known is None else known[examples.parts == number])
    if (copies := drawn_copies(examples)) is not None:
        groups["test"] = copies
    prepared: dict[Part, PreparedPart] = {}
    for number, part in enumerate(PARTS):
        positions = np.flatnonzero(examples.parts == number)
        series = examples.series.arrays(positions)
        targets = examples.labels.encode([examples.series.labels[position] for position in positions])
        times = None if examples.series.times is None else examples.series.times[positions]
        filled = reader.filled(series)
        prepared[part] = PreparedPart(
            reader.read_series(filled), targets, groups.get(part), in_memory(filled), examples.prints[positions], times
        )
    return prepared


def _digest(examples: FileExamples, parts: dict[Part, PreparedPart]) -> str:
    """A name for examples, their labels, groups and times, and their parts: any change in them gives another."""
    targets = [array for part in parts.values() for array in _arrays(part.targets)]
    if isinstance(examples, SeriesExamples):
        series = examples.series
        more = where_known(series.groups, series.times)
        return digest_of_arrays(series.values, series.offsets, examples.parts, *targets, *more)
    more = [examples.unlabelled.prints] if len(examples.unlabelled) else []
    more += [as_bytes(scan.side) for scan in examples.scans if scan.side]
    more += where_known(*chain.from_iterable((scan.groups, scan.times) for scan in examples.scans))
    return digest_of_arrays(*(scan.texts for scan in examples.scans), *examples.parts, *targets, *more)


def _arrays(targets: Any) -> tuple[NDArray[Any], ...]:
    if isinstance(targets, Ragged):
        return targets.flat, targets.offsets
    # Numbers in single precision, as earlier versions encoded them, so that their runs keep their names.
    return (targets.astype(np.float32) if targets.dtype == np.float64 else targets,)


def _test_digest(examples: FileExamples) -> str:
    """A name for the test examples and their labels as the file has them, whatever the others are."""
    if isinstance(examples, SeriesExamples):
        test = examples.series.take(np.flatnonzero(examples.parts == TEST))
        return digest_of_arrays(test.values, test.offsets, as_bytes(test.labels))
    found: list[NDArray[np.generic]] = []
    for scan, parts in zip(examples.scans, examples.parts, strict=True):
        rows = np.flatnonzero(parts == TEST)
        if len(rows):  # a file of its own for the test gives the same as rows among others
            found += [scan.texts[rows], as_bytes([scan.labels[row] for row in rows])]
    return digest_of_arrays(*found)


def _summary(read: ReadFile, reader: Reader, parts: dict[Part, PreparedPart]) -> DataSummary:
    """The summary of the data, with a training example that is short enough to be read."""
    path, balance, examples = read.inspection.path, read.inspection.balance, read.examples
    names = read.task.names
    counts: dict[str, tuple[int, ...]] = {
        part: tag_counts(read.task, parts[part].targets)
        if read.task.by_step
        else tuple(balance.labels[name][number] for name in names)
        for number, part in enumerate(PARTS)
    }
    side = f"; beside them {read.settings.side.in_words()}" if read.settings.side else ""
    held = (
        f"{f'{read.inspection.format} with ' * (shown_path(path) == path)}{read.inspection.rows:,} texts{side}"
        if isinstance(read.inspection, TextInspection)
        else f"{read.inspection.series:,} series of {len(read.inspection.channels)} "
        f"channel{'s' * (len(read.inspection.channels) > 1)}"
    )
    columns = examples.columns
    return DataSummary(
        **facts_of_file(path, held),
        digest=_digest(examples, parts),
        label_names=names,
        examples={part: balance.parts[part] for part in PARTS},
        counts=counts,
        example=_text(examples, reader) if isinstance(examples, TextExamples) else _series(examples, reader),
        test_digest=_test_digest(examples),
        columns=columns.roles if columns is not None else {},
        ignored=columns.ignored if columns is not None else (),
    )


def _text(examples: TextExamples, reader: Reader) -> ExampleText:
    batch = next(batch for batch in examples.stream("training"))
    example = short_one(batch.texts)
    ids: tuple[int, ...] = ()
    tokens: tuple[str, ...] = ()
    if isinstance(reader, TextReader):
        ids = tuple(int(number) for number in reader.read([batch.texts[example]])[0])
        tokens = tuple(reader.tokens(ids))
    return ExampleText(label=_shown(batch.labels[example]), text=str(batch.texts[example]), ids=ids, words=tokens)


def _series(examples: SeriesExamples, reader: Reader) -> ExampleSeries:
    series, training = examples.series, np.flatnonzero(examples.parts == TRAINING)
    example = training[np.argsort(series.lengths[training], kind="stable")[len(training) // 2]]
    steps = series.values[series.offsets[example] : series.offsets[example + 1]]
    steps = fill_gaps(steps, np.zeros(len(series.channels)).tolist()).astype(np.float32)
    most = max(1, _MOST_NUMBERS // len(series.channels))
    if isinstance(reader, SeriesReader):
        most = min(reader.length, most)
    return ExampleSeries(
        label=shown(series.labels[example]),
        channels=series.channels,
        steps=tuple(map(tuple, steps[-most:].astype(float).tolist())),
    )


def _shown(label: Label) -> str:
    return label if isinstance(label, str) else ", ".join(label)
