from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from unspool.data.drawn_parts import draw_parts, draw_validation
from unspool.data.parts import TEST, TRAINING, VALIDATION
from unspool.data.parts_in_words import kept_words
from unspool.data.splits import TooFew
from unspool.errors import UserError


@settings(deadline=None, max_examples=25)
@given(st.integers(0, 2**31), st.integers(100, 400), st.sampled_from([(0.1, 0.1), (0.2, 0.3)]))
def test_parts_have_their_sizes_and_classes_keep_their_share(
    seed: int, count: int, fractions: tuple[float, float]
) -> None:
    classes = np.where(np.arange(count) % 4 == 0, "rare", "common")
    parts = draw_parts(count, classes=classes, fractions=fractions, seed=seed)
    for part, fraction in ((VALIDATION, fractions[0]), (TEST, fractions[1])):
        held_out = parts == part
        assert abs(held_out.sum() - fraction * count) <= 2
        assert abs((classes[held_out] == "rare").sum() - held_out.sum() / 4) <= 1.5


@settings(deadline=None, max_examples=25)
@given(st.integers(0, 2**31), st.booleans())
def test_a_group_is_in_one_part(seed: int, with_classes: bool) -> None:
    groups = np.random.RandomState(0).randint(0, 60, 300)
    classes = groups % 2 if with_classes else None
    parts = draw_parts(300, classes=classes, groups=groups, seed=seed)
    for group in np.unique(groups):
        assert len(np.unique(parts[groups == group])) == 1
    assert set(parts) == {TRAINING, VALIDATION, TEST}


def test_the_newest_rows_are_the_test_and_those_of_one_time_stay_together() -> None:
    times = np.random.RandomState(0).permutation(np.repeat(np.arange(50.0), 4))
    parts = draw_parts(200, times=times, classes=np.arange(200) % 2)
    assert times[parts == TRAINING].max() < times[parts == VALIDATION].min()
    assert times[parts == VALIDATION].max() < times[parts == TEST].min()
    assert np.bincount(parts).tolist() == [160, 20, 20]


def test_a_given_part_stays_and_only_the_missing_one_is_drawn() -> None:
    given_parts = np.zeros(200, dtype=np.int8)
    given_parts[150:] = TEST
    parts = draw_parts(200, classes=np.arange(200) % 2, given=given_parts)
    assert (parts[150:] == TEST).all()
    assert np.bincount(parts).tolist() == [135, 15, 50]
    assert given_parts.max() == TEST
    assert (given_parts != VALIDATION).all()


def test_where_everything_is_given_nothing_is_drawn() -> None:
    everything = np.array([0, 1, 2, 0], dtype=np.int8)
    assert draw_parts(4, classes=np.array([0, 1, 0, 1]), given=everything).tolist() == [0, 1, 2, 0]


def test_rare_labels_stay_in_training_with_the_groups_they_are_in() -> None:
    classes = np.array(["a"] * 100 + ["b"] * 100 + ["rare"] * 9)
    for seed in range(5):
        parts = draw_parts(209, classes=classes, seed=seed)
        assert (parts[200:] == TRAINING).all()
        assert np.bincount(parts[:200]).tolist() == [160, 20, 20]
        groups = np.concatenate([np.arange(200) // 2, np.arange(9) * 10])
        grouped = draw_parts(209, classes=classes, groups=groups, seed=seed)
        assert (grouped[np.isin(groups, np.arange(9) * 10)] == TRAINING).all()


@pytest.mark.parametrize("grouped", [False, True])
def test_rare_labels_that_are_many_together_are_in_every_part(grouped: bool) -> None:
    """Without them, a test would be easier than new examples are."""
    classes = np.array(["a"] * 100 + ["b"] * 100 + [f"rare {number // 4}" for number in range(80)], dtype=object)
    groups = np.arange(len(classes))
    if grouped:
        classes, groups = np.repeat(classes, 2), np.repeat(groups, 2)
    for seed in range(5):
        parts = draw_parts(len(classes), classes=classes, groups=groups if grouped else None, seed=seed)
        rare = parts[np.char.startswith(classes.astype(str), "rare")][:: 2 if grouped else 1]
        assert np.bincount(rare)[[VALIDATION, TEST]] == pytest.approx([7, 6], abs=1)
        assert set(classes[parts == TRAINING]) == set(classes)
        assert not set(groups[parts == TRAINING]) & set(groups[parts != TRAINING])


@pytest.mark.parametrize("count", [9, 11])
def test_rare_labels_go_where_their_groups_go_if_few_groups_are_without_them(count: int) -> None:
    groups = np.repeat(np.arange(count), 20)
    classes = np.array(["a", "b"], dtype=object)[np.arange(len(groups)) // 20 % 2]
    classes[np.arange(9) * 20] = "rare"
    classes[np.arange(1, 4)] = "of one group"
    for seed in range(5):
        parts = draw_parts(len(groups), classes=classes, groups=groups, seed=seed)
        assert np.bincount(parts).min() >= 20
        assert np.bincount(parts)[TEST] == 40
        assert all(len(set(parts[groups == group].tolist())) == 1 for group in range(count))
        assert (parts[groups == 0] == TRAINING).all()


def test_rare_labels_of_one_group_each_leave_too_few_groups() -> None:
    groups = np.repeat(np.arange(8), 20)
    classes = np.array(["a", "b"], dtype=object)[np.arange(160) % 2]
    classes[np.arange(8) * 20] = [f"rare {group}" for group in range(8)]
    with pytest.raises(TooFew, match="Too few groups can be set aside: each of the others has all examples of a label"):
        draw_parts(160, classes=classes, groups=groups, by="column who")


@pytest.mark.parametrize("known", [{}, {"classes": np.arange(100) % 2}, {"groups": np.arange(100) // 2}])
def test_the_seed_decides(known: dict[str, Any]) -> None:
    first, again, other = (draw_parts(100, seed=seed, **known).tolist() for seed in (0, 0, 1))
    assert first == again
    assert first != other


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"count": 100, "fractions": (0.0, 0.1)}, "A fraction to hold out is 0.0"),
        ({"count": 100, "fractions": (0.1, 0.5)}, "A fraction to hold out is 0.5"),
        ({"count": 4, "classes": np.array(["a", "b", "b", "b"])}, "too few .*1 of label a, 3 of label b"),
        ({"count": 3}, r"too few examples \(2\) to hold out 0.1"),
        ({"count": 50, "groups": np.zeros(50, dtype=int)}, r"Too few examples are different .*: 1 of 50\."),
        ({"count": 50, "times": np.zeros(50)}, "too many of the 50 rows have the same"),
        ({"count": 0, "times": np.zeros(0)}, "no rows to hold some out by time"),
    ],
)
def test_what_cannot_be_parted_is_explained(settings: dict[str, object], message: str) -> None:
    with pytest.raises(UserError, match=message):
        draw_parts(**settings)  # type: ignore[arg-type]


def test_labels_of_one_group_only_stay_in_training_and_are_named() -> None:
    groups = np.repeat(np.arange(41), 5)
    classes = np.where(groups % 2 == 0, "a", "b").astype(object)
    classes[groups == 40] = "c"
    parts = draw_parts(len(groups), classes=classes, groups=groups)
    assert (parts[groups == 40] == TRAINING).all()
    assert set(parts.tolist()) == {TRAINING, VALIDATION, TEST}
    given = np.zeros(len(groups), dtype=np.int8)
    assert list(kept_words(given, classes, groups, "author")) == [
        "labels that stay in training, as each has one author only: c"
    ]
    assert list(kept_words(given, classes, groups, None)) == list(kept_words(given, None, groups, "author")) == []


@pytest.mark.parametrize(("count", "fewest", "drawn"), [(6, 1, 1), (6, 2, 1), (7, 2, 2), (10, 2, 2), (20, 2, 2)])
def test_validation_has_as_many_rows_as_it_needs(count: int, fewest: int, drawn: int) -> None:
    assert (draw_parts(count, fewest_validation=fewest) == VALIDATION).sum() == drawn


@pytest.mark.parametrize(("count", "fewest", "drawn"), [(4, 2, 1), (5, 2, 2), (14, 2, 2), (20, 3, 3), (40, 3, 4)])
def test_the_test_has_as_many_rows_as_it_needs(count: int, fewest: int, drawn: int) -> None:
    assert (draw_parts(count, fewest=fewest) == TEST).sum() == drawn
    groups = np.repeat(np.arange(count), 2)
    assert (draw_parts(2 * count, groups=groups, fewest=fewest) == TEST).sum() == 2 * drawn


def test_five_examples_of_each_label_are_enough() -> None:
    parts = draw_parts(15, classes=np.arange(15) % 3)
    assert np.bincount(parts).tolist() == [9, 3, 3]
    assert np.bincount(parts[::3], minlength=3).tolist() == [3, 1, 1]


def test_validation_is_drawn_from_all_rows_where_classes_are_too_small_for_a_share() -> None:
    classes = np.repeat(np.arange(20), 2)
    parts = draw_parts(
        60, classes=np.concatenate((classes, np.arange(20))), given=np.repeat([0, 2], [40, 20]).astype(np.int8)
    )
    assert np.bincount(parts).tolist() == [36, 4, 20]
    with pytest.raises(UserError, match="too few examples to set aside"):
        draw_parts(40, classes=classes)


@pytest.mark.parametrize("grouped", [False, True])
def test_validation_leaves_training_an_example_of_each_label(grouped: bool) -> None:
    """Too few of some labels for a share: one has a single row or group, another two."""
    classes = np.array(["a"] * 10 + ["b"] * 9 + ["c"] + ["d"] * 2, dtype=object)
    groups = np.arange(len(classes))
    if grouped:
        classes, groups = np.repeat(classes, 3), np.repeat(groups, 3)
        classes[1] = "e"  # all of whose rows are in a group of "a"
    for seed in range(40):
        training, validation = draw_validation(len(classes), classes, groups if grouped else None, 0.1, seed)
        assert len(np.unique(groups[validation])) == 2
        assert not set(groups[training]) & set(groups[validation])
        assert set(classes[training]) == set(classes)


def test_texts_that_many_labels_share_are_held_out_regardless_of_label() -> None:
    """Names of holidays by country: the same names recur, and there are more countries than names to hold out."""
    random = np.random.RandomState(0)
    groups = random.randint(0, 300, 2400)
    classes = np.array([f"country {number}" for number in random.randint(0, 200, 2400)], dtype=object)
    parts = draw_parts(2400, classes=classes, groups=groups)
    names = [set(groups[parts == part]) for part in (TRAINING, VALIDATION, TEST)]
    assert len(names[TEST]) == 30
    assert len(names[VALIDATION]) >= 20
    assert set.union(*names) == set(groups)
    assert set(classes[parts == TRAINING]) == set(classes)
    with pytest.raises(UserError, match="Too few examples are different"):  # six names are no test
        draw_parts(480, classes=classes[:480], groups=groups[:480] % 60)


def test_rows_are_held_out_regardless_of_label_if_there_are_more_labels_than_rows_to_hold_out() -> None:
    """As of texts with copies: whether one of many texts is there twice must not decide whether a file is refused."""
    classes = np.concatenate((np.arange(100) % 95, np.arange(300) // 3 + 95))  # of one, two or three rows
    parts = draw_parts(400, classes=classes)
    assert np.bincount(parts).tolist() == [320, 40, 40]
    assert set(classes[parts == TRAINING]) == set(classes)


def test_validation_takes_the_only_examples_of_labels_if_there_are_no_others() -> None:
    training, validation = draw_validation(10, np.array([*range(9), 0]), None, 0.3, seed=0)
    assert len(validation) == 3
    assert len({9, 0} & set(validation.tolist())) == 1
    assert len(training) == 7


@pytest.mark.parametrize("with_classes", [False, True])
@pytest.mark.parametrize(("count", "drawn"), [(5, 2), (10, 2), (11, 2), (30, 3)])
def test_two_groups_are_the_test_where_there_are_five_or_more(with_classes: bool, count: int, drawn: int) -> None:
    groups = np.repeat(np.arange(count), 8)
    classes = np.arange(len(groups)) % 2 if with_classes else None
    parts = draw_parts(len(groups), classes=classes, groups=groups)
    assert [len(np.unique(groups[parts == part])) >= 1 for part in (TRAINING, VALIDATION)] == [True, True]
    assert len(np.unique(groups[parts == TEST])) == drawn


def test_a_class_of_two_groups_is_not_held_out_whole() -> None:
    """Groups are drawn by the label that most of their rows have, which is not the rare one."""
    groups = np.repeat(np.arange(60), 2)
    classes = np.array(["ok"] * 120, dtype=object)
    classes[4:40:4], classes[[40, 44]] = "mild", "severe"
    for seed in (*range(10), 148, 248, 295):
        parts = draw_parts(120, classes=classes, groups=groups, seed=seed)
        assert set(classes[parts == TRAINING]) == {"ok", "mild", "severe"}
        assert all(len(set(parts[groups == group])) == 1 for group in groups)
        assert (parts == TEST).any()


def test_the_column_of_groups_that_cannot_be_set_aside_is_named():
    groups = np.arange(40) % 8
    told = r"^No group can be set aside: .* with the same value in column who\. .*; or name a column with more"
    with pytest.raises(UserError, match=told):
        draw_parts(40, classes=groups, groups=groups, by="column who")


@pytest.mark.parametrize("there", [1, 2, 3, 4])
def test_too_few_groups_get_one_message(there):
    """What was said of two groups differed with the labels, and four gave a test of one, which has no interval."""
    groups = np.arange(40) % there
    found = "only one value" if there == 1 else f"only {there} different values"
    told = f"^Column who has {found}, so there .* for validation and the test. Use data with at least 5 groups, or"
    for classes in (None, np.arange(40) // 4 % 2, groups == 0):
        if classes is None or len(np.unique(classes)) == 2:
            with pytest.raises(UserError, match=told):
                draw_parts(40, classes=classes, groups=groups, by="column who")


@pytest.mark.parametrize(
    ("given", "there", "told"),
    [
        (TEST, 2, r"only 2 different values in training, so .* for validation\. Use data with at least 3 groups"),
        (VALIDATION, 3, r"only 3 different values in training, so .* for the test\. Use data with at least 5 groups"),
    ],
)
def test_only_groups_of_training_rows_are_counted(given, there, told):
    parts = np.repeat([TRAINING, given], 40).astype(np.int8)
    groups = np.concatenate([np.arange(40) % there, 10 + np.arange(40) % 8])
    with pytest.raises(UserError, match=told):
        draw_parts(80, groups=groups, by="column who", given=parts)


def test_groups_of_an_array_have_no_other_column():
    with pytest.raises(
        UserError, match=r"^Array groups has .* Use data with at least 5 groups\. You can also"
    ) as caught:
        draw_parts(40, groups=np.arange(40) % 3, by="array groups")
    assert "--group" not in str(caught.value)


@pytest.mark.parametrize("classes", [None, np.arange(40) // 4 % 2])
def test_four_groups_are_enough_if_more_is_held_out(classes):
    groups = np.arange(40) % 4
    told = r"hold out more: --set data\.test_fraction=0\.4 --set data\.validation_fraction=0\.2\."
    with pytest.raises(UserError, match=told):
        draw_parts(40, classes=classes, groups=groups, by="column who")
    parts = draw_parts(40, classes=classes, groups=groups, by="column who", fractions=(0.2, 0.4))
    assert np.bincount(parts).tolist() == [10, 10, 20]
    with pytest.raises(UserError) as caught:  # two groups of each label are not
        draw_parts(40, classes=groups % 2, groups=groups, by="column who")
    assert "fraction" not in str(caught.value)


def test_copies_are_not_called_groups():
    copies = np.arange(40) % 4
    told = r"^Too few examples are different .*: 4 of 40 \(label a: 2, label b: 2\)\. Copies of an example are kept "
    with pytest.raises(UserError, match=told) as caught:
        draw_parts(40, classes=np.array(["a", "b"])[copies % 2], groups=copies)
    assert "group" not in str(caught.value)
    with pytest.raises(UserError, match=r": 2 of 40\. Copies .* Use data with more different examples\.$"):
        draw_parts(40, groups=copies % 2)


def test_copies_are_blamed_only_if_they_are_the_cause():
    with pytest.raises(UserError, match=r"3 of label c\): .* hold out more, as in --set data\.test_fraction=0\.34\.$"):
        draw_parts(9, classes=np.array(["a", "b", "c"])[np.arange(9) % 3], groups=np.minimum(np.arange(9), 7))
