"""Fiscal years are recognised, and dates are not taken for them."""

import numpy as np
import pytest

from unspool.data.tables.fiscal_years import are_fiscal_years, fiscal_period


@pytest.mark.parametrize("text", ["1999-00", "1999-2000", "2025/26", "2025–26", "FY26", "fy 2026", "FY 2025/26"])
def test_fiscal_years(text):
    told = fiscal_period(text)
    assert told is not None
    assert told[0] == "looks like a fiscal year"


@pytest.mark.parametrize("text", ["FY2026Q1", "FY26 Q1", "Q1 FY2026", "q1-fy26"])
def test_quarters_of_fiscal_years(text):
    told = fiscal_period(text)
    assert told is not None
    assert told[0] == "looks like a quarter of a fiscal year"


@pytest.mark.parametrize("text", ["2026", "26", "2025-27", "25-26", "2026-Q1", "FY2025-27", "Total"])
def test_others(text):
    assert fiscal_period(text) is None


@pytest.mark.parametrize(
    ("months", "are"),
    [
        (["2009-10", "2010-11", "2011-12"], True),
        (["2010-11", "2011-12"], False),
        (["2010-10", "2010-11", "2010-12"], False),
        (["2010-01", "2011-01", "2012-01"], False),
    ],
)
def test_months_that_are_fiscal_years(months, are):
    times = np.array(months, "datetime64[M]").astype("datetime64[s]").astype(float)
    assert are_fiscal_years(times) is are
