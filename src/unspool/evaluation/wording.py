"""Figures as people say them."""

from unspool.evaluation.result import Interval


def percent(share: float) -> str:
    """Format a share in percent: one decimal, or as many as keep it from looking like none or all.

    Example:
        >>> percent(0.90584), percent(0.99995), percent(1.0)
        ('90.6%', '99.995%', '100.0%')
    """
    off = min(abs(share), abs(1 - share))
    decimals = 1
    while 1e-9 < off < 0.5 * 10 ** -(decimals + 2):  # anything nearer is a rounding error
        decimals += 1
    return f"{100 * share:.{decimals}f}%"


def points_with_interval(difference: float, interval: Interval, level: float = 0.95) -> str:
    """Format a difference of two shares in percentage points, with its interval.

    One decimal, or two where one would make the interval's ends look equal, or round an end to zero and hide on which
    side it lies.

    Example:
        >>> points_with_interval(-0.0566, Interval(-0.0612, -0.0528))
        '-5.7 points (95% interval -6.1 to -5.3)'
    """
    ends = (interval.low, interval.high)
    decimals = 2 if _need_more(100 * interval.low, 100 * interval.high, 0.1) else 1
    value, low, high = (_signed(100 * figure, decimals) for figure in (difference, *ends))
    return f"{value} points ({_level(level)} interval {low} to {high})"


def difference_with_interval(difference: float, interval: Interval, level: float = 0.95) -> str:
    """Format a difference of two figures that are not shares, with its interval.

    Example:
        >>> difference_with_interval(0.0142, Interval(0.0021, 0.0263), level=0.983)
        '+0.014 (98.3% interval +0.002 to +0.026)'
    """
    decimals = decimals_of(interval)
    value, low, high = (_signed(figure, decimals) for figure in (difference, interval.low, interval.high))
    return f"{value} ({_level(level)} interval {low} to {high})"


def three_decimals(figure: float) -> str:
    """Format a figure between -1 and 1 with three decimals.

    Example:
        >>> three_decimals(0.99962), three_decimals(-0.0002)
        ('1.000', '0.000')
    """
    return f"{round(figure, 3) + 0.0:.3f}"  # never "-0.000"


def significant(figure: float) -> str:
    """Format a figure of any size with three significant digits, or all digits before the point if these are more.

    Example:
        >>> significant(0.93144), significant(2.5), significant(151234.5), significant(0.0000123), significant(-0.0)
        ('0.931', '2.50', '151,234', '1.23e-05', '0.00')
    """
    return f"{figure:,.0f}" if abs(figure) >= 100 else f"{figure + 0.0:#.3g}".rstrip(".")  # no zero below zero


def significant_with_interval(difference: float, interval: Interval, level: float = 0.95) -> str:
    """Format a difference of two figures of any size, with its interval.

    Example:
        >>> significant_with_interval(-0.25, Interval(-0.5, -0.0125))
        '-0.250 (95% interval -0.500 to -0.0125)'
    """
    value, low, high = (
        f"{'+' if figure > 0 else ''}{significant(figure)}" for figure in (difference, interval.low, interval.high)
    )
    return f"{value} ({_level(level)} interval {low} to {high})"


def decimals_of(interval: Interval) -> int:
    """Return how many decimals an interval needs: three, or more to keep its ends apart and off zero.

    Example:
        >>> decimals_of(Interval(0.0021, 0.0263)), decimals_of(Interval(0.00021, 0.00034))
        (3, 5)
    """
    decimals = 3
    while 1e-9 < interval.high - interval.low < 2 * 10**-decimals:  # what is narrower is rounding
        decimals += 1
    return decimals + 1 if _need_more(interval.low, interval.high, 10**-decimals) else decimals


def _need_more(low: float, high: float, unit: float) -> bool:
    """Return whether an interval's ends would lose their meaning when rounded to whole units."""
    return 0 < high - low < 2 * unit or any(0 < abs(end) < unit / 2 for end in (low, high))


def _signed(figure: float, decimals: int) -> str:
    text = f"{figure:+.{decimals}f}"
    return text[1:] if float(text) == 0 else text


def _level(level: float) -> str:
    return f"{100 * level:.3g}%"
