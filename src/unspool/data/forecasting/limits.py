"""What a file may ask of a forecast, at most.

The trainer and the runtime share this file.
"""

MOST_HORIZON = 10_000
"""Steps of a forecast."""
MOST_SEASON = 100_000
"""Steps of a season."""
MOST_COLUMNS = 10_000
"""Covariates of each kind."""
