"""Figures as people say them."""

from unspool.evaluation.result import Interval

_FIRST_OF_TOO_MANY = 1e15
"""From here on, a double does not hold all digits before the point."""


def percent(share: float) -> str:
    """Format a share in percent: one decimal, or as many as keep it from looking like none or all.

    Example:
        >>> percent(0.90584), percent(0.99995), percent(1.0)
        ('90.6%', '99.995%', '100.0%')
    """
    off = min(abs(share), 1 - share)  # negative above 100%: then one decimal is enough
    decimals = 1
    while 1e-9 < off < 0.5 * 10 ** -(decimals + 2):  # anything nearer is a rounding error
        decimals += 1
    return f"{100 * share:.{decimals}f}%"


def capitalized(title: str) -> str:
    """Begin a sentence or a heading with a title; a first word with a capital, such as chrF, stays as it is.

    Example:
        >>> capitalized("mean absolute error"), capitalized("chrF on the test set")
        ('Mean absolute error', 'chrF on the test set')
    """
    first = title.split(maxsplit=1)[0]
    return title if first != first.lower() else title[0].upper() + title[1:]


def points_with_interval(difference: float, interval: Interval, level: float = 0.95) -> str:
    """Format a difference of two shares in percentage points, with its interval.

    One decimal, or more where one would make the interval's ends look equal, or round an end to zero and hide on which
    side it lies.

    Example:
        >>> points_with_interval(-0.0566, Interval(-0.0612, -0.0528))
        '-5.7 points (95% interval -6.1 to -5.3)'
    """
    points = [100 * figure for figure in (difference, interval.low, interval.high)]
    decimals = _enough_decimals(points[1], points[2], at_least=1)
    value, low, high = (_signed(figure, decimals) for figure in points)
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


def decibels_with_interval(difference: float, interval: Interval, level: float = 0.95) -> str:
    """Format a difference of two ratios in decibels, with its interval.

    Example:
        >>> decibels_with_interval(1.234, Interval(1.1, 1.4))
        '+1.23 dB (95% interval +1.10 to +1.40)'
    """
    value, low, high = (_signed(figure, 2) for figure in (difference, interval.low, interval.high))
    return f"{value} dB ({_level(level)} interval {low} to {high})"


def three_decimals(figure: float) -> str:
    """Format a figure between -1 and 1 with three decimals.

    Example:
        >>> three_decimals(0.99962), three_decimals(-0.0002)
        ('1.000', '0.000')
    """
    return f"{round(figure, 3) + 0.0:.3f}"  # never "-0.000"


def three_digits(figure: float) -> str:
    """Format a figure with three significant digits.

    Example:
        >>> three_digits(0.0123456), three_digits(2.5), three_digits(151.2)
        ('0.0123', '2.50', '151')
    """
    return f"{figure:#.3g}".rstrip(".")


def probability(share: float) -> str:
    """Format a probability with three decimals, or more near 0 and 1.

    Example:
        >>> probability(0.25), probability(0.0004), probability(0.99971), probability(1.0)
        ('0.250', '0.00040', '0.99971', '1.000')
    """
    off, decimals = min(abs(share), abs(1 - share)), 3
    while 1e-9 < off < 5 * 10**-decimals:  # anything nearer is 0 or 1
        decimals += 1
    return f"{share:.{decimals}f}"


def significant(figure: float) -> str:
    """Format a figure of any size with three significant digits, or all digits before the point if these are 4 to 15.

    Example:
        >>> significant(0.93144), significant(2.5), significant(151234.5), significant(0.0000123), significant(-0.0)
        ('0.931', '2.50', '151,234', '1.23e-05', '0.00')
        >>> significant(4.0625e91)
        '4.06e+91'
    """
    if 100 <= abs(figure) < _FIRST_OF_TOO_MANY:
        return f"{figure:,.0f}"
    return three_digits(figure + 0.0)  # no zero below zero


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
    return _enough_decimals(interval.low, interval.high, at_least=3)


def _enough_decimals(low: float, high: float, at_least: int) -> int:
    """Return how many decimals keep an interval's ends apart and off zero, at most four more than usual."""
    decimals = at_least
    while decimals < at_least + 4 and (
        1e-9 < high - low < 2 * 10**-decimals or any(1e-9 < abs(end) < 10**-decimals / 2 for end in (low, high))
    ):
        decimals += 1
    return decimals


def _signed(figure: float, decimals: int) -> str:
    text = f"{figure:+.{decimals}f}"
    return text[1:] if float(text) == 0 else text


def _level(level: float) -> str:
    return f"{100 * level:.3g}%"
