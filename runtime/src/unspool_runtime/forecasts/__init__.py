"""Models that forecast: histories to what each step ahead is read from, and that to forecasts with intervals."""

from unspool_runtime.forecasts.histories import HistoryReader
from unspool_runtime.forecasts.models import Forecaster

__all__ = ["Forecaster", "HistoryReader"]
