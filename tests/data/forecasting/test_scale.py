"""How much a series changes."""

import numpy as np
import pytest

from unspool.data.forecasting.scale import change_by_place, recent_change


def test_steps_ahead_have_the_change_of_their_place_in_the_season():
    random, rises = np.random.RandomState(0), np.array([0.0, 1.0, 3.0])
    values = (random.normal(size=(4000, 3)) * rises).ravel()
    for known in (11_998, 11_999, 12_000):
        found = change_by_place(values[:known], season=3, horizon=7)
        np.testing.assert_allclose(found, rises[(known + np.arange(7)) % 3] * 3 / 4, atol=0.25)


@pytest.mark.parametrize(
    ("history", "season"),
    [(np.arange(99.0) ** 2, 1), (np.arange(11.0), 4), (np.tile([1.0, 2.0], 30), 2), (np.zeros(0), 2)],
    ids=["no season", "two seasons", "repeats itself", "empty"],
)
def test_all_places_are_alike_if_nothing_tells_them_apart(history, season):
    assert change_by_place(history, season, 3).tolist() == [1, 1, 1]


def test_few_seasons_move_places_only_a_little_from_the_usual():
    found = change_by_place(np.array([0.0, 5, 0, 9, 0, 5]), season=2, horizon=2)
    np.testing.assert_allclose(found, [4 / 6, 8 / 6])


def test_recent_changes_are_a_multiple_of_the_usual():
    random = np.random.RandomState(0)
    values = random.normal(size=4000) * np.where(np.arange(4000) < 3800, 1.0, 5.0)
    assert recent_change(values[:3800], 1) == pytest.approx(1, abs=0.25)
    assert recent_change(values[:3900], 7) == pytest.approx((5 + 1 / 4) / (1 + 1 / 4), rel=0.25)
    few = np.array([0.0, 1, 0, 4])  # changes of 1, 1 and 4, all of which are recent
    assert recent_change(few, 1) == recent_change(np.zeros(9), 2) == recent_change(np.zeros(0), 2) == 1
