"""Windows of time: what is learned from is earlier than what is held out."""

import numpy as np
import pytest

from unspool.candidates.windows import expanding_windows, last_window, usable


def test_what_is_learned_from_is_earlier_and_grows():
    times = np.random.default_rng(0).permutation(60)
    windows = expanding_windows(times)
    assert len(windows) == 5
    for rest, held in windows:
        assert times[rest].max() < times[held].min()
    assert [len(rest) for rest, _ in windows] == [10, 20, 30, 40, 50]
    assert sorted(np.concatenate([held for _, held in windows]).tolist()) == np.flatnonzero(times >= 10).tolist()


def test_examples_of_one_time_stay_together():
    times = np.repeat([1, 2, 3], [5, 40, 3])
    for rest, held in expanding_windows(times):
        assert not set(times[rest]) & set(times[held])
    assert len(expanding_windows([7, 7, 7, 8])) == 1
    assert expanding_windows([7, 7, 7]) == []


def test_a_group_that_is_held_out_is_not_learned_from():
    times = np.arange(40)
    groups = np.repeat(np.arange(10), 4)
    groups[38:] = 0  # one that comes back
    for rest, held in expanding_windows(times, 3, groups=groups):
        assert len(rest)
        assert not set(groups[rest]) & set(groups[held])


def test_groups_that_last_all_the_time_are_parted():
    windows = expanding_windows(np.arange(40), groups=np.arange(40) % 2)
    assert [len(rest) for rest, _ in windows] == [6, 13, 20, 26, 33]


def test_without_two_classes_there_is_nothing_to_learn_from():
    labels = np.repeat([0, 1], [30, 30])
    labels[31::2] = 0
    windows = expanding_windows(np.arange(60), labels=labels)
    assert [len(rest) for rest, _ in windows] == [40, 50]
    assert usable([(np.array([0, 59]), np.array([1]))], np.repeat([1, 0], [30, 30])) != []
    assert usable([(np.array([0, 1]), np.array([59]))], labels) == []


def test_windows_must_hold_out_two_labels():
    """Scores of the held-out examples failed after all models had been compared."""
    times, rare = np.arange(60), np.isin(np.arange(60), [1, 4, 7, 9])
    assert expanding_windows(times, labels=rare) == []
    assert last_window(times, 5, labels=rare) is None
    rare[15] = True
    assert len(expanding_windows(times, labels=rare)) == 5
    assert last_window(times, 5, labels=rare)[1].tolist() == list(range(10, 20))


def test_windows_that_share_groups_are_no_way_out_of_one_label():
    """Those without shared groups hold out one label alone: folds of whole groups serve then."""
    groups, rare = np.arange(60) // 3, np.zeros(60, bool)
    rare[[1, 4, 7, 12]] = True  # 12 is in a group of 13 and 14, all of which are held out
    groups[59] = 4
    assert expanding_windows(np.arange(60), labels=rare, groups=groups) == [] or all(
        not set(groups[rest]) & set(groups[held])
        for rest, held in expanding_windows(np.arange(60), labels=rare, groups=groups)
    )
    rare[12] = False
    assert expanding_windows(np.arange(60), labels=rare, groups=groups) == []
    assert last_window(np.arange(60), 5, labels=rare, groups=groups) is None


@pytest.mark.parametrize("how", ["plain", "labels", "groups", "groups that last", "equal times"])
def test_the_last_window_is_the_last_of_all(how):
    random = np.random.default_rng(2)
    times = np.full(60, 7) if how == "equal times" else random.integers(0, 40, 60)
    labels = (times > 30).astype(int) if how == "labels" else None
    groups = {"groups": times // 4, "groups that last": np.arange(60) % 2}.get(how)
    windows = expanding_windows(times, 9, labels=labels, groups=groups)
    found = last_window(times, 9, labels=labels, groups=groups)
    if not windows:
        assert found is None
    else:
        for one, other in zip(found, windows[-1], strict=True):
            np.testing.assert_array_equal(one, other)
