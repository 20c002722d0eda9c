"""What a report says of a person's own data."""

import json
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from unspool.data.examples import TextExamples
from unspool.data.inspection import TextInspection
from unspool.data.parts import TEST, TRAINING
from unspool.data.series.examples import SeriesExamples
from unspool.data.tables.split_names import PARTS
from unspool.data.task import Label
from unspool.evaluation.baseline_cache import digest_of_arrays
from unspool.evaluation.result import DataSummary, ExampleSeries, ExampleText
from unspool.experiment.own.examples import Examples, Inspection
from unspool.experiment.own.preparation import Prepared
from unspool.experiment.own.reading import Reader, TextReader

_MOST_NUMBERS = 20_000  # of an example series that a report keeps


def digest(examples: Examples, prepared: Prepared) -> str:
    """A name for examples, their labels and their parts: any change in them gives another."""
    targets = [getattr(prepared, part).targets for part in PARTS]
    if isinstance(examples, SeriesExamples):
        return digest_of_arrays(examples.series.values, examples.series.offsets, examples.parts, *targets)
    return digest_of_arrays(*(survey.texts for survey in examples.surveys), *examples.parts, *targets)


def test_digest(examples: Examples) -> str:
    """A name for the test examples and their labels as the file has them, whatever the others are."""
    if isinstance(examples, SeriesExamples):
        test = examples.series.take(np.flatnonzero(examples.parts == TEST))
        return digest_of_arrays(test.values, test.offsets, _as_bytes(test.labels))
    found: list[NDArray[np.generic]] = []
    for survey, parts in zip(examples.surveys, examples.parts, strict=True):
        rows = np.flatnonzero(parts == TEST)
        if len(rows):  # a file of its own for the test gives the same as rows among others
            found += [survey.texts[rows], _as_bytes([survey.labels[row] for row in rows])]
    return digest_of_arrays(*found)


def _as_bytes(labels: list[Label]) -> NDArray[np.uint8]:
    return np.frombuffer(json.dumps(labels).encode(), dtype=np.uint8)


def summarized(examples: Examples, inspection: Inspection, reader: Reader, prepared: Prepared) -> DataSummary:
    """What the report says of the data, with a training example shorter than most: one that a reader will read."""
    path, balance = inspection.path, inspection.balance
    names = examples.codec.names
    held = (
        f"{inspection.format} with {inspection.rows:,} texts"
        if isinstance(inspection, TextInspection)
        else f"{inspection.series:,} series of {len(inspection.channels)} channels"
    )
    return DataSummary(
        name=Path(path).name,
        title=f"{Path(path).name}: {held}",
        source=path,
        licence="your own file",
        digest=digest(examples, prepared),
        label_names=names,
        examples={part: balance.parts[part] for part in PARTS},
        counts={part: tuple(balance.labels[name][number] for name in names) for number, part in enumerate(PARTS)},
        example=_text(examples, reader) if isinstance(examples, TextExamples) else _series(examples, reader),
        test_digest=test_digest(examples),
    )


def _text(examples: TextExamples, reader: Reader) -> ExampleText:
    assert isinstance(reader, TextReader)
    batch = next(batch for batch in examples.stream("training"))
    shortest_first = sorted(range(len(batch.texts)), key=lambda index: len(batch.texts[index]))
    example = shortest_first[len(shortest_first) // 4]
    ids = reader.read([batch.texts[example]])[0]
    return ExampleText(
        label=_words(batch.labels[example]),
        text=batch.texts[example],
        ids=tuple(int(number) for number in ids),
        words=tuple(reader.tokenizer.tokens(ids)),
    )


def _series(examples: SeriesExamples, reader: Reader) -> ExampleSeries:
    series, training = examples.series, np.flatnonzero(examples.parts == TRAINING)
    example = training[np.argsort(series.lengths[training], kind="stable")[len(training) // 2]]
    steps = series.values[series.offsets[example] : series.offsets[example + 1]]
    most = min(reader.length, max(1, _MOST_NUMBERS // len(series.channels)))
    return ExampleSeries(
        label=_words(series.labels[example]),
        channels=series.channels,
        steps=tuple(map(tuple, steps[-most:].astype(float).tolist())),
    )


def _words(label: Label) -> str:
    return label if isinstance(label, str) else ", ".join(label)
