"""Which targets are transformed: those that simple models then predict clearly better."""

import numpy as np
import pytest

from unspool.candidates import transformation_choice as choice_of
from unspool.candidates.choice import choose, compare_baselines
from unspool.candidates.examples import Examples
from unspool.candidates.transformation_choice import transformed

WORDS = dict(zip(["tiny", "small", "plain", "fair", "large", "huge"], np.linspace(0, 2, 6), strict=True))
draw = np.random.default_rng(0)
ROWS = [draw.choice([*WORDS], 4).tolist() for _ in range(240)]
TEXTS = [" ".join(row) for row in ROWS]
SUMS = np.array([sum(WORDS[word] for word in row) for row in ROWS])
NOISE = draw.normal(0, 0.1, len(SUMS))


@pytest.mark.parametrize(
    ("numbers", "kind"),
    [
        (np.exp(SUMS + NOISE), "logarithm"),
        (np.square(SUMS + NOISE), "square root"),
        (np.exp(SUMS + NOISE) - np.exp(SUMS + NOISE).min(), "square root"),  # one is 0, which has no logarithm
        (SUMS + NOISE - NOISE.min(), None),
        (-np.exp(SUMS), None),
        (np.exp(SUMS) - 2 * np.exp(SUMS).min(), None),
        (np.exp(np.random.default_rng(1).normal(0, 2, len(SUMS))), None),  # skewed, but not by what the texts say
        (np.zeros(len(SUMS)), None),
        (np.full(len(SUMS), 1e300), None),
    ],
)
def test_texts_whose_numbers_grow_by_factors_are_learned_transformed(numbers, kind):
    examples = Examples(TEXTS, numbers, "regression")
    found, gain = transformed("text", examples)
    if kind is None:
        assert (found, gain) == (examples, None)
        return
    assert found.transformation.kind == gain.kind == kind
    np.testing.assert_array_equal(found.targets, {"logarithm": np.log, "square root": np.sqrt}[kind](numbers))
    assert gain.error < 0.9 * gain.before


def test_other_tasks_few_examples_and_numbers_whose_squares_overflow_stay():
    numbers = np.exp(SUMS)
    huge = np.append(numbers[1:], 1e300)
    for examples in (
        Examples(TEXTS, (numbers > 9) * 1, "binary"),
        Examples(TEXTS[:29], numbers[:29], "regression"),
        Examples(TEXTS, huge, "regression"),
    ):
        assert transformed("text", examples) == (examples, None)


@pytest.mark.parametrize(("trees", "kind"), [(0.9, "logarithm"), (0.2, None)])
def test_trees_that_do_without_it_and_are_better_decide(monkeypatch, trees, kind):
    numbers, noise = np.exp(SUMS), np.random.default_rng(2).normal(size=len(SUMS))

    def off(of_numbers, of_logarithms):
        """What gives outputs with errors of these sizes."""
        return lambda targets: (
            targets + noise * (of_numbers * numbers if np.array_equal(targets, numbers) else of_logarithms)
        )

    monkeypatch.setattr(choice_of, "_text_models", lambda examples: (off(1.0, 0.3), off(trees, 0.4)))
    monkeypatch.setattr(choice_of, "KINDS", ("logarithm",))
    _, gain = transformed("text", Examples(TEXTS, numbers, "regression"))
    assert (gain and gain.kind) == kind


@pytest.mark.parametrize("how", ["all", "in groups", "in time"])
def test_series_too(how):
    channels = np.array([[WORDS[word] for word in row] for row in ROWS])
    series = list((channels[:, None] + draw.normal(0, 0.1, (len(ROWS), 12, 4))).astype(np.float32))
    numbers, rows = np.exp(SUMS / 2), np.arange(len(SUMS))
    more = {"all": {}, "in groups": {"groups": rows // 4}, "in time": {"times": rows * 1.0}}[how]
    examples, gain = transformed("series", Examples(series, numbers, "regression", **more))
    assert gain.kind == "logarithm"
    choice = choose("series", examples, ["statistics", "raw values", "blend"])
    assert np.abs(np.log(choice.model.outputs(series)) - SUMS / 2).mean() < 0.1
    error = np.sqrt(np.square(choice.held_out - numbers[choice.rows]).mean())
    (score,) = {one.score for one in choice.tried if one.name == choice.name}
    assert score == pytest.approx(error, rel=1e-6)


def test_candidates_and_baselines_of_texts_are_compared_in_the_unit_of_the_numbers():
    numbers = np.exp(SUMS + NOISE)
    examples, gain = transformed("text", Examples(TEXTS, numbers, "regression"))
    choice = choose("text", examples, ["nb-words", "counts"])
    scores = {one.name: one.score for one in choice.tried}
    assert scores["nb-words"] == pytest.approx(gain.error, rel=0.3)
    assert min(scores.values()) < 0.2 * numbers.std()
    assert np.sqrt(np.square(choice.held_out - numbers[choice.rows]).mean()) < 0.2 * numbers.std()
    baseline = compare_baselines("text", examples, ["nb-words"])["nb-words"]
    known = choice.compared["nb-words"]
    np.testing.assert_array_equal(baseline.held_out, known.held_out)
    np.testing.assert_array_equal(baseline.fit().outputs(TEXTS), known.fit().outputs(TEXTS))
    assert known.fit().transformation.kind == "logarithm"


@pytest.mark.parametrize("kind", ["text", "series"])
def test_skewed_numbers_judged_by_absolute_errors_are_predicted_near_their_median(kind):
    drawn = np.random.default_rng(1)
    numbers = np.exp(0.3 * SUMS + drawn.normal(0, 1.5, len(SUMS)))
    channels = np.array([[WORDS[word] for word in row] for row in ROWS])
    inputs = TEXTS if kind == "text" else list(np.repeat(channels[:, None], 12, axis=1).astype(np.float32))
    names = ["nb-words", "counts"] if kind == "text" else ["statistics", "raw values"]
    errors = {}
    for absolute in (False, True):
        examples, gain = transformed(kind, Examples(inputs, numbers, "regression", absolute_errors=absolute))
        assert (gain and (gain.kind, gain.measure)) == (("logarithm", "mean absolute error") if absolute else None)
        choice = choose(kind, examples, names)
        errors[absolute] = np.abs(choice.held_out - numbers[choice.rows]).mean()
        (score,) = {one.score for one in choice.tried if one.name == choice.name}
    assert score == pytest.approx(errors[True], rel=0.01)
    median = np.abs(np.median(numbers) - numbers).mean()
    assert errors[True] < 1.02 * median < 0.9 * errors[False]
    assert "mean absolute error" in choice.why


def test_many_numbers_of_few_groups_do_not_make_a_gain_clear():
    gains = np.random.default_rng(0).normal(0.3, 1, 12).repeat(20)
    than, one = (choice_of._Compared(None, errors, False) for errors in (np.full(240, 9.0), 9 - gains))
    assert choice_of._clearly_better(one, than, None)
    assert not choice_of._clearly_better(one, than, np.arange(12).repeat(20))
