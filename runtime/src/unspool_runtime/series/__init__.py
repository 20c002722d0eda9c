"""Models that read whole series."""

from unspool_runtime.series.flat import FlatSeries
from unspool_runtime.series.models import SeriesModel, read_series_model

__all__ = ["FlatSeries", "SeriesModel", "read_series_model"]
