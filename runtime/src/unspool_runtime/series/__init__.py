"""Models that read whole series."""

from unspool_runtime.series.flat_series import FlatSeries
from unspool_runtime.series.models import SeriesModel, read_series_model

__all__ = ["FlatSeries", "SeriesModel", "read_series_model"]
