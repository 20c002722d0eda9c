"""Models that read whole series."""

from unspool_runtime.series.flat_series import FlatSeries
from unspool_runtime.series.models import SeriesModel, read_series_model
from unspool_runtime.series.steps import StepsModel

__all__ = ["FlatSeries", "SeriesModel", "StepsModel", "read_series_model"]
