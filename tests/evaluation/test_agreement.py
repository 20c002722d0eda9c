import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from unspool.evaluation.agreement import agreements_of, decided_classes
from unspool.evaluation.contenders import Answers

CLASSES = st.lists(st.tuples(*[st.integers(0, 2)] * 4), min_size=1, max_size=40)


@given(CLASSES)
def test_every_example_is_counted_once_for_each_pair(rows):
    targets, *models = np.array(rows).T
    decided = dict(zip(("one", "other", "third"), models, strict=True))
    found = agreements_of(decided, targets)
    assert [(one.first, one.second) for one in found] == [("one", "other"), ("one", "third"), ("other", "third")]
    for one in found:
        assert one.both + one.first_only + one.second_only + one.neither == len(rows)
        assert one.both + one.first_only == (decided[one.first] == targets).sum()
        assert one.both + one.second_only == (decided[one.second] == targets).sum()


def test_two_labels_are_cut_at_the_threshold_and_at_one_half_without_one():
    outputs = np.array([0.3, 0.5, 0.7])
    assert decided_classes(Answers(outputs, 0.7)).tolist() == [0, 0, 1]
    assert decided_classes(Answers(outputs, None)).tolist() == [0, 1, 1]
