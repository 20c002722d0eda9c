"""Forecasts of what comes after the last row of each series of a file."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from unspool.data.forecasting import Panel
from unspool.data.tables.problems import OnError, by_reason
from unspool.data.tables.writing import Printed, write_table
from unspool.progress import bar
from unspool.readers import ForecastReader
from unspool.runs.answer_columns import FORECAST, STEP, Row
from unspool.runs.model import TrainedModel
from unspool.runs.predicted import Predicted, refuse_columns
from unspool.runs.reading.model_inputs import AT_ONCE


def forecast_rows(model: TrainedModel, reader: ForecastReader, path: Path) -> tuple[Iterator[Row], tuple[str, ...]]:
    """Forecast what comes after the last row of each series of a file.

    Returns:
        A row for each step, and notes on how the file was read.

    Raises:
        UserError: the file cannot be read, lacks a column or what must be known ahead, or holds a series that cannot be
            used.
    """
    panel = reader.read_file(path, "stop")
    return _rows_of(model, reader, panel, reader.read(panel)), _notes_on(panel)


def _rows_of(model: TrainedModel, reader: ForecastReader, panel: Panel, items: Any) -> Iterator[Row]:
    columns = panel.columns
    with bar(f"Forecasting {panel.path.name}", len(panel)) as advance:
        for start in range(0, len(panel), AT_ONCE):
            outputs = model.outputs(items[start : start + AT_ONCE])
            for offset, steps in enumerate(model.decide(outputs)[0]):
                number = start + offset
                named = columns.named(panel.names[number])
                for ahead, numbers in enumerate(steps, start=1):
                    time = panel.shown_time(panel.time_after(number, ahead))
                    yield named | {columns.time or STEP: time} | dict(zip(FORECAST, numbers, strict=True))
            advance(len(outputs))


def predict_forecasts(
    model: TrainedModel, reader: ForecastReader, path: Path, out: Path | Printed, on_error: OnError
) -> Predicted:
    """Write the forecasts of a file, see `predict_file`."""
    panel = reader.read_file(path, on_error)
    panel = reader.with_ahead(panel) if on_error == "skip" else panel
    named = [*panel.columns.naming, panel.columns.time or STEP]
    refuse_columns(path, tuple(named), [*FORECAST])
    items = reader.read(panel)  # before anything is written: refuses a panel that lacks what is known ahead
    written = write_table(_rows_of(model, reader, panel, items), out, [*named, *FORECAST])
    return Predicted(out, written, by_reason(panel.left_out), {}, _notes_on(panel))


def _notes_on(panel: Panel) -> tuple[str, ...]:
    """Notes on how a file was read, and on series that are forecast from an earlier time than others."""
    return panel.notes if panel.words_on_ends is None else (*panel.notes, panel.words_on_ends)
