"""The choice of a model, of texts and of series, where examples have groups or times."""

import numpy as np
import pytest

from unspool.candidates import choose
from unspool.candidates.choice import compare_baselines, gathered
from unspool.candidates.examples import Examples
from unspool.candidates.held_out import held_out_parts
from unspool.errors import UserError


@pytest.fixture(scope="module")
def growing():
    """Windows of numbers that grow, with the number that comes next."""
    numbers = 100 + 3 * np.arange(90) + 10 * np.sin(np.arange(90)) + np.random.default_rng(0).normal(size=90)
    windows = [numbers[at - 8 : at, None].astype(np.float32) for at in range(8, 90)]
    return windows, numbers[8:], np.arange(82.0)


@pytest.mark.whole
def test_series_in_the_order_of_time_are_scored_on_later_ones(growing):
    series, numbers, times = growing
    names = ["raw values", "quantile"]
    by_chance = choose("series", Examples(series, numbers, "regression"), names)
    by_time = choose("series", Examples(series, numbers, "regression", times=times), names)
    assert by_time.by_time
    assert not by_chance.by_time
    assert by_time.model.name == "raw values"
    trees = [next(one.score for one in choice.tried if one.name == "quantile") for choice in (by_chance, by_time)]
    assert trees[1] > 2 * trees[0]  # trees do not say numbers beyond those that they know
    assert by_time.rows.min() > 0
    assert by_time.rows.max() == 81
    error = np.sqrt(np.square(by_time.held_out - numbers[by_time.rows]).mean())
    assert error == pytest.approx(next(one.score for one in by_time.tried if one.name == "raw values"))


def test_baselines_are_held_out_in_the_order_of_time(growing):
    series, numbers, times = growing
    names = ["raw values"]
    found = compare_baselines("series", Examples(series, numbers, "regression", times=times), names)["raw values"]
    assert found.rows.min() > 0
    assert len(found.rows) < len(series)
    assert found.seconds > 0
    assert found.fit().name == "raw values"


def test_groups_of_series_are_held_out_whole():
    """A neighbour in the same group knows the label; in another group it knows nothing."""
    random = np.random.default_rng(0)
    groups = np.repeat(np.arange(20), 5)
    shapes = random.normal(size=(20, 12, 1))
    series = [(shapes[group] + 0.01 * random.normal(size=(12, 1))).astype(np.float32) for group in groups]
    labels = random.permutation(np.arange(20) % 2)[groups]
    names = ["nearest neighbour"]
    alone = choose("series", Examples(series, labels, "binary"), names)
    together = choose("series", Examples(series, labels, "binary", groups=groups), names)
    assert alone.tried[0].score == 1.0
    assert together.tried[0].score < 0.8
    assert alone.model.outputs(series).max() > 0.95
    assert together.model.outputs(series).max() < 0.8  # as sure as it is right in other groups


def test_a_class_that_comes_late_is_not_scored_before_it_is_known():
    series = [np.full((6, 1), value, np.float32) for value in np.linspace(0, 1, 60)]
    labels = np.where(np.arange(60) < 45, np.arange(60) % 2, 2)
    choice = choose("series", Examples(series, labels, "multiclass", times=np.arange(60.0)), ["raw values"])
    assert choice.held_out.shape[1] == 3
    assert set(labels[choice.rows]) == {0, 1, 2}
    assert not {45, 46, 47, 48, 49} & set(choice.rows.tolist())  # held out by models that knew no 2


def test_texts_in_the_order_of_time_are_scored_on_later_ones():
    """A word changes its meaning half way: by chance it is told as well as not."""
    count = 200
    labels = np.arange(count) % 2
    names = ["early" if time < 140 else "late" for time in range(count)]
    texts = [
        f"{name}{label if name == 'early' else 1 - label} word{time}"
        for time, (name, label) in enumerate(zip(names, labels, strict=True))
    ]
    choice = choose("text", Examples(texts, labels, "binary", times=np.arange(count * 1.0)), ["nb-words"])
    assert choice.by_time
    assert choice.rows.min() == 33
    first_late = np.isin(choice.rows, np.arange(140, 160))
    assert not np.any(np.abs(choice.held_out[first_late] - 0.5) > 0.45)


def test_a_blend_that_is_asked_for_alone_brings_what_it_blends(growing):
    series, numbers, _ = growing
    choice = choose("series", Examples(series[:24], numbers[:24], "regression"), ["blend"])
    partners = ["statistics", "raw values", "competing kernels", "forest", "convolution", "quantile", "blend"]
    assert [one.name for one in choice.tried if one.score is not None] == partners
    assert [one.note for one in choice.tried if one.score is None] == ["it is tried only with 2,000 series or more"]


def test_of_what_was_compared_only_baselines_are_kept():
    texts = [f"{'fine' if row % 2 else 'dull'} film {row % 7}" for row in range(60)]
    names = ["nb-words", "words+characters", "tfidf"]
    choice = choose("text", Examples(texts, np.arange(60) % 2, "binary"), names)
    assert list(choice.compared) == ["nb-words", "words+characters"]
    same = choice.compared[choice.model.name]
    np.testing.assert_array_equal(same.held_out, choice.held_out)
    np.testing.assert_array_equal(same.fit().outputs(texts), choice.model.outputs(texts))


@pytest.mark.parametrize("in_time", [False, True])
def test_a_baseline_of_series_is_the_same_whether_the_choice_has_fitted_it_or_not(growing, in_time):
    series, numbers, times = growing
    examples = Examples(series, numbers, "regression", times=times if in_time else None)
    choice = choose("series", examples, ["statistics", "forest", "quantile"])
    assert set(choice.compared) == {"statistics", "forest"}
    again = compare_baselines("series", examples, ["forest"])["forest"]
    known = choice.compared["forest"]
    np.testing.assert_array_equal(known.rows, again.rows)
    np.testing.assert_array_equal(known.held_out, again.held_out)
    np.testing.assert_array_equal(known.fit().outputs(series), again.fit().outputs(series))
    score = next(one.score for one in choice.tried if one.name == "forest")
    assert np.sqrt(np.square(known.held_out - numbers[known.rows]).mean()) == pytest.approx(score)


def test_the_parts_are_those_that_a_baseline_holds_out():
    targets = np.arange(60) % 2
    groups = np.arange(60) // 4
    texts = [f"{'fine' if target else 'dull'} film {row % 7}" for row, target in enumerate(targets)]
    for known in (None, groups):
        parts = held_out_parts("text", targets, "binary", groups=known)
        found = compare_baselines("text", Examples(texts, targets, "binary", groups=known), ["nb-words"])["nb-words"]
        assert sorted(row for _, held in parts for row in held) == found.rows.tolist()
        assert known is None or all(not set(known[rest]) & set(known[held]) for rest, held in parts)


@pytest.mark.parametrize("kind", ["text", "series"])
def test_in_the_order_of_time_a_group_that_is_held_out_is_not_learned_from(kind):
    times, groups = np.arange(60.0), np.arange(60) // 4
    groups[57:] = 0  # one that comes back
    parts = held_out_parts(kind, np.arange(60) % 2, "binary", groups=groups, times=times)
    assert len(parts) == 5
    for rest, held in parts:
        assert times[rest].max() < times[held].min()
        assert not set(groups[rest]) & set(groups[held])


@pytest.mark.parametrize("name", ["columns", "column-trees"])
def test_models_of_columns_are_refused_where_texts_have_none(name):
    texts = gathered("text", ["a fine film", "a bore"] * 10)
    examples = Examples(texts, np.arange(20) % 2, "binary")
    with pytest.raises(
        UserError, match=rf"^There is no model '{name}' for texts without columns beside them\. There are"
    ):
        choose("text", examples, ["nb-words", name])


def test_labels_of_one_series_each_are_learned_though_none_can_be_held_out():
    """A fit without the only series of a label cannot predict it, which says nothing of the model."""
    shapes = np.random.default_rng(0).normal(size=(8, 40, 1)).astype(np.float32)
    labels = np.arange(8)
    names = ["raw values", "nearest neighbour", "competing kernels", "forest"]
    choice = choose("series", Examples(list(shapes), labels, "multiclass"), names)
    assert choice.name == "blend"
    assert choice.why.startswith("no label has two series")
    outputs = choice.model.outputs([shape + 0.01 for shape in shapes])
    assert outputs.argmax(axis=1).tolist() == labels.tolist()
    assert outputs.max() > 0.3  # not as unsure as a model that is always wrong
    assert (choice.held_out == 1 / 8).all()


@pytest.mark.parametrize("name", ["raw values", "nearest neighbour", "forest"])
def test_a_label_of_one_series_does_not_count_against_a_model(name):
    random = np.random.default_rng(0)
    shapes = random.normal(size=(6, 20, 1))
    numbers = np.array([0, 1] * 6 + [2, 3, 4, 5])  # four labels of one series each
    series = [(shapes[number] + 0.1 * random.normal(size=(20, 1))).astype(np.float32) for number in numbers]
    choice = choose("series", Examples(series, numbers, "multiclass"), [name])
    assert choice.rows.tolist() == list(range(12))
    assert choice.tried[0].score == 1.0
    assert (choice.model.outputs(series).argmax(axis=1) == numbers).all()


@pytest.mark.parametrize("missing", [0, 1, 2])
def test_a_class_without_a_training_example_is_among_the_outputs_wherever_its_name_sorts(missing):
    """The last of three was not, so that the test, which had it, could not be scored after the whole training."""
    random = np.random.default_rng(0)
    labels = np.delete(np.arange(3), missing)[np.arange(30) % 2]
    series = [(label + 0.1 * random.normal(size=(9, 1))).astype(np.float32) for label in labels]
    names = ["statistics", "nearest neighbour", "forest", "convolution, small"]
    choice = choose("series", Examples(series, labels, "multiclass", 3), names)
    outputs = choice.model.outputs(series)
    assert outputs.shape == (30, 3)
    assert (outputs.argmax(axis=1) == labels).all()
    groups = np.arange(30) // 3
    assert choose("series", Examples(series, labels, "multiclass", 3, groups), names).held_out.shape == (30, 3)
