"""Series to forecast: a table with a row for each time step, read at even steps, and where each forecast begins."""

from unspool.data.forecasting.combined_rows import AGGREGATES, Aggregate
from unspool.data.forecasting.finding_columns import find_forecast_columns
from unspool.data.forecasting.forecast_columns import ForecastColumns, no_history
from unspool.data.forecasting.origins import Window, windows_of_test, windows_of_validation
from unspool.data.forecasting.panel import Panel
from unspool.data.forecasting.reading import read_panel
from unspool.data.forecasting.series_columns import names_any
from unspool.data.forecasting.time_step import TimeStep

__all__ = [
    "AGGREGATES",
    "Aggregate",
    "ForecastColumns",
    "Panel",
    "TimeStep",
    "Window",
    "find_forecast_columns",
    "names_any",
    "no_history",
    "read_panel",
    "windows_of_test",
    "windows_of_validation",
]
