"""Comparing recipes over seeds: what is evidence, what is not, and in which words."""

import numpy as np
import pytest
from sklearn import metrics

from unspool.errors import UserError
from unspool.evaluation.comparison import compare_recipes
from unspool.evaluation.contenders import Answers, OtherModel, SeedRun
from unspool.evaluation.measures import super_resolution, translation
from unspool.evaluation.measures.intervals import hidden
from unspool.evaluation.resampling import bootstrap_distribution, percentile_interval
from unspool.evaluation.result import Interval, Predictions
from unspool.evaluation.text_arrays import as_array
from unspool.tasks import Binary, Multiclass, Multilabel, Reconstruction, Regression

BINARY = Binary(("a", "b"))
EXAMPLES = 600
LABELS = np.tile([0, 1], EXAMPLES // 2)
_HARD = np.random.default_rng(99).normal(size=EXAMPLES)  # what makes an example hard for every model


def compare(runs, task=BINARY, **options):
    measures = {name: task.measures[name] for name in task.compared}
    return compare_recipes(runs, task.name, measures, task.headline, **options)


def _run(seed, skill, stream=0, groups=None):
    own = np.random.default_rng((stream, seed)).normal(size=EXAMPLES)
    logits = skill * (2 * LABELS - 1) + _HARD + 0.5 * own
    return SeedRun(seed, Predictions(LABELS, 1 / (1 + np.exp(-logits)), groups), 0.5)


def _runs(skill, stream=0, seeds=(0, 1, 2)):
    return [_run(seed, skill, stream) for seed in seeds]


def _width(score):
    return score.interval.high - score.interval.low


def _of(comparison, score):
    return [difference for difference in comparison.differences if difference.score == score]


def test_means_are_those_of_scikit_learn():
    runs = _runs(1.0)
    (recipe,) = compare({"one": runs}).recipes
    expected = [metrics.roc_auc_score(LABELS, run.predictions.outputs) for run in runs]
    assert recipe.by_seed["auc"] == pytest.approx(expected)
    assert recipe.scores["auc"].value == pytest.approx(np.mean(expected))
    answers = [run.predictions.outputs >= 0.5 for run in runs]
    assert recipe.scores["accuracy"].value == pytest.approx(
        np.mean([metrics.accuracy_score(LABELS, a) for a in answers])
    )
    assert recipe.scores["balanced_accuracy"].value == pytest.approx(
        np.mean([metrics.balanced_accuracy_score(LABELS, a) for a in answers])
    )
    assert recipe.seeds == (0, 1, 2)


def test_a_real_difference_is_found():
    comparison = compare({"good": _runs(1.6, 1), "poor": _runs(0.8, 2)})
    assert comparison.pair_level == 0.95
    assert [difference.score for difference in comparison.differences] == list(BINARY.compared)
    for difference in comparison.differences:
        assert difference.evidence
        if difference.score == "brier":
            assert difference.interval.low < difference.value < difference.interval.high < 0
            assert difference.words.startswith("good has a lower (better) Brier score")
        else:
            assert 0 < difference.interval.low < difference.value < difference.interval.high
            assert difference.words.startswith("good has a higher ")
    (accuracy,) = _of(comparison, "accuracy")
    good, poor = comparison.recipes
    assert accuracy.value == pytest.approx(good.scores["accuracy"].value - poor.scores["accuracy"].value)
    shares = [100 * recipe.scores["accuracy"].value for recipe in (good, poor)]
    assert f"{shares[0]:.1f}% against {shares[1]:.1f}%" in accuracy.words


def test_turned_round_the_words_turn_round():
    comparison = compare({"poor": _runs(0.8, 2), "good": _runs(1.6, 1)})
    for difference in comparison.differences:
        if difference.score == "brier":
            assert difference.interval.low > 0
            assert difference.words.startswith("poor has a higher (worse) ")
        else:
            assert difference.interval.high < 0
            assert difference.words.startswith("poor has a lower ")


def test_seeds_of_one_recipe_are_no_evidence():
    comparison = compare({"one": _runs(1.0, 1), "other": _runs(1.0, 2)})
    for difference in comparison.differences:
        assert not difference.evidence
        assert difference.words.startswith("There is no evidence of a difference in ")


def test_the_difference_is_paired_over_examples():
    """The examples are hard for both recipes alike, so the difference is surer than either score."""
    comparison = compare({"one": _runs(1.1, 1), "other": _runs(1.0, 2)})
    (difference,) = _of(comparison, "accuracy")
    score = comparison.recipes[0].scores["accuracy"]
    assert difference.interval.high - difference.interval.low < 0.7 * (score.interval.high - score.interval.low)


def test_seeds_that_differ_widen_the_interval():
    steady = compare({"one": [_run(seed, 1.0, 1) for seed in range(4)]}).recipes[0]
    moody = compare({"one": [_run(seed, 0.4 + 0.4 * seed, 1) for seed in range(4)]}).recipes[0]
    assert _width(moody.scores["auc"]) > 2 * _width(steady.scores["auc"])


@pytest.mark.parametrize("groups", [None, np.arange(EXAMPLES) // 4])
def test_one_seed_gives_the_scores_of_the_run_alone_and_says_so(groups):
    run = _run(0, 1.0, groups=groups)
    comparison = compare({"one": [run]})
    assert "cannot be known from one seed" in comparison.words
    alone = BINARY.scores(run.predictions, 0.5)
    for name, score in comparison.recipes[0].scores.items():
        assert score == alone[name]


def test_one_seed_gives_a_difference_the_percentiles_of_the_paired_bootstrap():
    runs = {"one": [_run(0, 1.2, 1)], "other": [_run(0, 1.0, 2)], "third": [_run(0, 1.0, 3)]}
    comparison = compare(runs)
    figures = [BINARY.measures["auc"].prepare(LABELS, run.predictions.outputs, 0.5) for (run,) in runs.values()]
    drawn = bootstrap_distribution(
        lambda counts: (figures[0](counts) - figures[1](counts))[np.newaxis], np.arange(EXAMPLES)
    )
    difference = _of(comparison, "auc")[0]
    assert difference.interval == percentile_interval(drawn[0], EXAMPLES // 2, comparison.pair_level)


def test_three_recipes_widen_each_pairs_interval():
    two = compare({"a": _runs(1.2, 1), "b": _runs(1.0, 2)})
    three = compare({"a": _runs(1.2, 1), "b": _runs(1.0, 2), "c": _runs(1.0, 3)})
    assert three.pair_level == pytest.approx(1 - 0.05 / 3)
    assert [(d.first, d.second) for d in _of(three, "auc")] == [("a", "b"), ("a", "c"), ("b", "c")]
    narrow, wide = _of(two, "auc")[0], _of(three, "auc")[0]
    assert wide.value == narrow.value
    assert wide.interval.high - wide.interval.low > narrow.interval.high - narrow.interval.low
    assert "98.3% interval" in wide.words
    assert "Each of the 3 differences in a score has a 98.3% interval (Bonferroni)" in three.words
    assert "applies to each score separately, not to all scores at once." in three.words


def test_groups_are_drawn_together():
    """Every example twice, as one group: no more is known than from the examples once."""
    runs = _runs(1.0, 1, seeds=(0, 1))
    groups = np.arange(EXAMPLES).repeat(2)
    doubled = [
        SeedRun(run.seed, Predictions(LABELS.repeat(2), run.predictions.outputs.repeat(2), groups), 0.5) for run in runs
    ]
    alone, together = (compare({"one": given}).recipes[0] for given in (runs, doubled))
    assert together.scores["auc"].interval.low == pytest.approx(alone.scores["auc"].interval.low, abs=1e-9)


def test_few_groups_bring_a_caution():
    few = {"one": [_run(0, 1.0, groups=np.arange(EXAMPLES) % 7)]}
    assert compare(few).words.endswith("rest on only 7 groups; with fewer than 10, intervals may be too narrow.")
    assert "too narrow" not in compare({"one": [_run(0, 1.0)]}).words


def test_the_order_of_the_seeds_does_not_matter():
    runs = {"a": _runs(1.2, 1), "b": _runs(1.0, 2)}
    assert compare(runs) == compare({"a": runs["a"][::-1], "b": runs["b"][1:] + runs["b"][:1]})


def test_the_resamples_follow_their_seed():
    runs = {"one": [_run(0, 1.0)]}
    first, again, other = (compare(runs, seed=seed, resamples=50) for seed in (0, 0, 1))
    assert first == again
    assert first.recipes[0].scores["auc"].interval != other.recipes[0].scores["auc"].interval


def test_what_cannot_be_compared_is_refused():
    with pytest.raises(UserError, match="nothing to compare"):
        compare({})
    with pytest.raises(UserError, match="b has no runs"):
        compare({"a": _runs(1.0), "b": []})
    with pytest.raises(UserError, match="a was run with the seeds 0, 1, 2 and b with 0, 1"):
        compare({"a": _runs(1.0), "b": _runs(1.0, 1, (0, 1))})
    with pytest.raises(UserError, match="two runs of one seed"):
        compare({"a": _runs(1.0, 1, (0, 0))})
    other = SeedRun(0, Predictions(1 - LABELS, np.full(EXAMPLES, 0.5)), 0.5)
    with pytest.raises(UserError, match="b, seed 0, was scored on other test examples"):
        compare({"a": [_run(0, 1.0)], "b": [other]})
    grouped = _run(0, 1.0, groups=np.arange(EXAMPLES) // 2)
    with pytest.raises(UserError, match="b, seed 0, was scored on other test examples"):
        compare({"a": [_run(0, 1.0)], "b": [grouped]})


def _numbers(seed, noise, stream=0):
    truth = np.linspace(0.0, 50.0, 200)
    errors = noise * np.random.default_rng((stream, seed)).normal(size=200)
    return SeedRun(seed, Predictions(truth, truth + errors), None)


def test_numbers_are_compared_by_their_error_and_lower_is_better():
    comparison = compare(
        {"near": [_numbers(s, 1.0) for s in range(3)], "far": [_numbers(s, 2.0, 1) for s in range(3)]}, Regression()
    )
    (difference,) = _of(comparison, "rmse")
    near, far = (recipe.scores["rmse"].value for recipe in comparison.recipes)
    assert difference.value == pytest.approx(near - far)
    assert difference.interval.high < 0
    assert difference.words.startswith("near has a lower (better) root mean squared error than far: ")
    turned = compare({"far": [_numbers(0, 2.0, 1)], "near": [_numbers(0, 1.0)]}, Regression())
    assert _of(turned, "rmse")[0].words.startswith("far has a higher (worse) root mean squared error than near: ")


def test_classes_and_labels_are_compared_by_what_their_verdict_rests_on():
    random = np.random.default_rng(0)
    classes = np.arange(300) % 3
    sure = np.eye(3)[classes] + 0.1
    vague = sure + random.uniform(size=(300, 3))

    def runs(outputs, targets, threshold=None):
        return [SeedRun(0, Predictions(targets, outputs), threshold)]

    names = ("a", "b", "c")
    compared = compare({"sure": runs(sure, classes), "vague": runs(vague, classes)}, Multiclass(names))
    (accuracy,), (f1,) = _of(compared, "accuracy"), _of(compared, "macro_f1")
    assert accuracy.value == pytest.approx(1 - metrics.accuracy_score(classes, vague.argmax(axis=1)))
    assert f1.value == pytest.approx(1 - metrics.f1_score(classes, vague.argmax(axis=1), average="macro"))
    labels = np.eye(3, dtype=int)[classes]
    several = compare({"sure": runs(sure, labels, 0.5), "vague": runs(vague, labels, 0.9)}, Multilabel(names))
    expected = metrics.f1_score(labels.ravel(), (vague >= 0.9).ravel())
    assert several.recipes[1].scores["micro_f1"].value == pytest.approx(expected)
    with pytest.raises(UserError, match="is undefined on these test examples"):
        compare({"one": runs(sure, 0 * labels, 0.5)}, Multilabel(names))


def test_of_a_model_from_elsewhere_decisions_are_taken_where_a_measure_needs_no_probabilities():
    (run,) = _runs(1.0, seeds=(0,))
    probabilities = run.predictions.outputs
    decided = (probabilities >= 0.8).astype(float)
    found = compare({"one": [run], "other": [OtherModel("a.csv", decided, probabilities).as_run(run.predictions)]})
    other = found.recipes[1].scores
    assert other["auc"].value == found.recipes[0].scores["auc"].value
    assert other["accuracy"].value == pytest.approx(metrics.accuracy_score(LABELS, decided))
    assert other["accuracy"].value < found.recipes[0].scores["accuracy"].value
    assert found.words.startswith("One set of predictions per model, 600 test examples.")
    bare = OtherModel("a.csv", decided, None).as_run(run.predictions)
    assert bare.predictions.outputs is decided


def test_a_simple_model_that_does_better_than_all_is_told():
    def beside(runs, probabilities):
        return [run._replace(baselines={"a linear model": Answers(probabilities, 0.5)}) for run in runs]

    strong, weak = _run(0, 3.0, 5).predictions.outputs, np.full(EXAMPLES, 0.6)
    ahead = compare({"a": beside(_runs(0.8, 1), strong), "b": beside(_runs(1.2, 2), strong)})
    accuracy = metrics.accuracy_score(LABELS, strong >= 0.5)
    assert ahead.baseline.words.startswith(
        f"A baseline, a linear model, has the best accuracy: {100 * accuracy:.1f}% against "
    )
    assert (ahead.baseline.first, ahead.baseline.evidence) == ("b", True)
    assert "(95% interval" in ahead.baseline.words
    assert "best of" not in ahead.baseline.words, "both recipes have the same one beside them"
    assert ahead.baseline.value == pytest.approx(ahead.recipes[1].scores["accuracy"].value - accuracy)
    behind = compare({"a": beside(_runs(0.8, 1), weak), "b": beside(_runs(1.2, 2), weak)})
    assert behind.baseline is None
    run = _run(0, 1.2, 2)
    wrong = np.flatnonzero((run.predictions.outputs >= 0.5) != LABELS)[:2]
    near = run.predictions.outputs.copy()
    near[wrong] = LABELS[wrong]
    close = compare({"b": beside([run], near)}).baseline
    assert close.value == pytest.approx(-2 / EXAMPLES)
    assert close.words.endswith(", which may be chance.")


def test_a_simple_model_without_the_measure_is_not_ahead():
    truth = np.random.default_rng(0).normal(size=60)
    beside = {"the mean": Answers(np.zeros(60), None), "another": Answers(truth, None)}
    run = SeedRun(0, Predictions(truth, np.roll(truth, 1)), None, beside)
    measures = Regression.measures
    found = compare_recipes({"a": [run]}, "regression", measures, "spearman", resamples=99).baseline
    assert found.second == "another"
    alone = run._replace(baselines={"the mean": beside["the mean"]})
    assert compare_recipes({"a": [alone]}, "regression", measures, "spearman", resamples=99).baseline is None


def test_the_best_of_many_simple_models_may_be_best_by_chance():
    """It was chosen by its score on the examples that it is compared on."""
    run = _run(0, 1.2, 2)
    lucky = run.predictions.outputs.copy()
    wrong = np.flatnonzero((lucky >= 0.5) != LABELS)[:8]
    lucky[wrong] = LABELS[wrong]
    luckless = {f"luckless {number}": Answers(np.full(EXAMPLES, 0.6), 0.5) for number in range(9)}
    simple = {"lucky": Answers(lucky, 0.5)}
    alone, best = (compare({"a": [run._replace(baselines=of)]}).baseline for of in (simple, luckless | simple))
    assert alone.evidence
    assert "(95% interval" in alone.words
    assert not best.evidence
    assert "(99.5% interval" in best.words
    assert best.words.endswith(
        ", which may be chance. The interval is wider because this is the best of 10 baselines on these examples."
    )


def test_simple_models_of_one_name_count_each_where_recipes_were_trained_on_other_examples():
    strong, weak = (Answers(_run(0, skill, 5).predictions.outputs, 0.5) for skill in (3.0, 2.0))
    found = []
    for beside in (strong, weak):
        runs = {"a": (_run(0, 0.8, 1), strong), "b": (_run(0, 1.2, 2), beside)}
        found.append(
            compare({name: [run._replace(baselines={"a linear model": of})] for name, (run, of) in runs.items()})
        )
    same, other = (one.baseline for one in found)
    assert other.value == same.value
    assert "(95% interval" in same.words
    assert "(97.5% interval" in other.words
    assert other.words.endswith("because this is the best of 2 baselines on these examples.")


GREY = Reconstruction(likelihood="bernoulli")
_COSTLY = np.random.default_rng(99).gamma(4.0, 0.05, size=500)  # what makes an example hard for every autoencoder


def _losses(level, stream, seeds=(0, 1, 2), spread=0.0):
    runs = []
    for seed in seeds:
        random = np.random.default_rng((stream, seed))
        losses = level + spread * random.normal() + _COSTLY + 0.01 * random.normal(size=500)
        runs.append(SeedRun(seed, Predictions(np.zeros(500), np.stack([losses, losses, 0 * losses], axis=1)), None))
    return runs


def test_a_small_difference_of_losses_on_the_same_examples_is_found():
    comparison = compare({"good": _losses(0.1, 1), "poor": _losses(0.11, 2)}, GREY)
    good, poor = (recipe.scores["cross_entropy"] for recipe in comparison.recipes)
    assert good.interval.high > poor.interval.low, "each alone is too uncertain to tell"
    (difference,) = comparison.differences
    assert (difference.score, difference.evidence) == ("cross_entropy", True)
    assert difference.interval.high < 0
    assert difference.value == pytest.approx(good.value - poor.value)
    assert difference.words.startswith("good has a lower (better) cross-entropy than poor: 0.")


def test_seeds_whose_losses_differ_more_than_the_recipes_are_no_evidence():
    comparison = compare({"a": _losses(0.1, 1, spread=0.05), "b": _losses(0.11, 2, spread=0.05)}, GREY)
    assert not comparison.differences[0].evidence
    assert "no evidence" in comparison.differences[0].words
    assert "both sources of chance" in comparison.words


def test_models_that_are_right_on_the_same_examples_are_not_surely_equal():
    labels = np.arange(10) % 2
    sure, unsure = ([SeedRun(0, Predictions(labels, one), 0.5)] for one in (labels * 1.0, 0.2 + 0.6 * labels))
    differences = {one.score: one for one in compare({"a": sure, "b": unsure}).differences}
    accuracy = differences["accuracy"]
    assert accuracy.interval.high == pytest.approx(1 - 0.025 ** (1 / 10))
    assert accuracy.words.endswith("0.0 points (95% interval -30.8 to +30.8), as no test example tells them apart.")
    assert differences["auc"].words == (
        "a and b have the same AUC (1.000), and no test example tells them apart, so no interval can be estimated."
    )
    assert [name for name, one in differences.items() if one.evidence] == ["brier"]  # which tells how sure they are


def test_models_with_the_same_predictions_are_said_to_have_them():
    runs = _runs(1.0)
    found = compare({"a": runs, "copy": runs, "b": _runs(1.0, 2)})
    of_pair = [one for one in found.differences if (one.first, one.second) == ("a", "copy")]
    assert {one.score for one in of_pair} == set(BINARY.compared)
    assert {one.words for one in of_pair} == {"a and copy give the same predictions for all 600 test examples."}
    for one in of_pair:
        assert (one.value, one.evidence) == (0.0, False)
    assert not any("same predictions" in one.words for one in found.differences if one.second == "b")


def test_the_same_probabilities_with_other_decisions_or_another_seed_are_not_the_same_predictions():
    runs = _runs(1.0)
    strict = [run._replace(threshold=0.9) for run in runs]
    late = [*runs[:2], _run(2, 1.0, 7)]
    for other in (strict, late):
        found = compare({"a": runs, "b": other}, resamples=50)
        assert not any("same predictions" in one.words for one in found.differences)


def test_three_models_that_are_right_on_the_same_examples_have_wider_intervals_than_two():
    labels = np.arange(10) % 2
    runs = [SeedRun(0, Predictions(labels, labels * 1.0), 0.5)]
    for accuracy in _of(compare({"a": runs, "b": runs, "c": runs}), "accuracy"):
        assert accuracy.interval.high == pytest.approx(1 - (0.05 / 3 / 2) ** (1 / 10))


def _multiclass(truth, wrong):
    outputs = np.eye(truth.max() + 1)[np.where(np.isin(np.arange(len(truth)), wrong), (truth + 1) % 3, truth)]
    return [SeedRun(0, Predictions(truth, outputs), None)]


def test_what_resamples_hide_of_rare_classes_widens_a_score():
    truth = np.append(np.arange(195) % 3, [3, 4, 5, 6, 7])  # the last five classes have an example each, never found
    runs = _multiclass(truth, [7, 8, *range(195, 200)])
    found = compare({"one": runs}, Multiclass(tuple("abcdefgh"))).recipes[0].scores["macro_f1"]
    assert found.value + 0.2 < found.interval.high < found.value + 0.4


def test_what_resamples_hide_of_a_difference_is_as_sure_as_its_interval():
    truth, task = np.arange(90) % 3, Multiclass(("a", "b", "c"))
    runs = {
        name: _multiclass(truth, wrong) for name, wrong in (("one", []), ("other", range(0, 24, 3)), ("third", [1]))
    }
    comparison = compare(runs, task)
    difference = _of(comparison, "macro_f1")[0]
    figures = [task.measures["macro_f1"].prepare(truth, runs[name][0].predictions.outputs, 0.5) for name in runs]
    more = hidden(figures[:1], np.arange(90), figures[1:2], comparison.pair_level)
    drawn = bootstrap_distribution(lambda counts: (figures[0](counts) - figures[1](counts))[np.newaxis], np.arange(90))[
        0
    ]
    half = drawn.mean() - percentile_interval(drawn, 90, comparison.pair_level).low
    assert more.below > 0
    assert difference.interval.low == pytest.approx(difference.value - np.sqrt(half**2 + more.below))


def test_a_perfect_figure_has_an_interval_although_some_resamples_lack_the_rarer_label():
    labels = np.append(np.zeros(297, int), np.ones(3, int))
    run = SeedRun(0, Predictions(labels, labels * 1.0), 0.5)
    found = compare({"one": [run]}).recipes[0].scores
    alone = BINARY.scores(run.predictions, 0.5)
    for name in ("auc", "balanced_accuracy"):
        assert found[name].interval == alone[name].interval
        assert _width(found[name]) > 0.3


def test_one_example_of_a_label_is_no_evidence():
    """All resamples hold the same one, so that the bootstrap knows nothing of how far others lie from it."""
    labels, ranks = np.append(np.zeros(149, int), 1), np.linspace(0, 1, 150)
    near, far = ranks.copy(), ranks.copy()
    near[-1], far[-1] = 0.955, 0.755
    comparison = compare(
        {name: [SeedRun(0, Predictions(labels, one), 2.0)] for name, one in {"near": near, "far": far}.items()}
    )
    (auc,) = _of(comparison, "auc")
    assert auc.value == pytest.approx(0.2, abs=0.01)
    assert not auc.evidence
    assert auc.words.startswith("There is no evidence of a difference in AUC between near (0.960)")
    assert auc.words.endswith(" of each label, any difference may be chance; here the rarer one has 1.")
    assert _width(comparison.recipes[0].scores["auc"]) > 0.3


def test_an_interval_is_as_wide_as_the_rarer_label_asks_for():
    """However many examples there are of the other one."""
    labels, random = np.repeat([0, 1], [300, 8]), np.random.default_rng(0)
    said = {name: 1 / (1 + np.exp(-labels - random.normal(size=308))) for name in ("one", "other")}
    (auc,) = _of(compare({name: [SeedRun(0, Predictions(labels, one), 0.5)] for name, one in said.items()}), "auc")
    figures = [BINARY.measures["auc"].prepare(labels, one, 0.5) for one in said.values()]
    differences = bootstrap_distribution(
        lambda counts: (figures[0](counts) - figures[1](counts))[np.newaxis], np.arange(308)
    )[0]
    expected = percentile_interval(differences, 8)
    assert (auc.interval.low, auc.interval.high) == pytest.approx((expected.low, expected.high))


@pytest.mark.parametrize(("better_on", "evidence"), [(5, False), (6, True)])
def test_a_few_examples_that_tell_two_models_apart_are_no_evidence(better_on, evidence):
    wrong = np.arange(100)
    runs = {}
    for name, some in {"one": wrong[better_on:], "other": wrong}.items():
        outputs = np.where(LABELS == 1, 0.9, 0.1)
        outputs[some] = 1 - outputs[some]
        runs[name] = [SeedRun(0, Predictions(LABELS, outputs), 0.5)]
    (accuracy,) = _of(compare(runs), "accuracy")
    assert accuracy.evidence == evidence
    assert ("on which the two models differ" in accuracy.words) != evidence


@pytest.mark.parametrize(("worse_on", "evidence"), [(5, False), (6, True)])
def test_a_few_translations_that_differ_are_no_evidence(worse_on, evidence):
    references = [f"the cat number {number} sat on the mat" for number in range(60)]
    worse = ["a dog that is not in the reference lay there all day long"] * worse_on + references[worse_on:]
    runs = {
        name: [SeedRun(0, Predictions(as_array(references), as_array(said)), None)]
        for name, said in (("one", references), ("other", worse))
    }
    found = compare_recipes(runs, "translation", {"bleu": translation.MEASURES["bleu"]}, "bleu", resamples=300)
    assert [one.evidence for one in found.differences] == [evidence]


def test_infinite_figures_are_not_said_to_differ_by_nan():
    truth = np.arange(160, dtype=np.uint8).reshape(10, 16)
    said = {"one": truth, "other": truth.copy(), "near": truth + np.uint8(1)}
    runs = {name: [SeedRun(0, Predictions(truth, outputs), None)] for name, outputs in said.items()}
    with np.errstate(all="ignore"):  # as `unspool compare` does
        found = compare_recipes(runs, "super_resolution", super_resolution.MEASURES, "psnr", resamples=50)
    same, further, _ = (one for one in found.differences if one.score == "psnr")
    assert same.words == "one and other give the same predictions for all 10 test examples."
    assert (same.value, same.interval) == (0, Interval(0, 0))
    assert (further.value, further.interval) == (np.inf, Interval(-np.inf, np.inf))
    assert "nan" not in " ".join(one.words for one in found.differences)
