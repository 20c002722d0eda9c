"""On how many examples a difference rests."""

import numpy as np
import pytest

from unspool.evaluation.measures import weighted
from unspool.evaluation.resampling import interval_of_mean
from unspool.evaluation.result import Interval
from unspool.evaluation.support import Support, on_few_groups, support_of
from unspool.tasks import Binary, Multiclass, Multilabel, Regression

TRUTH = np.array([0] * 30 + [1] * 10)


def _decided(measure, targets, *outputs):
    return tuple([measure.decisions(targets, one, 0.5)] for one in outputs)


def test_labels_that_weigh_the_same_are_as_sure_as_the_rarer_one():
    units = np.arange(40)
    assert [support_of(Binary.measures[name], TRUTH, units).rarer for name in Binary.measures] == [40, 10, 10, 40]
    speakers = np.repeat(np.arange(8), 5)  # the second label is in the last two
    assert support_of(Binary.measures["auc"], TRUTH, speakers) == Support(drawn=8, rarer=2, apart=8, alike=8)


def test_examples_that_tell_two_models_apart_are_counted():
    outputs = np.where(TRUTH == 1, 0.9, 0.1)
    other = outputs.copy()
    other[[3, 8, 39]] = 0.5 - 0.1 * TRUTH[[3, 8, 39]]
    measure = Binary.measures["accuracy"]
    decided = _decided(measure, TRUTH, outputs, other)
    assert support_of(measure, TRUTH, np.arange(40), decided).apart == 3
    assert support_of(measure, TRUTH, np.repeat(np.arange(8), 5), decided).apart == 3
    assert support_of(measure, TRUTH, np.arange(40) // 20, decided).apart == 2
    more_seeds = tuple(one * 2 for one in decided)
    assert support_of(measure, TRUTH, np.arange(40), more_seeds).apart == 3


@pytest.mark.parametrize(("name", "apart"), [("accuracy", 1), ("balanced_accuracy", 1), ("macro_f1", 2)])
def test_two_wrong_classes_are_as_wrong_unless_each_counts(name, apart):
    truth, one, other = np.array([0, 1, 2]), np.eye(3)[[0, 1, 0]], np.eye(3)[[0, 0, 1]]
    measure = Multiclass.measures[name]
    assert support_of(measure, truth, np.arange(3), _decided(measure, truth, one, other)).apart == apart


def test_labels_of_an_example_are_one_decision():
    truth, one = np.array([[1, 1], [0, 1]]), np.array([[0.9, 0.9], [0.1, 0.9]])
    measure = Multilabel.measures["micro_f1"]
    assert support_of(measure, truth, np.arange(2), _decided(measure, truth, one, 1 - one)).apart == 2


def test_other_numbers_tell_two_models_apart():
    measure, truth = Regression.measures["rmse"], np.arange(40.0)
    one, other = truth + 1, np.where(truth < 4, truth, truth + 1)
    decided = _decided(measure, truth, one, other)
    assert support_of(measure, truth, np.arange(40), decided) == Support(40, 40, 4, 40)
    assert support_of(measure, truth, np.arange(40)) == Support(40, 40, 40, 40)


@pytest.mark.parametrize(
    ("support", "words"),
    [
        (Support(5, 5, 5, 5), "With fewer than 6 test examples, any difference may be chance; here there are 5."),
        (
            Support(60, 1, 60, 60),
            "With fewer than 6 test examples of each label, any difference may be chance; here the rarer one has 1.",
        ),
        (
            Support(60, 60, 4, 60),
            "With fewer than 6 test examples on which the two models differ, any difference may be chance; here there "
            "are 4.",
        ),
    ],
)
def test_too_few_examples_hold_zero_and_say_so(support, words):
    assert support.judged(Interval(0.1, 0.3)) == (Interval(0.0, 0.3), f" {words}")
    assert support.judged(Interval(-0.3, -0.1)) == (Interval(-0.3, 0.0), f" {words}")


def test_a_single_example_of_a_class_weighs_as_much_as_all_of_another():
    """Five classes with one example each, one model right, the other wrong; three with 66 each, both right."""
    truth = np.concatenate([np.arange(3, 8), np.arange(198) % 3])
    has = truth[:, np.newaxis] == np.arange(8)
    right, wrong = (weighted.macro_recall(has, has & (which[:, np.newaxis])) for which in (truth >= 0, truth < 3))
    measure = Multiclass.measures["balanced_accuracy"]
    support = support_of(measure, truth, np.arange(203), figures=([right], [wrong]))
    assert support == Support(203, 203, 203, 5)
    assert support.judged(Interval(0.6, 0.65)) == (
        Interval(0.0, 0.65),
        " With fewer than 6 test examples, any difference may be chance; this one rests on that few, from rare classes "
        "or labels.",
    )
    never = weighted.macro_recall(has, np.zeros_like(has))
    assert support_of(measure, truth, np.arange(203), figures=([right], [never])).alike >= 6
    assert support_of(measure, truth, np.arange(203), figures=([right], [right])).alike == 203


def test_models_that_are_nearly_alike_need_no_explanation():
    assert Support(60, 60, 4, 60).judged(Interval(-0.1, 0.3)) == (Interval(-0.1, 0.3), "")


def test_the_level_decides_how_many_are_enough():
    assert Support(60, 60, 6, 60).judged(Interval(0.1, 0.3)) == (Interval(0.1, 0.3), "")
    assert Support(60, 60, 6, 60).judged(Interval(0.1, 0.3), level=0.99)[0] == Interval(0.0, 0.3)


@pytest.mark.parametrize(
    ("groups", "said"),
    [
        (np.arange(9).repeat(3), "only 9 groups"),
        (np.arange(10).repeat(3), None),  # enough
        (np.arange(9), None),  # each example is its own
        (None, None),
    ],
)
def test_few_groups_bring_a_caution(groups, said):
    found = on_few_groups(groups)
    assert said in found if said else not found


@pytest.mark.parametrize("groups", [10, 30])
def test_intervals_cover_even_if_examples_of_a_group_are_alike(groups):
    """95% is right; if examples were drawn instead of groups, about half of the intervals would cover."""
    random, covered = np.random.default_rng(0), []
    for seed in range(150):
        units = np.arange(groups).repeat(random.integers(5, 30, groups))
        figures = random.normal(size=groups)[units] + random.normal(size=len(units))
        found = [interval_of_mean(figures, of, resamples=200, seed=seed) for of in (units, np.arange(len(units)))]
        covered.append([one.low <= 0 <= one.high for one in found])
    by_group, by_example = np.mean(covered, axis=0)
    assert by_group > 0.88
    assert by_example < 0.7
