"""Whether times that name their zone are read in local time or in UTC.

Where something happens at the same local times each day, as an exchange closes at 16:00 or shifts begin every eight
hours, steps are even only in local time: in UTC, they shift by an hour when clocks change, and may fall on another day.
"""

import numpy as np
from numpy.typing import NDArray

from unspool.data.forecasting.time_step import TimeStep
from unspool.errors import UserError

Times = NDArray[np.float64]

_DAY = 86_400.0
_HOUR = 3_600.0
"""By how much clocks change: in local time, some shorter steps would be missing or occur twice."""


def shows_wall_clock(walls: Times, times: Times, step: TimeStep | None, resampled: bool) -> bool:
    """Whether times are to be read in local time.

    They are if they have a single local time of day or, before the step is known, fewer of them than in UTC.

    Args:
        walls: (R,) local times, in seconds since 1970 as if in UTC.
        times: (R,) the same moments in seconds since 1970, rising in each series.
        step: that the times must have, or None.
        resampled: whether steps are resampled: then only midnights are read in local time, as days.

    Example:
        >>> walls = np.arange(5) * 86_400.0 + 20 * 3600  # 20:00
        >>> shows_wall_clock(walls, walls + 5 * 3600, None, False), shows_wall_clock(walls, walls, None, False)
        (True, False)
        >>> shifts = np.arange(9) * 8 * 3600.0  # 0:00, 8:00, 16:00; clocks change
        >>> shows_wall_clock(shifts, shifts + 3600.0 * np.repeat([5, 4], [4, 5]), None, False)
        True
    """
    on_wall = np.unique(walls % _DAY)
    if (on_wall == 0).all():
        return step is None or resampled or _is_of_days(step)
    if resampled or (walls == times).all():
        return False
    if len(on_wall) == 1:
        return step is None or _is_of_days(step)
    between = np.diff(times)
    is_longer = bool((between[between > 0] > _HOUR).all())
    return step is None and is_longer and len(on_wall) < len(np.unique(times % _DAY))


def refuse_other_clock(times: str, zoned: bool, in_training: bool | None) -> None:
    """Refuse times that name their zones if those of training do not, or vice versa: they would be hours off.

    Args:
        times: what is refused, in words.
        zoned: whether they name their zones and are read in UTC.
        in_training: whether those of training were; None if that is not known.

    Raises:
        UserError: only one of the two is.

    Example:
        >>> refuse_other_clock("the times", True, True)
    """
    if in_training is None or zoned == in_training:
        return
    if zoned:
        raise UserError(
            f"{times} name their time zone; in training they did not, so the model does not know which zone its times "
            "are in. Write them in the zone of training, without naming it (as in 2026-03-01T05:00)."
        )
    raise UserError(
        f"{times} do not name their time zone; in training they did, and were read in UTC. Name it here, too (as in "
        "2026-03-01T05:00+01:00 or 2026-03-01T04:00Z)."
    )


def _is_of_days(step: TimeStep) -> bool:
    return step.unit in ("weekday", "month") or (step.unit == "second" and step.length % _DAY == 0)
