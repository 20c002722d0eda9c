"""From labelled examples in a file to what a model is trained and judged on."""

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from unspool.data.examples import TextBatch, TextExamples
from unspool.data.labels import LabelCodec, Targets, are_unequal, class_weights
from unspool.data.parts import TEST, TRAINING
from unspool.data.ragged import Ragged
from unspool.data.series.examples import SeriesExamples
from unspool.data.tables.split_names import PARTS, Part
from unspool.data.task import Label
from unspool.experiment.own.reading import Inputs, SeriesReader, TextReader
from unspool.progress import bar


@dataclass(frozen=True, eq=False)
class PreparedPart:
    """One part of the examples: N inputs and (N, ...) targets."""

    inputs: Inputs = field(repr=False)
    targets: Targets = field(repr=False)

    def __len__(self) -> int:
        return len(self.targets)


@dataclass(frozen=True, eq=False)
class Prepared:
    """All examples as a model reads them.

    Attributes:
        training: what weights are fitted to.
        validation: what stops training and picks the threshold.
        test: what is scored.
        groups: (N,) of the test examples, or None: those of one group are not independent.
    """

    training: PreparedPart
    validation: PreparedPart
    test: PreparedPart
    groups: NDArray[np.int64] | None = None


def prepare_texts(examples: TextExamples, reader: TextReader) -> Prepared:
    """Turn texts into ids, a thousand at a time: the texts themselves are not kept.

    Raises:
        UserError: a file can no longer be read.
    """
    flat: dict[Part, list[NDArray[np.int32]]] = {part: [] for part in PARTS}
    lengths: dict[Part, list[NDArray[np.int64]]] = {part: [] for part in PARTS}
    labels: dict[Part, list[Label]] = {part: [] for part in PARTS}
    for batch in _with_progress(examples):
        ids = reader.read(batch.texts)
        for number, part in enumerate(PARTS):
            chosen = np.flatnonzero(batch.parts == number)
            kept = ids.take(chosen)
            flat[part].append(kept.flat)
            lengths[part].append(kept.lengths)
            labels[part] += [batch.labels[index] for index in chosen]
    prepared = {
        part: PreparedPart(
            Ragged.from_lengths(np.concatenate(flat[part]), np.concatenate(lengths[part])),
            examples.codec.encode(labels[part]),
        )
        for part in PARTS
    }
    first = examples.surveys[0]
    groups = first.groups[examples.parts[0] == TEST] if first.groups is not None and len(examples.parts) == 1 else None
    return Prepared(prepared["training"], prepared["validation"], prepared["test"], groups)


def prepare_series(examples: SeriesExamples, reader: SeriesReader) -> Prepared:
    """Standardise series and pad them to the reader's length."""

    def prepared(part: Part) -> PreparedPart:
        series, targets = examples.load(part, reader.length)
        return PreparedPart(reader.read(series), targets)

    groups = examples.series.groups
    in_test = None if groups is None else groups[examples.parts == TEST]
    return Prepared(prepared("training"), prepared("validation"), prepared("test"), in_test)


def fit_series_reader(examples: SeriesExamples, length: int | None = None) -> SeriesReader:
    """Learn from the training series how series are read.

    Args:
        examples: from `read_series`.
        length: time steps at most, or None to choose it.
    """
    series, in_training = examples.series, examples.parts == TRAINING
    steps = series.values[np.repeat(in_training, series.lengths)]
    return SeriesReader.fit(steps, series.lengths[in_training], series.channels, length)


def weights_of_classes(codec: LabelCodec, targets: Targets) -> NDArray[np.float64] | None:
    """Return the weight of each training example, (N,), such that all classes count the same.

    None where classes are about equally frequent, or where an example has several labels, or a number.
    """
    if codec.task not in ("binary", "multiclass"):
        return None
    classes = np.asarray(targets, dtype=np.int64)
    counts = np.bincount(classes, minlength=len(codec.names))
    return class_weights(classes, len(codec.names))[classes] if are_unequal(counts) else None


def _with_progress(examples: TextExamples) -> Iterator[TextBatch]:
    with bar("Turning the texts into tokens", len(examples)) as advance:
        for batch in examples.stream():
            yield batch
            advance(len(batch.texts))
