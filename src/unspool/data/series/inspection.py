"""What there is to know of people's series before anything is trained."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from unspool.data.balance import Balance, balance_of, quantiles
from unspool.data.duplicates import Duplicates, count_duplicates
from unspool.data.parts import TRAINING
from unspool.data.series.examples import SeriesExamples
from unspool.data.series.labelled import LabelledSeries
from unspool.data.series.step_names import in_order
from unspool.data.series.wide_columns import WideColumns
from unspool.data.stand_ins import StandIn, stand_in
from unspool.data.tables.problems import by_reason

_REPEATED = 5


@dataclass(frozen=True, slots=True)
class Channel:
    """The numbers of one channel, over all steps of the training series; `missing` counts those that are not there.

    `steady` says that it has only one number in each series, but not the same in all, and `stand_in` which number
    probably stands for missing ones.
    """

    name: str
    least: float
    mean: float
    deviation: float
    most: float
    missing: int = 0
    steady: bool = False
    stand_in: StandIn | None = None


@dataclass(frozen=True, slots=True)
class SeriesInspection:
    """What was seen in labelled series.

    Attributes:
        path: of the file.
        series: how many can be used, in all parts.
        left_out: how many cannot be used, by reason.
        decisions: what was decided about columns and task, and why.
        balance: how the labels are spread over the parts.
        lengths: the quantiles of `balance.QUANTILES` of the training series' lengths, in time steps.
        channels: what numbers they hold.
        duplicates: series that stand more than once; only exact duplicates are looked for.
        telling: columns of numbers, in tables with a row for each series, each of whose values has one label only.
    """

    path: str
    series: int
    left_out: dict[str, int]
    decisions: tuple[str, ...]
    balance: Balance
    lengths: tuple[int, ...]
    channels: tuple[Channel, ...]
    duplicates: Duplicates
    telling: tuple[str, ...] = ()


def inspect_series(examples: SeriesExamples) -> SeriesInspection:
    """Look through labelled series."""
    series, in_training = examples.series, examples.parts == TRAINING
    values = series.values[np.repeat(in_training, series.lengths)]
    prints = examples.prints
    means, deviations = np.nanmean(values, axis=0, dtype=float), np.nanstd(values, axis=0, dtype=float)
    numbers = np.stack([np.nanmin(values, axis=0), means, deviations, np.nanmax(values, axis=0)], axis=1)
    missing = np.isnan(values).sum(axis=0)
    steady = _steady(series)
    return SeriesInspection(
        path=str(series.path),
        series=len(series),
        left_out=by_reason(series.left_out),
        decisions=examples.decisions,
        balance=balance_of(examples.labels, series.labels, examples.parts),
        lengths=tuple(int(value) for value in quantiles(series.lengths[in_training])),
        channels=tuple(
            Channel(name, least, mean, deviation, most, int(gaps), bool(one) and least < most, stand_in(column))
            for name, (least, mean, deviation, most), gaps, one, column in zip(
                series.channels, numbers.tolist(), missing, steady, values.T, strict=True
            )
        ),
        duplicates=count_duplicates(prints, prints[:, np.newaxis], examples.parts, series.labels),
        telling=tuple(_telling(examples)),
    )


def _telling(examples: SeriesExamples) -> Iterator[str]:
    """The columns of steps that determine the label, in a table whose steps are in no order.

    Each value of such a column has one label only, and occurs in `_REPEATED` series or more on average.
    """
    columns, series = examples.columns, examples.series
    if not isinstance(columns, WideColumns) or not columns.steps or in_order(columns.steps):
        return
    labels = np.unique(list(map(str, series.labels)), return_inverse=True)[1]
    for place, name in enumerate(columns.steps):
        there = series.lengths > place
        numbers, of = series.values[series.offsets[:-1][there] + place, 0], labels[there]
        pairs = np.unique(np.stack([numbers, of], axis=1)[~np.isnan(numbers)], axis=0)
        values = len(np.unique(pairs[:, 0]))
        if values == len(pairs) > 1 and _REPEATED * values <= there.sum() and len(np.unique(pairs[:, 1])) > 1:
            yield name


def _steady(series: LabelledSeries) -> NDArray[np.bool_]:
    """(C,) whether each channel has one number at most in every series; missing numbers are none."""
    least = np.fmin.reduceat(series.values, series.offsets[:-1], axis=0)
    most = np.fmax.reduceat(series.values, series.offsets[:-1], axis=0)
    return np.asarray(~(least < most).any(axis=0))
