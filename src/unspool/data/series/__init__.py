"""Series of people's own: numbers over time, in one or several channels, each series with a label."""

from unspool.data.series.examples import SeriesExamples, read_series

__all__ = ["SeriesExamples", "read_series"]
