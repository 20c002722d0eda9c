import tracemalloc

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from unspool.data.splits import TooFew, _majority_classes, random_split, stratified_split
from unspool.errors import UserError


@settings(deadline=None)
@given(st.integers(10, 60), st.integers(10, 60), st.sampled_from([0.1, 0.2, 0.5]), st.integers(0, 2**32 - 1))
def test_every_example_is_on_one_side_and_classes_keep_their_share(
    negatives: int, positives: int, fraction: float, seed: int
) -> None:
    labels = np.random.RandomState(0).permutation([0] * negatives + [1] * positives)
    training, validation = stratified_split(labels, fraction, seed)
    assert sorted([*training, *validation]) == list(range(len(labels)))
    assert training.tolist() == sorted(training)
    assert validation.tolist() == sorted(validation)
    assert abs(labels[validation].sum() - len(validation) * labels.mean()) < 1
    assert abs(len(validation) - fraction * len(labels)) <= 1


@settings(deadline=None)
@given(st.integers(0, 2**32 - 1), st.sampled_from([0.1, 0.25]))
def test_no_group_is_on_both_sides(seed: int, fraction: float) -> None:
    groups = np.repeat(np.random.RandomState(1).permutation(100), 3)
    labels = np.where(groups % 4 == 0, 1, 0)  # 25 groups of class 1
    training, validation = stratified_split(labels, fraction, seed, groups=groups)
    assert set(groups[training]).isdisjoint(groups[validation])
    assert sorted([*training, *validation]) == list(range(300))
    assert len(validation) == 300 * fraction
    assert abs(labels[validation].mean() - 0.25) <= 0.1


def test_groups_that_hold_both_classes_can_be_split() -> None:
    labels, groups = np.tile([1, 0], 50), np.repeat(np.arange(50), 2)
    training, validation = stratified_split(labels, 0.2, seed=3, groups=groups)
    assert len(training) == 80
    assert labels[validation].sum() == 10
    assert (validation[::2] + 1 == validation[1::2]).all()


@pytest.mark.parametrize("seed", range(5))
def test_a_mixed_group_counts_as_the_class_that_most_of_it_has(seed: int) -> None:
    labels = np.array([0, 0, 1] * 10 + [0, 0, 2] * 10 + [1, 1, 0] * 10 + [1, 1, 2] * 10)
    groups = np.repeat(np.arange(40), 3)  # 20 mostly of class 0, then 20 mostly of class 1
    _, validation = stratified_split(labels, 0.2, seed, groups=groups)
    assert np.count_nonzero(groups[validation] < 20) == np.count_nonzero(groups[validation] >= 20) == 4 * 3


def test_the_majority_is_the_lowest_of_equally_common_classes() -> None:
    random = np.random.RandomState(0)
    classes, groups = random.randint(0, 4, 300), random.randint(0, 90, 300) * 7
    found, group_of = _majority_classes(classes, groups)
    assert found[group_of].tolist() == [np.bincount(classes[groups == group]).argmax() for group in groups]


def test_many_groups_and_classes_take_little_memory() -> None:
    count = 4_000
    tracemalloc.start()
    _majority_classes(np.arange(count) % 1_000, np.arange(count))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 500 * count


def test_the_seed_decides() -> None:
    labels = [0, 1] * 50
    first, again, other = (stratified_split(labels, 0.1, seed)[1].tolist() for seed in (0, 0, 1))
    assert first == again
    assert first != other


def test_labels_may_be_words() -> None:
    training, validation = stratified_split(["good", "bad"] * 10, 0.2, seed=0)
    assert (len(training), len(validation)) == (16, 4)


@pytest.mark.parametrize(
    ("labels", "fraction", "message"),
    [
        ([1, 1, 1], 0.2, "all 3 examples have the label 1"),
        ([], 0.2, "there are no examples"),
        ([0, 1] * 10, 0.0, "fraction is 0.0"),
        ([0, 1] * 10, 1.0, "fraction is 1.0"),
        ([0, 1] * 10, float("nan"), "fraction is nan"),
        ([0] * 10 + [1], 0.2, r"too few examples .*\(10 of label 0, 1 of label 1\)"),
        ([0, 0, 1, 1], 0.1, r"too few examples .*\(2 of label 0, 2 of label 1\)"),
    ],
)
def test_what_cannot_be_split_is_explained(labels: list[int], fraction: float, message: str) -> None:
    with pytest.raises(UserError, match=message):
        stratified_split(labels, fraction, seed=0)


def test_too_few_groups_are_explained() -> None:
    with pytest.raises(UserError, match="too few groups"):
        stratified_split([0, 1, 1, 1], 0.5, seed=0, groups=[0, 0, 0, 1])


@pytest.mark.parametrize("majorities", [(3, 8, 7), (1, 10, 9), (8, 8, 2)])
def test_groups_that_hold_every_class_are_drawn_whatever_most_of_each_has(majorities: tuple[int, ...]) -> None:
    most = np.repeat(np.arange(3), majorities)
    labels = np.concatenate([[0, 0, 1, 1, 2, 2, name, name] for name in most])
    groups = np.arange(len(most)).repeat(8)
    training, held_out = stratified_split(labels, 0.1, 0, groups)
    assert set(groups[training]).isdisjoint(groups[held_out])
    assert len(set(groups[held_out])) == 2
    pure = most.repeat(8)
    if min(majorities) > 1:
        with pytest.raises(TooFew, match="a group counts for its most frequent label"):
            stratified_split(pure, 0.1, 0, groups)


def test_groups_that_are_the_labels_are_explained() -> None:
    with pytest.raises(UserError, match="all examples of each label are in one group"):
        stratified_split([0, 0, 1, 1], 0.5, seed=0, groups=[5, 5, 7, 7])


def test_groups_must_be_as_many_as_labels() -> None:
    with pytest.raises(ValueError, match="shape"):
        stratified_split([0, 1], 0.5, seed=0, groups=[0])


def test_a_class_in_one_group_only_stays_in_training_with_its_group() -> None:
    groups = np.repeat(np.arange(41), 5)
    labels = np.where(groups % 2 == 0, 0, 1)
    labels[groups == 40] = 2
    labels[groups == 7] = [1, 1, 1, 3, 3]
    for seed in range(5):
        training, validation = stratified_split(labels, 0.2, seed, groups=groups)
        assert {7, 40} <= set(groups[training].tolist())
        assert set(groups[training]).isdisjoint(groups[validation])
        assert set(labels[validation].tolist()) == {0, 1}


@pytest.mark.parametrize("groups", [None, np.arange(15)])
def test_one_of_each_class_is_drawn_where_the_fraction_is_less_and_each_has_five(groups: object) -> None:
    labels = ["a", "b", "c"] * 5
    training, validation = stratified_split(labels, 0.1, seed=0, groups=groups)
    assert sorted(labels[row] for row in validation) == ["a", "b", "c"]
    assert len(training) == 12


@pytest.mark.parametrize(("labels", "each"), [(2, 3), (60, 3)])
def test_the_fraction_that_is_named_helps(labels: int, each: int) -> None:
    classes = np.repeat(np.arange(labels), each)
    with pytest.raises(UserError, match="or hold out more") as refused:
        stratified_split(classes, 0.1, seed=0)
    fraction = float(str(refused.value).removesuffix(".").rpartition("data.test_fraction=")[2])
    training, held_out = stratified_split(classes, fraction, seed=0)
    assert set(classes[held_out]) == set(classes[training]) == set(range(labels))


@pytest.mark.parametrize("classes", [[0] * 10 + [1], [0, 0, 1, 1]])
def test_no_fraction_is_named_where_none_helps(classes: list[int]) -> None:
    with pytest.raises(UserError, match=r"Give 5 or more examples of each label\.$"):
        stratified_split(classes, 0.1, seed=0)


@pytest.mark.parametrize(
    ("groups", "fraction", "told"),
    [
        (np.arange(2), 0.1, r"too few examples \(2\) to hold out 0\.1 of them\. Give more, or hold out a larger"),
        (np.arange(40) % 2, 0.1, r"too few groups \(2\) to hold out 0\.1 of them\. Give more, or hold out a larger"),
        (np.arange(3), 0.9, r"too few examples \(3\) to hold out 0\.9 of them\. Give more, or hold out a smaller"),
    ],
)
def test_what_cannot_be_drawn_at_random_is_told(groups, fraction, told):
    with pytest.raises(TooFew, match=told):
        random_split(groups, fraction, seed=0)
