"""Dates as people write them in many languages, and in ISO 8601: translation that a small model can learn."""

import datetime
import hashlib
import json
from collections.abc import Iterator
from typing import Any

import numpy as np

from unspool.data.datasets import PairedDataset, PairedSplit
from unspool.data.named.info import DatasetInfo
from unspool.errors import UserError

WRITTEN, ISO = "written", "iso"
"""The two forms of a date."""
LOCALES = ("cs", "da", "de", "en_GB", "en_US", "es", "fi", "fr", "hu", "it", "nl", "pl", "pt", "ru", "sv")
FORMATS = ("medium", "long", "full")
COUNT = 5000
"""Different dates, from the years 1900 to 2099."""
EACH = 3
"""Ways to write each: a language and a format at random; some are the same."""

_SEED, _TEST_FRACTION = 0, 0.1
_FIRST, _DAYS = datetime.date(1900, 1, 1), 73_049


def load(info: DatasetInfo) -> PairedDataset:
    """Write dates by the rules of CLDR, as the installed babel has them, always the same ones.

    A tenth of the dates, in all of their ways, is the test: no date of it is in the training examples. What has two
    meanings (1/2/2030) is left out.

    Raises:
        UserError: the babel library is not installed.
    """
    try:
        import babel
    except ImportError as error:
        raise UserError(
            "The dataset dates needs the babel library. Install it: pip install 'unspool[dates]'."
        ) from error
    rows = _unambiguous(_rows())
    texts = {WRITTEN: [written for written, _, _ in rows], ISO: [iso for _, iso, _ in rows]}
    whole = PairedSplit(texts, np.array([number for _, _, number in rows], dtype=np.int64))
    in_test = np.array([number >= COUNT * (1 - _TEST_FRACTION) for _, _, number in rows])
    digest = hashlib.sha256(json.dumps(rows).encode()).hexdigest()
    return PairedDataset(
        **info.facts(digest, f"babel {babel.__version__}"),
        train=whole.take(np.flatnonzero(~in_test)),
        test=whole.take(np.flatnonzero(in_test)),
    )


def _rows() -> Iterator[tuple[str, str, int]]:
    """The date as it is written, in ISO 8601, and its number."""
    from babel.dates import format_date

    random: Any = np.random.RandomState(_SEED)  # the one generator whose streams NumPy promises never to change
    for number, day in enumerate(random.permutation(_DAYS)[:COUNT].tolist()):
        date = _FIRST + datetime.timedelta(days=day)
        ways = random.choice(len(LOCALES) * len(FORMATS), EACH, replace=False).tolist()
        for way in ways:
            locale, form = LOCALES[way // len(FORMATS)], FORMATS[way % len(FORMATS)]
            yield format_date(date, form, locale=locale), date.isoformat(), number


def _unambiguous(rows: Iterator[tuple[str, str, int]]) -> list[tuple[str, str, int]]:
    """Each way to write once, unless it is written so for two dates."""
    found: dict[str, tuple[str, str, int]] = {}
    doubtful = set()
    for row in rows:
        if found.setdefault(row[0], row)[1] != row[1]:
            doubtful.add(row[0])
    return [row for written, row in found.items() if written not in doubtful]
