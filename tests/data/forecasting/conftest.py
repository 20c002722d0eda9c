import csv
from datetime import UTC, date, datetime, timedelta

import numpy as np
import pytest


@pytest.fixture
def written(tmp_path):
    """Write rows, each a dict, as a table."""

    def write(rows, name="series.csv"):
        path = tmp_path / name
        with path.open("w", newline="") as file:
            writer = csv.DictWriter(file, fieldnames=list(rows[0]))
            writer.writeheader()
            writer.writerows(rows)
        return path

    return write


@pytest.fixture
def daily():
    """Rows of one series, a day each, with these values."""

    def rows(values, **more):
        first = date(2026, 1, 1)
        return [
            {"day": (first + timedelta(days=number)).isoformat(), "y": value, **more}
            for number, value in enumerate(values)
        ]

    return rows


@pytest.fixture
def sales():
    """A row for each month of each series, under other than the usual names."""

    def rows(series, months, **names):
        return [{"Monat": month, "Filiale": name, "Umsatz": 3} | names for name in series for month in months]

    return rows


@pytest.fixture
def seconds():
    """The times of dates, in seconds since 1970."""

    def times(*dates):
        return np.array([datetime.fromisoformat(one).replace(tzinfo=UTC).timestamp() for one in dates])

    return times
