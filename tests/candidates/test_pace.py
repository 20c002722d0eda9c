"""When a fit is given up for the time that it takes."""

import math

import pytest

from unspool.candidates.pace import UNHURRIED, Pace, TooSlowError


@pytest.fixture
def clock(monkeypatch):
    now = [100.0]
    monkeypatch.setattr("unspool.candidates.pace.time.monotonic", lambda: now[0])
    return now


@pytest.mark.parametrize(
    ("spent", "done", "given_up"),
    [
        (2.0, 0.01, False),  # too early to tell: a beginning takes longer
        (9.0, 0.1, False),
        (11.0, 0.1, True),
        (26.0, 0.05, True),  # early, but a quarter of the time is spent
        (26.0, 0.5, False),
        (101.0, 1.0, True),
    ],
)
def test_its_pace_decides(clock, spent, done, given_up):
    pace = Pace(100.0)
    clock[0] += spent
    if given_up:
        with pytest.raises(TooSlowError):
            pace.judge(done)
    else:
        pace.judge(done)


@pytest.mark.parametrize(("more", "given_up"), [(1.5, False), (2.5, True)])
def test_compiling_is_not_taken_for_the_pace(clock, more, given_up):
    """30 s went by until 2% were done; 2% more take `more` seconds, and all the rest 48 times as long."""
    pace = Pace(105.0)
    clock[0] += 30.0
    pace.ready(0.02)
    pace.judge(0.02)
    clock[0] += more
    pace.ready(0.04)
    if given_up:
        with pytest.raises(TooSlowError):
            pace.judge(0.04)
    else:
        pace.judge(0.04)


def test_any_time(clock):
    clock[0] += 1e9
    UNHURRIED.judge(0.5)
    Pace(math.inf).judge(1e-9)
