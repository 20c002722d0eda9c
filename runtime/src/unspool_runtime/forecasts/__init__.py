"""Models that forecast: histories to what each step ahead is read from, and that to forecasts with intervals."""

from unspool_runtime.forecasts.histories import HISTORIES, HistoryReader
from unspool_runtime.forecasts.models import Forecaster

__all__ = ["HISTORIES", "Forecaster", "HistoryReader"]
