"""Fiscal years and their quarters, such as 2025-26, FY26 and FY2026Q1, which are easily taken for months."""

import re

import numpy as np
from numpy.typing import NDArray

_YEAR = re.compile(r"(?P<mark>FY)? ?(?P<year>\d{4}|\d\d)(?:[-/–](?P<end>\d{4}|\d\d))?", re.IGNORECASE)
_QUARTER = re.compile(r"FY ?\d\d(?:\d\d)?[-/ ]?Q[1-4]|Q[1-4][-/ ]?FY ?\d\d(?:\d\d)?", re.IGNORECASE)
_FEWEST = 3  # different years that show that they are no months


def fiscal_period(text: str) -> tuple[str, str] | None:
    """What a fiscal year or one of its quarters looks like, as a clause, and what to write instead; None for others.

    Example:
        >>> [fiscal_period(text) is not None for text in ("1999-00", "2025/26", "FY26", "Q1 FY2026", "2025-27", "2026")]
        [True, True, True, True, False, False]
    """
    if _QUARTER.fullmatch(text):
        return "looks like a quarter of a fiscal year", "Write the day on which it begins, as in 2025-10-01"
    found = _YEAR.fullmatch(text)
    if found is None or (found["mark"] is None and (found["end"] is None or len(found["year"]) < 4)):
        return None
    next_year = str(int(found["year"]) + 1)
    if found["end"] not in (None, next_year, next_year[-2:]):
        return None
    return "looks like a fiscal year", "Write each year as a number, such as 2026"


def are_fiscal_years(times: NDArray[np.float64]) -> bool:
    """Whether dates are fiscal years that were read as months: 2000-01, 2001-02, 2002-03.

    Args:
        times: in seconds since 1970.

    Example:
        >>> months = np.array(["2000-01", "2001-02", "2002-03"], "datetime64[M]")
        >>> are_fiscal_years(months.astype("datetime64[s]").astype(float))
        True
    """
    months = np.unique(times).astype("datetime64[s]").astype("datetime64[M]").astype(np.int64)
    years = months // 12 + 1970
    return len(months) >= _FEWEST and bool((months % 12 + 1 == (years + 1) % 100).all())
