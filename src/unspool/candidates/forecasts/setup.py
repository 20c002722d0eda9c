"""What all models of a data set that forecast share.

The trainer and the runtime share this file.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Steps = NDArray[np.float32]

MOST_STEPS = 5_000
"""Of a history that are read, or three seasons where these are more."""
MOST_ANSWER = 20.0
"""Of scaled answers: what is further off is taken as so far off, so that one break does not decide all."""
MOST_OF_NETWORK = 10.0
"""The same for networks."""
MOST_GROWTH = 50.0
"""Of a logarithm beyond the last one: a forecast stays a finite number."""


@dataclass(frozen=True, slots=True)
class Setup:
    """What all models of a data set share.

    Attributes:
        horizon: H, steps that are forecast.
        season: steps of a season; 1 where there is none.
        until_now: covariates known until now.
        known: covariates known ahead.
        calendar: of these, the last ones, which are the calendar's; 0 in models of earlier versions.
        by_day: whether a season may be a day, so that training looks for a pattern of weeks; see `week_of`.
    """

    horizon: int
    season: int
    until_now: int = 0
    known: int = 0
    by_day: bool = True
    calendar: int = 0

    @property
    def width(self) -> int:
        """C, columns of an item."""
        return 1 + self.until_now + self.known

    @property
    def most_steps(self) -> int:
        """Of a history that are read."""
        return max(MOST_STEPS, 3 * self.season)


def within_reach(forecast: NDArray[np.float64], history: NDArray[np.float64]) -> NDArray[np.float64]:
    """A forecast (H,) that goes beyond the extremes of its history by no more than these are apart.

    Methods that are estimated from a history alone may take a few steps of growth for a law: on logarithms, forecasts
    were 10^11 times as large as the history. If the history (T,) is shorter than the forecast, it may go as much
    farther as it is longer, so that a straight line goes on.

    Example:
        >>> within_reach(np.array([9.0, 90.0, -90.0]), np.array([2.0, 5.0, 4.0, 6.0])).tolist()
        [9.0, 10.0, -2.0]
        >>> within_reach(np.array([3.0, 4.0, 5.0, 6.0]), np.array([1.0, 2.0])).tolist()
        [3.0, 4.0, 5.0, 6.0]
    """
    least, most = history.min(), history.max()
    reach = (most - least) * max(1.0, len(forecast) / max(len(history) - 1, 1))
    return np.asarray(np.clip(forecast, least - reach, most + reach))
