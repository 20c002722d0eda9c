"""From labelled examples in a file to what a model is trained and judged on."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from unspool import files
from unspool.data.examples import TextBatch, TextExamples
from unspool.data.labels import LabelCodec, Targets, are_unequal, class_weights
from unspool.data.parts import TEST, TRAINING, VALIDATION
from unspool.data.series.examples import SeriesExamples
from unspool.data.stored import StoredRagged
from unspool.data.tables.split_names import PARTS, Part
from unspool.errors import UserError
from unspool.experiment.own.reading import Inputs, SeriesReader, TextReader
from unspool.progress import bar


@dataclass(frozen=True, eq=False)
class PreparedPart:
    """One part of the examples.

    Attributes:
        inputs: N of them.
        targets: (N, ...).
        groups: (N,) or None: examples of one group are not independent.
    """

    inputs: Inputs = field(repr=False)
    targets: Targets = field(repr=False)
    groups: NDArray[np.int64] | None = field(default=None, repr=False)

    def __len__(self) -> int:
        return len(self.targets)


@dataclass(frozen=True, eq=False)
class Prepared:
    """All examples as a model reads them.

    Attributes:
        training: what weights are fitted to.
        validation: what stops training and picks the threshold.
        test: what is scored.
    """

    training: PreparedPart
    validation: PreparedPart
    test: PreparedPart


def prepare_texts(examples: TextExamples, reader: TextReader) -> Prepared:
    """Turn texts into ids, a thousand at a time: the texts are not kept, and the ids lie in a file of the cache.

    Raises:
        UserError: a file can no longer be read, the cache cannot be written, all of the test is one group, or what is
            scored has no label, or one of two only.
    """
    groups = _scored_groups(lambda number: _groups_in(examples, number))
    folder = files.cache_folder()
    files.make_folder(folder)
    ids = StoredRagged.write(
        (reader.read(batch.texts) for batch in _with_progress(examples)), folder, reader.inputs.size
    )
    targets = examples.codec.encode([label for survey in examples.surveys for label in survey.labels])
    prepared: dict[Part, PreparedPart] = {}
    for number, part in enumerate(PARTS):
        rows = np.flatnonzero(examples.all_parts == number)
        prepared[part] = PreparedPart(ids.take(rows), targets[rows], groups.get(part))
    return _scorable(Prepared(**prepared), examples.codec)


def prepare_series(examples: SeriesExamples, reader: SeriesReader) -> Prepared:
    """Standardise series and pad them to the reader's length.

    Raises:
        UserError: all of the test is one group, or what is scored has no label, or one of two only.
    """
    known = examples.series.groups
    groups = _scored_groups(lambda number: None if known is None else known[examples.parts == number])

    def prepared(part: Part) -> PreparedPart:
        series, targets = examples.load(part, reader.length)
        return PreparedPart(reader.read(series), targets, groups.get(part))

    parts = Prepared(prepared("training"), prepared("validation"), prepared("test"))
    return _scorable(parts, examples.codec)


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


def _groups_in(examples: TextExamples, number: int) -> NDArray[np.int64] | None:
    """(n,) the groups of a part's rows, or None where a file that some of them stand in has no groups."""
    found = []
    for survey, parts in zip(examples.surveys, examples.parts, strict=True):
        rows = parts == number
        if survey.groups is not None:
            found.append(survey.groups[rows])
        elif rows.any():
            return None
    return np.concatenate(found) if found else None


def _scored_groups(groups_in: Callable[[int], NDArray[np.int64] | None]) -> dict[Part, NDArray[np.int64]]:
    """The groups of the parts that are scored, where there are some: whole groups are drawn for an interval.

    Raises:
        UserError: all of the test is one group, which is better said before anything is trained.
    """
    found: dict[Part, NDArray[np.int64]] = {}
    scored: tuple[tuple[Part, int], ...] = (("validation", VALIDATION), ("test", TEST))
    for part, number in scored:
        groups = groups_in(number)
        if groups is None:
            continue
        if len(np.unique(groups)) > 1:
            found[part] = groups
        elif number == TEST:
            raise UserError(
                "All test examples belong to one group, so that nothing could be said of how far their scores would "
                "move with others. Give more groups, or hold out more of them, as in --set data.test_fraction=0.3."
            )
    return found


def _scorable(prepared: Prepared, codec: LabelCodec) -> Prepared:
    """Make sure that what is scored can be, which is better said before anything is trained."""
    how = (
        "Hold out others, by another column or --seed, or more, as in --set data.test_fraction=0.3 --set "
        "data.validation_fraction=0.2."
    )
    if codec.task == "multilabel" and not prepared.test.targets.any():
        raise UserError(
            f"None of the {len(prepared.test):,} test examples has any label, so that there is nothing to find in them "
            f"and no F1. {how}"
        )
    for name, part in (("test", prepared.test), ("validation", prepared.validation)):
        if codec.task == "binary" and len(set(part.targets.tolist())) == 1:
            raise UserError(
                f"All {len(part):,} {name} examples have the label {codec.names[int(part.targets[0])]}: scores of two "
                f"labels need examples of both. {how}"
            )
    return prepared


def _with_progress(examples: TextExamples) -> Iterator[TextBatch]:
    with bar("Turning the texts into tokens", len(examples)) as advance:
        for batch in examples.stream():
            yield batch
            advance(len(batch.texts))
