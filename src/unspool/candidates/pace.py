"""Giving up a fit that would take longer than the time that is left, judging by its own pace."""

import math
import time

EARLIEST = 0.1
"""The share of the work after which the pace of a fit is known."""
LONGEST = 0.25
"""The share of the time that is left after which a fit is judged even if little of its work is done."""


class TooSlowError(Exception):
    """A fit would take longer than the time that is left."""


class Pace:
    """Judges a fit while it runs.

    Args:
        left: seconds that the fit may take.

    Example:
        >>> Pace(left=60.0).judge(0.5)  # half of the work took no time, so this fit goes on
        >>> Pace(left=0.0).judge(0.5)
        Traceback (most recent call last):
        ...
        unspool.candidates.pace.TooSlowError
    """

    def __init__(self, left: float):
        self._left, self._began = left, time.monotonic()
        self._ready, self._before = self._began, 0.0

    def ready(self, done: float) -> None:
        """Measure the pace from the first call on: the time before it also went into loading and compiling code.

        Args:
            done: the share of the work that is done.
        """
        if not self._before:
            self._ready, self._before = time.monotonic(), done

    def judge(self, done: float) -> None:
        """Give up if the fit will probably take too long.

        Args:
            done: the share of its work that is done, above 0.

        Raises:
            TooSlowError: it will.
        """
        now = time.monotonic()
        spent, share = now - self._began, done - self._before
        rest = (now - self._ready) * (1 - done) / share if share > 0 else 0.0
        if (share >= EARLIEST or spent > LONGEST * self._left) and spent + rest > self._left:
            raise TooSlowError


UNHURRIED = Pace(math.inf)
"""The pace of a fit without a time limit."""
