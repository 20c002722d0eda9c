"""Series to forecast from a person's file: read, looked through, and prepared for the choice of a model."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from unspool.candidates.forecasts import Setup, Training, item_of
from unspool.data.cell_values import fingerprint
from unspool.data.forecasting import (
    Panel,
    Window,
    find_forecast_columns,
    read_panel,
    windows_of_test,
    windows_of_validation,
)
from unspool.data.forecasting.origins import (
    drawn_together,
    first_origins,
    last_windows,
    refuse_short,
    shortest,
    unit_drawn,
)
from unspool.data.forecasting.scale import seasonal_error
from unspool.data.kept_in_cache import shown_name
from unspool.data.names_in_words import first_few
from unspool.data.source import Source
from unspool.data.stand_ins import stand_in
from unspool.data.tables.problems import Reason, reasons
from unspool.errors import UserError
from unspool.evaluation.baselines.cache import digest_of_arrays
from unspool.evaluation.forecast_examples import ForecastPlaces
from unspool.evaluation.forecasted import drawn_in
from unspool.evaluation.result import DataSummary
from unspool.readers import ForecastReader, RawExamples
from unspool.runs.reading.preparation import ForecastData, Prepared, PreparedPart, facts_of_file
from unspool.runs.recipes.recipe import FileSettings
from unspool.tasks import Forecasting, Task

WHY = "a horizon was given"
_COUNTS = "cannot be combined with --aggregate count, which forecasts the number of rows. Leave it out."
_NOT_FOR_FORECASTS = (
    "text",
    "source",
    "split",
    "steps",
    "newest",
    "unlabelled",
    "test",
    "validation",
    "size",
    "length",
)
_SHOWN = 8
_UNTIMED = 16
"""Steps before a forecast that its fingerprint includes at least if steps have no times."""
_UNTIMED_FEW = 64
"""The same if fewer than `_FEW` of the values around it differ."""
_FEW = 8
_DAY = 86_400.0


@dataclass(frozen=True, eq=False)
class ReadForecastFile:
    """What a file of series to forecast holds.

    Attributes:
        settings: with its columns named.
        panel: the series, each long enough to hold out forecasts.
        reader: reads other files as this one was.
        short: how many series are not, and are set aside.
    """

    settings: FileSettings
    panel: Panel = field(repr=False)
    reader: ForecastReader
    short: int = 0

    @property
    def task(self) -> Task:
        """Forecasting."""
        setup = self.reader.setup
        return Forecasting((), setup.horizon, setup.season, why=WHY)

    @property
    def training_windows(self) -> int:
        """How many windows there are to learn from, about."""
        return int(np.maximum(self.panel.lengths - self.reader.setup.horizon, 0).sum())

    @property
    def test(self) -> list[Window]:
        """The forecasts of the test."""
        return windows_of_test(self.panel.lengths.tolist(), self.reader.setup.horizon)

    @property
    def seen(self) -> str:
        """What was seen in it, in words."""
        return _described(self)


def read_forecast_file(settings: FileSettings, source: Source) -> ReadForecastFile:
    """Read a file of series to forecast.

    Raises:
        UserError: the file cannot be used, an option is given that such files have not, there is no horizon, or all
            series are too short.
    """
    settings.refuse(("id",), "is not for forecasting. The column that tells series apart is named by --series.")
    settings.refuse(("target",), "is not for forecasting. The column to forecast is named by --label.")
    settings.refuse(
        ("group",),
        "is not for forecasting: the test is the end of each series, so no series are held out. Leave it out; the "
        "column that tells series apart is named by --series.",
    )
    settings.refuse(_NOT_FOR_FORECASTS, "is not for forecasting.")
    counts = settings.aggregate == "count"
    if counts:
        settings.refuse(("label", "fill", "known_ahead"), _COUNTS)
    if settings.task not in (None, Forecasting.name):
        raise UserError(f"{settings.path}: --horizon asks for the task forecasting, not {settings.task}.")
    if settings.horizon is None:
        raise UserError(f"{settings.path}: say how many steps are to be forecast (--horizon; in Python horizon=).")
    table = source.table
    columns = find_forecast_columns(
        table,
        target=settings.label,
        time=settings.time,
        series=settings.series,
        known_ahead=settings.known_ahead or (),
        covariates=settings.channels,
        by_content=None in (counts or settings.label, settings.channels, settings.season),  # a run records all of them
        counts=counts,
    )
    how = settings.of("resample", "fill", "aggregate")
    read = read_panel(table, columns, **how)
    panel = _long_enough(read, settings.horizon)
    dates = table.date_order((columns.time,))
    decimal = table.decimal_in((*columns.in_file, columns.time))
    reader = ForecastReader.of(panel, settings.horizon, settings.season, **how, dates=dates, decimal=decimal)
    named = replace(
        settings,
        label=None if counts else columns.target,
        time=columns.time,
        dates=dates,
        decimal=decimal,
        series=columns.series,
        channels=columns.until_now,
        known_ahead=columns.known_ahead or None,
        season=reader.setup.season,
    )
    found = ReadForecastFile(named, panel, reader, len(read) - len(panel))
    found.task.check(_truth(panel, reader.setup, found.test), "test")
    return found


def _long_enough(panel: Panel, horizon: int) -> Panel:
    """The series that are long enough to hold out forecasts.

    Raises:
        UserError: there is none.
    """
    refuse_short(panel.names, panel.lengths.tolist(), horizon, panel.path)
    return panel.take(np.flatnonzero(panel.lengths >= shortest(horizon)).tolist())


def _described(read: ReadForecastFile) -> str:
    panel, setup, test = read.panel, read.reader.setup, read.test
    lengths = panel.lengths
    count = f"{len(panel):,} series" if len(panel) > 1 else "1 series"
    span = f"{lengths.min():,} to {lengths.max():,} steps" if lengths.min() < lengths.max() else f"{lengths[0]:,} steps"
    lines = [f"{shown_name(panel.path)}: {count} of {span}"]
    if panel.step.unit != "row":
        shown = panel.shown_time
        times = [(float(panel.starts[row]), panel.time_after(row, 0)) for row in range(len(panel))]
        latest = max(one[1] for one in times)
        lines.append(f"  times     {shown(min(one[0] for one in times))} to {shown(latest)}")
        if (ends := panel.words_on_ends) is not None:
            lines.append(f"            {ends}")
    numbers = np.concatenate([one[:, 0] for one in panel.values])
    low, middle, high = np.quantile(numbers, (0, 0.5, 1))
    lines.append(f"  values    {low:.4g} to {high:.4g}, median {middle:.4g}")
    season = f"a season is {setup.season:,} steps" if setup.season > 1 else "no season is known (--season)"
    origins = {(one.series, one.origin) for one in test}
    each = Counter(series for series, _ in origins).values()
    least, most = min(each), max(each)
    how = f"{least} to {most}" if least < most else f"{most}"
    how = f"the last {setup.horizon:,} steps of each series" if most == 1 else f"{how} rolling origins a series"
    unit = unit_drawn(test, setup.horizon, _scored(panel, test))
    drawn = "series" if unit == "series" else f"{drawn_in(unit)}, as there are few series"
    lines += [f"  decided   {line}" for line in (*panel.decisions, f"{season}; {setup.horizon:,} steps are forecast")]
    forecasts = "1 forecast" if len(origins) == 1 else f"{len(origins):,} forecasts"
    lines.append(f"  test      {forecasts} ({how}); intervals are over {drawn}")
    lines += _stand_ins(panel)
    constant = [name for name, one in zip(panel.names, panel.values, strict=True) if np.ptp(one[:, 0]) == 0]
    if constant:
        names = first_few(constant, _SHOWN)
        lines.append(
            f"  constant  {len(constant):,} series ({names}): without a unit of error, they are not in the MASE"
        )
    if read.short:
        lines += [
            f"  short     {read.short:,} of {read.short + len(panel):,} series have fewer than "
            f"{shortest(setup.horizon):,} steps, too few to hold out",
            "            forecasts: models are neither fitted to them nor tested on them, and no score says how well",
            "            they are forecast. predict forecasts them, too",
        ]
    if panel.left_out:
        lines.append(f"  left out  {reasons(panel.left_out)}")
    return "\n".join(lines) + "\n"


def _stand_ins(panel: Panel) -> Iterator[str]:
    """Lines on numbers that probably stand for missing ones."""
    for place, name in enumerate(panel.columns.numbers):
        given = [one[known[:, place], place] for one, known in zip(panel.values, panel.known, strict=True)]
        found = stand_in(np.concatenate(given))
        if found is not None:
            yield f"  unusual   {found.in_words(f'column {name}')}: kept as it is;"
            yield "            if it stands for a missing number, leave these cells empty"


def prepare_forecast_file(read: ReadForecastFile) -> Prepared:
    """Turn series into what models are fitted to, compared and judged on."""
    panel, setup, test = read.panel, read.reader.setup, read.test
    training, learned, validation = _learned(panel, setup, first_origins(test, len(panel)))
    read.task.check(training.truth, "validation")
    items = _items(panel, test, setup)
    tested = PreparedPart(items, _truth(panel, setup, test), drawn_together(test, setup.horizon, _scored(panel, test)))
    numbers, present = np.concatenate(panel.values), np.concatenate(panel.present)
    origins = len({(one.series, one.origin) for one in test})
    summary = DataSummary(
        **facts_of_file(
            panel.path,
            f"{len(panel):,} series, {int(panel.lengths.sum()):,} steps; {setup.horizon} are forecast"
            + (f"; {read.short:,} other series are too short to be trained on or tested" if read.short else ""),
        ),
        digest=digest_of_arrays(numbers, panel.lengths, panel.starts, present, np.array([setup.horizon, setup.season])),
        label_names=(),
        examples={
            "training": read.training_windows,
            "validation": len({(one.series, one.origin) for one in training.windows}),
            "test": origins,
        },
        test_digest=digest_of_arrays(np.asarray(tested.targets), items.lengths),
        columns=read.reader.columns.roles,
        ignored=read.reader.columns.ignored,
    )
    return Prepared(
        read.reader,
        read.task,
        learned,
        validation,
        tested,
        summary,
        "forecast",
        seen=read.seen,
        forecasts=ForecastData(training, _places(read), lambda: _learned(panel, setup, panel.lengths)),
    )


def _learned(panel: Panel, setup: Setup, ends: NDArray[np.int64]) -> tuple[Training, PreparedPart, PreparedPart]:
    """What models are fitted to and compared on, if each series ends after `ends` (N,) steps; as parts, too."""
    validation = windows_of_validation(ends.tolist(), setup.horizon, setup.season)
    histories = [panel.history(series, end) for series, end in enumerate(ends.tolist())]
    times = np.array(
        [[panel.time_at(one.series, one.origin + more) for more in (0, setup.horizon)] for one in validation]
    )
    training = Training(histories, validation, _truth(panel, setup, validation), setup, panel.known, times)
    whole = PreparedPart(
        RawExamples([item_of(one, None, setup) for one in histories]),
        np.zeros((len(histories), setup.horizon, 3)),
        fingerprints=_seen_windows(panel, ends, setup.horizon),
    )
    compared = PreparedPart(
        RawExamples(training.items),
        training.truth,
        drawn_together(validation, setup.horizon, _scored(panel, validation)),
        fingerprints=window_fingerprints(panel, validation, setup.horizon),
    )
    return training, whole, compared


def _places(read: ReadForecastFile) -> ForecastPlaces:
    panel, setup, test = read.panel, read.reader.setup, read.test

    def times(row: int) -> list[Any]:
        one = test[row]
        steps = range(one.origin, one.origin + setup.horizon)
        return [panel.shown_time(panel.time_at(one.series, step)) for step in steps]

    return ForecastPlaces(
        np.array([one.series for one in test]),
        panel.names,
        [str(panel.shown_time(panel.time_at(one.series, one.origin))) for one in test],
        [panel.history(one.series, one.origin)[:, 0] for one in test],
        np.array([one.origin for one in test]),
        setup.season,
        unit_drawn(test, setup.horizon, _scored(panel, test)),
        times,
        panel.columns.time is not None,
    )


def long_enough_to_score(panel: Panel, horizon: int) -> Panel:
    """The series of another file that have more than `horizon` steps; others are counted as left out.

    Raises:
        UserError: all series are too short.
    """
    kept = np.flatnonzero(panel.lengths > horizon).tolist()
    if not kept:
        longest = int(np.argmax(panel.lengths))
        which = "the series" if len(panel) == 1 else "the longest series"
        which += f" {panel.names[longest]}" if panel.names[longest] else ""
        raise UserError(
            f"{panel.path}: {which} has {panel.lengths[longest]:,} steps, too few to score a forecast of {horizon:,}. "
            f"Give more than {horizon:,} steps."
        )
    short = len(panel) - len(kept)
    return panel.take(kept, Counter({Reason.SHORT: short} if short else {}))


def last_forecasts(panel: Panel, setup: Setup) -> tuple[RawExamples, NDArray[np.float64], list[Window]]:
    """The last `horizon` steps of each series of another file, forecast from those before: items, what came, where."""
    windows = last_windows(panel.lengths.tolist(), setup.horizon)
    return _items(panel, windows, setup), _truth(panel, setup, windows), windows


def _items(panel: Panel, windows: Sequence[Window], setup: Setup) -> RawExamples:
    items: dict[tuple[int, int], Any] = {}
    for one in windows:
        if (one.series, one.origin) not in items:
            steps = panel.values[one.series]
            ahead = steps[one.origin : one.origin + setup.horizon, setup.width - setup.known :]
            items[one.series, one.origin] = item_of(panel.history(one.series, one.origin), ahead, setup)
    return RawExamples([items[one.series, one.origin] for one in windows])


def _scored(panel: Panel, windows: Sequence[Window]) -> NDArray[np.bool_]:
    """(N,) whether any step of each forecast is scored: the file has a number for it."""
    scored = (panel.known[one.series][one.origin + one.steps[0] : one.origin + one.steps[1], 0] for one in windows)
    return np.array([bool(known.any()) for known in scored])


def _truth(panel: Panel, setup: Setup, windows: Sequence[Window]) -> NDArray[np.float64]:
    """(N, H, 3) value, whether it is scored, unit."""
    found = np.zeros((len(windows), setup.horizon, 3))
    for row, one in enumerate(windows):
        part = slice(one.origin, one.origin + setup.horizon)
        found[row, :, 0] = panel.values[one.series][part, 0]
        found[row, one.steps[0] : one.steps[1], 1] = panel.present[one.series][part][one.steps[0] : one.steps[1]]
        found[row, :, 2] = seasonal_error(panel.history(one.series, one.origin)[:, 0], setup.season)
    return found


def window_fingerprints(panel: Panel, windows: Sequence[Window], horizon: int) -> NDArray[np.int64]:
    """(N,) of forecasts: the same as training has where it has seen what came."""
    return np.array([_print(panel, one.series, one.origin, horizon) for one in windows], dtype=np.int64)


def _seen_windows(panel: Panel, ends: NDArray[np.int64], horizon: int) -> NDArray[np.int64]:
    """Of all that a model learns from: every stretch of `horizon` steps before the test of its series."""
    prints = [
        _print(panel, series, origin, horizon)
        for series, end in enumerate(ends.tolist())
        for origin in range(1, end - horizon + 1)
    ]
    return np.array(prints, dtype=np.int64)


def _print(panel: Panel, series: int, origin: int, horizon: int) -> int:
    """Fingerprint of the values around an origin, the series and the time: small counts alone recur too often."""
    numbers = panel.values[series][:, 0]
    before = horizon
    if panel.step.unit == "row":
        before = max(horizon, _UNTIMED)
        if len(set(numbers[max(0, origin - before) : origin + horizon].tolist())) < _FEW:
            before = max(horizon, _UNTIMED_FEW)
    values = numbers[max(0, origin - before) : origin + horizon]
    when = f"{panel.names[series]} {_when(panel, series, origin):.9g} "
    return fingerprint(when.encode("utf-8", "surrogatepass") + values.tobytes())


def _when(panel: Panel, series: int, origin: int) -> float:
    """The time of a step, wherever its series begins: the first step decides the day of a month and the time of day."""
    step = panel.step
    if step.unit == "row":
        return 0.0
    time = panel.time_at(series, origin)
    if step.unit == "number" or (step.unit == "second" and step.length < _DAY):
        return time
    day = np.datetime64(int(time // _DAY), "D")
    return float(day.astype("datetime64[M]" if step.unit == "month" else "datetime64[D]").astype(np.int64))
