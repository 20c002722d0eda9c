"""A trained model scored on a labelled file that it was not trained on."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from unspool.data.columns import Columns
from unspool.data.forecasting.origins import Window, drawn_together, unit_drawn
from unspool.data.labels import Label, flaws_of, shown
from unspool.data.required_columns import group_in
from unspool.data.tables.formats import FOLDER
from unspool.data.tables.problems import OnError, Reason, by_reason
from unspool.data.tables.table import read_table
from unspool.data.texts.line_files import holds_lines
from unspool.data.texts.pairs import read_pairs
from unspool.data.texts.table_scan import TableScan, scan_table
from unspool.errors import UserError, advising_users
from unspool.evaluation.forecasted import drawn_in
from unspool.evaluation.result import Predictions, Scores
from unspool.evaluation.support import on_few_groups, on_few_tagged
from unspool.progress import bar, spinner
from unspool.readers import ForecastReader, PairReader, RawWordReader, Reader, WordReader, reads_texts
from unspool.runs.groups import several
from unspool.runs.model import TrainedModel
from unspool.runs.notes_on_texts import NotesOnTexts
from unspool.runs.reading.forecasting import last_forecasts, long_enough_to_score, window_fingerprints
from unspool.runs.reading.model_inputs import (
    outputs_on,
    read_series_for,
    refuse_tokens,
    side_columns,
    tagged_texts_for,
)
from unspool.runs.reading.named_columns import label_column, text_column
from unspool.runs.recipes.recipe import FileSettings, PairSettings, target_column
from unspool.runs.records.seen import Seen, fingerprints
from unspool.tasks import Binary, Task, Translation


@dataclass(frozen=True, slots=True)
class Evaluated:
    """How good a model is on a file.

    Attributes:
        rows: how many rows, or series, were scored.
        left_out: how many cannot be used, by reason.
        task: of the model.
        scores: with their intervals.
        notes: what must be known to read the scores, each a sentence.
        seen: how many rows the model was trained on or tuned by; they are not scored unless that was asked for.
    """

    rows: int
    left_out: dict[str, int]
    task: Task
    scores: Scores
    notes: tuple[str, ...] = ()
    seen: int = 0


@advising_users()
def evaluate_file(
    model: TrainedModel,
    reader: Reader,
    path: Path,
    *,
    text: str | None = None,
    label: str | None = None,
    on_error: OnError = "stop",
    seen: Seen | None = None,
    include_seen: bool = False,
    beam: int | None = None,
    length_penalty: float | None = None,
) -> Evaluated:
    """Score a model on the rows, or series, of a labelled file that it was not trained on.

    Where the file has the column by which examples were kept together in training (`--group`), whole groups are drawn
    for the intervals; where all are of one group, examples are, and a note says what the intervals then do not cover.

    Args:
        model: trained.
        reader: the model's.
        path: of a table or a folder of texts by class; for series, of a .npz file or a table with a row for each step;
            for translation, a file with one text a line, too.
        text: the column that is read, or None for the one of training.
        label: the column with the truth, or None for the one of training; where `path` has one text a line, the file
            with one answer a line.
        on_error: what is done about a row that cannot be used, a label that training never showed among them.
        seen: what the model was trained on, from `unspool.runs.records.seen.load_seen`; None takes all rows for new.
        include_seen: whether to score the rows that it was trained on too.
        beam: see `predict_file`.
        length_penalty: see there.

    Raises:
        UserError: the file cannot be read, a column is missing, no row can be used or all were trained on, all have one
            of two labels, or one row cannot be used and `on_error` is "stop".
    """
    refuse_tokens(reader)
    model = model.searching(beam, length_penalty)
    found = _answered(model, reader, path, text, label, on_error)
    task, known = model.task, 0
    notes = [f"{note[0].upper()}{note[1:]}." for note in found.notes]
    if seen is not None:
        found, known, note = _without_seen(found, _comparable(seen, reader), include_seen, path)
        notes += note
    if isinstance(task, Binary) and len({*found.labels}) == 1:
        only = shown(found.labels[0])
        raise UserError(f"{path}: all {len(found.labels):,} examples have the label {only}: scores need both labels.")
    truth, groups = task.truth(task.encode(found.labels)), several(found.groups)
    if groups is None and found.groups is not None:
        notes.append(
            "All examples belong to one group, so that the intervals are over examples: they do not say how far the "
            "scores would move in another group."
        )
    few = on_few_tagged(truth, groups) if task.by_step else on_few_groups(groups, found.drawn)
    notes += filter(None, [few, task.on_one_label(truth)])
    outputs = found.outputs[:, : truth.shape[1]] if task.by_step else found.outputs  # longer ones were left out
    scores = task.scores(
        Predictions(truth, outputs, groups), model.threshold, resamples=model.recipe.evaluation.resamples
    )
    undefined = [measure.title for name, measure in task.measures.items() if name not in scores.figures]
    if undefined:
        they = "it is" if len(undefined) == 1 else "they are"
        notes.append(f"On these examples there is no {' and no '.join(undefined)}: {they} undefined.")
    return Evaluated(found.count, by_reason(found.left_out), task, scores, tuple(notes), known)


@dataclass(frozen=True, slots=True)
class _Found:
    """Labels, outputs and fingerprints of N examples, their groups if known, and notes as `NotesOnTexts` gives.

    Of forecasts, `windows` are where they are made; groups are drawn from those that are left.
    """

    labels: list[Label]
    outputs: NDArray[np.float64]
    groups: NDArray[np.int64] | None
    left_out: Counter[Reason]
    prints: NDArray[np.int64]
    notes: tuple[str, ...] = ()
    windows: tuple[Window, ...] = ()
    horizon: int = 0

    @property
    def count(self) -> int:
        """How many examples there are, all blocks of a series being one."""
        return len({one.series for one in self.windows}) if self.windows else len(self.labels)

    @property
    def drawn(self) -> str:
        """What groups are, in the plural."""
        if not self.windows:
            return "groups"
        return drawn_in(unit_drawn(self.windows, self.horizon, _scored(self.labels)))

    def take(self, positions: NDArray[np.integer]) -> "_Found":
        """Some of them."""
        groups, windows = self.groups, tuple(self.windows[position] for position in positions if self.windows)
        if windows:
            groups = drawn_together(windows, self.horizon, _scored([self.labels[position] for position in positions]))
        elif groups is not None:
            groups = groups[positions]
        return replace(
            self,
            labels=[self.labels[position] for position in positions],
            outputs=self.outputs[positions],
            groups=groups,
            prints=self.prints[positions],
            windows=windows,
        )


def _comparable(seen: Seen, reader: Reader) -> Seen:
    """What a model was trained on; unknown if the fingerprints that were kept cover less than this reader reads."""
    if isinstance(reader, ForecastReader):
        return replace(seen, known=seen.known and seen.forecasts)
    if reads_texts(reader) and side_columns(reader):
        return replace(seen, known=seen.known and seen.cells)
    return seen


def _scored(truth: Sequence[Any]) -> NDArray[np.bool_]:
    """(N,) whether any step of each forecast is scored, by what came."""
    return np.array([bool((one[:, 1] > 0).any()) for one in truth])


def _without_seen(found: _Found, seen: Seen, include: bool, path: Path) -> tuple[_Found, int, list[str]]:
    """The examples that a model was not trained on, how many others there were, and notes on them."""
    if not seen.known:
        return found, 0, ["Which examples this model was trained on was not kept: they may be among these."]
    known = seen.holds(found.prints)
    count, total = found.take(np.flatnonzero(known)).count, found.count
    if not count:
        return found, 0, []
    said = f"The model was trained on {count:,} of the {total:,} examples, or its training was stopped by them"
    if include:
        return found, count, [f"{said}: the scores flatter it."]
    if count == total:
        raise UserError(
            f"{path}: the model was trained on all {total:,} examples. Give others, or score these all the same "
            "(--include-seen; in Python include_seen=True)."
        )
    kept = found.take(np.flatnonzero(~known))
    how = "To score all: --include-seen (in Python include_seen=True)."
    return kept, count, [f"{said}. These are left out: the scores are over the other {kept.count:,}. {how}"]


def _answered(
    model: TrainedModel, reader: Reader, path: Path, text: str | None, label: str | None, on_error: OnError
) -> _Found:
    """The labels of a file, read as its reader's kind of data, and the outputs of the model."""
    labelled: Any = _labelled_texts if reads_texts(reader) else _labelled_series
    if isinstance(reader, WordReader | RawWordReader):
        labelled = _labelled_tokens
    elif isinstance(reader, PairReader):
        labelled = _labelled_pairs
    elif isinstance(reader, ForecastReader):
        labelled = _labelled_forecasts
    found: _Found = labelled(model, reader, path, text, label, on_error)
    return found


def _labelled_tokens(
    model: TrainedModel,
    reader: WordReader | RawWordReader,
    path: Path,
    text: str | None,
    label: str | None,
    on_error: OnError,
) -> _Found:
    found = tagged_texts_for(model, path, text, label, on_error, labelled=True)
    found = found.without(flaws_of(found.tags, model.task.flaw_in_truth), on_error)
    if not len(found):
        raise UserError(f"{path}: no text can be used.")
    with spinner(f"Predicting {path.name}"):
        outputs = model.outputs(reader.read(found.texts))
    return _Found(found.tags, outputs, found.groups, found.left_out, fingerprints(found.texts))


def _labelled_pairs(
    model: TrainedModel, reader: PairReader, path: Path, text: str | None, label: str | None, on_error: OnError
) -> _Found:
    data = model.recipe.data
    group = None
    columns = () if holds_lines(path) else read_table(path, on_error).columns
    if not columns:
        pass  # the label is a file, too
    elif isinstance(data, FileSettings):
        text, label = text or data.source, label or target_column(data)
        group = group_in(path, columns, data.group, "test")
    elif isinstance(data, PairSettings) and {data.source, data.target} <= {*columns}:
        text, label = text or data.source, label or data.target
    with spinner(f"Reading {path.name}"):
        found = read_pairs(path, source=text, target=label, group=group, on_error=on_error)
    assert isinstance(model.task, Translation)
    rows, targets = model.task.distinct(found.sources, found.targets)
    sources = [found.sources[row] for row in rows]
    with spinner(f"Translating {path.name}"):
        outputs = model.outputs(reader.read(sources))
    groups = None if found.groups is None else found.groups[rows]
    notes = NotesOnTexts(model, reader)
    notes.look(sources)
    return _Found([*targets], outputs, groups, found.left_out, fingerprints(sources), notes.found)


def _labelled_forecasts(
    model: TrainedModel, reader: ForecastReader, path: Path, text: str | None, label: str | None, on_error: OnError
) -> _Found:
    """The last steps of each series, forecast from those before them."""
    if text is not None or label not in (None, reader.columns.target):
        raise UserError(f"--text and --label have no effect: this model forecasts {reader.columns.target_in_words}.")
    with spinner(f"Forecasting {path.name}"):
        panel = long_enough_to_score(reader.read_file(path, on_error), reader.setup.horizon)
        items, truth, windows = last_forecasts(panel, reader.setup)
        outputs = model.outputs(items)
    horizon = reader.setup.horizon
    groups = drawn_together(windows, horizon, _scored([*truth]))
    prints = window_fingerprints(panel, windows, horizon)
    return _Found([*truth], outputs, groups, panel.left_out, prints, panel.notes, tuple(windows), horizon)


def _labelled_texts(
    model: TrainedModel, reader: Any, path: Path, text: str | None, label: str | None, on_error: OnError
) -> _Found:
    data = model.recipe.data
    known = data if isinstance(data, FileSettings) else FileSettings(path="")
    table = read_table(path, on_error, label=label or known.label, decimal=known.decimal)
    group = group_in(path, table.columns, known.group, "test")
    column = text_column(model.recipe.data, table, text)
    side = side_columns(reader)
    side.require(path, table.columns)
    columns = Columns(column, label_column(model.recipe.data, table, label, column), group, side=side)
    with spinner(f"Reading {path.name}"):
        found = scan_table(table, columns, keep_unlabelled=table.format is FOLDER, no_labels=model.task.no_labels)
        found = found.without(flaws_of(found.labels, model.task.flaw_in_truth, columns.label))
    if not len(found):
        raise UserError(f"{path}: no row can be used.")
    notes = NotesOnTexts(model, reader)
    outputs = np.concatenate(list(_outputs_on_texts(model, reader, path, found, notes)))
    said = (*table.notes_on_decimals((columns.label, *side.numeric)), *notes.found)
    return _Found(found.labels, outputs, found.groups, found.left_out, found.whole, said)


def _outputs_on_texts(
    model: TrainedModel, reader: Any, path: Path, found: TableScan, notes: NotesOnTexts
) -> Iterator[NDArray[np.float64]]:
    with bar(f"Predicting {path.name}", len(found)) as advance:
        for texts in found.read_texts():
            notes.look(texts)
            yield model.outputs(reader.read(texts))
            advance(len(texts))


def _labelled_series(
    model: TrainedModel, reader: Any, path: Path, text: str | None, label: str | None, on_error: OnError
) -> _Found:
    if text is not None:
        raise UserError("--text is for texts; this model reads series.")
    needs_labels = model.task.needs_labels
    with spinner(f"Reading {path.name}"):
        _, series = read_series_for(model, reader, path, on_error, labelled=needs_labels, label=label)
    series = series.without(flaws_of(series.labels, model.task.flaw_in_truth), on_error)
    if model.task.answers_vary_in_length:  # each array of them is as wide as its longest
        outputs = model.outputs(reader.read_series(series.arrays(np.arange(len(series)))))
    else:
        outputs = np.concatenate([found for _, found in outputs_on(model, reader, path, series)])
    prints = fingerprints(series.arrays(np.arange(len(series))))
    return _Found(series.labels, outputs, series.groups, series.left_out, prints, series.notes)
