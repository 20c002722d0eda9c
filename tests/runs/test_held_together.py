import numpy as np

from unspool.runs.held_together import held_out_together
from unspool.runs.reading.preparation import PreparedPart


def _part(prints, groups=None, times=None):
    count = len(prints)
    return PreparedPart(
        np.zeros(count), np.zeros(count), groups, fingerprints=np.array(prints), times=times, raw=lambda: ()
    )


def test_copies_of_a_text_are_held_out_together():
    """Noise whose texts each came three times had a cross-validated accuracy of 98.9%."""
    assert held_out_together([_part([1, 2, 1, 4]), _part([3, 8])], "text", None).tolist() == [0, 1, 0, 3, 2, 4]
    assert held_out_together([_part([1, 2, 3, 4, 5]), _part([2])], "text", None).tolist() == [0, 1, 2, 3, 4, 1]
    assert held_out_together([_part([1, 2, 3, 4, 5]), _part([6])], "text", None) is None


def test_copies_of_a_series_are_held_out_together_unless_it_is_common():
    """Noise whose series each came three times had a cross-validated accuracy of 99.6%."""
    thrice = np.tile(np.arange(20), 3)
    assert held_out_together([_part(thrice)], "series", None).tolist() == thrice.tolist()
    common = np.concatenate([thrice, [99] * 30])
    found = held_out_together([_part(common)], "series", None)
    assert found[:60].tolist() == thrice.tolist()
    assert len(set(found[60:].tolist())) == 30
    assert held_out_together([_part([99] * 30 + [*range(20)])], "series", None) is None


def test_few_copies_of_series_are_not_worth_a_fit_to_each_fold():
    assert held_out_together([_part([*range(300), 0])], "series", None) is None
    assert held_out_together([_part([*range(100), 0])], "series", None) is not None


def test_groups_and_the_order_of_time_come_before_copies():
    groups, copies = np.arange(6) + 5, [1, 2, 3, 4, 5, 1]
    assert held_out_together([_part(copies, groups)], "text", None).tolist() == [5, 6, 7, 8, 9, 10]
    assert held_out_together([_part(copies, times=np.arange(6.0))], "text", None) is None


def test_a_validation_part_of_one_group_is_held_out_as_a_group_too():
    training, validation = _part([1, 2, 3], np.array([5, 5, 6])), _part([4, 8], np.array([7, 7]))
    assert held_out_together([training, validation], "text", None).tolist() == [5, 5, 6, 7, 7]
    assert held_out_together([_part([1, 2], np.array([5, 5])), _part([3], np.array([5]))], "text", None) is None


def test_what_could_not_be_learned_without_copies_is_not_held_out_with_them():
    assert held_out_together([_part([1, 1, 1, 2])], "text", None) is None  # a fold would have no text to learn from
    classes = np.array([0, 0, 1, 1, 0, 0, 0])
    found = held_out_together([_part([1, 1, 9, 9, 3, 4, 5])], "text", classes)
    assert found[0] == found[1]
    assert len(set(found[2:].tolist())) == 5
