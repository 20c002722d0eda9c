"""The verdict: which baseline, which words, and whether the interval is paired."""

from dataclasses import replace

import numpy as np
import pytest

from unspool.errors import UserError
from unspool.evaluation.measures import pronunciations, summaries, super_resolution, tags, translation
from unspool.evaluation.resampling import bootstrap_distribution, percentile_interval
from unspool.evaluation.result import Baseline, Predictions
from unspool.evaluation.scoring import score
from unspool.evaluation.text_arrays import as_array
from unspool.evaluation.verdict import verdict as verdict_on
from unspool.tasks import Binary, Multiclass, Multilabel, Reconstruction, Regression

LABELS = np.tile([0, 1], 500)
BINARY = Binary(("a", "b"))


def verdict(predictions, threshold, baselines, task=BINARY, **options):
    return verdict_on(task.measures, predictions, threshold, baselines, **options)


def _right_in(wrong, labels=LABELS):
    """Probabilities that are wrong for the examples named."""
    probabilities = np.where(labels == 1, 0.9, 0.1)
    probabilities[wrong] = 1 - probabilities[wrong]
    return probabilities


def _baseline(name, outputs, threshold=0.5, labels=LABELS, task=BINARY):
    scores = score(task.measures, Predictions(labels, outputs), threshold, resamples=10)
    return Baseline(name, f"the {name} one", scores, outputs, 1.0)


WEAK = _baseline("weak", _right_in(np.arange(400)))
STRONG = _baseline("strong", _right_in(np.arange(100)))


def test_better():
    found = verdict(Predictions(LABELS, _right_in(np.arange(50))), 0.5, (WEAK, STRONG))
    assert found.baseline == "strong"
    assert found.beats_baseline
    assert found.measure == "accuracy"
    assert found.difference == pytest.approx(0.05)
    assert 0.03 < found.interval.low < 0.05 < found.interval.high < 0.07
    assert found.words == (
        "Yes. On the 1,000 test examples this model does better than the strong one: an accuracy of 95.0% against "
        f"90.0%, a difference of +5.0 points (95% interval +{100 * found.interval.low:.1f} to "
        f"+{100 * found.interval.high:.1f})."
    )


def test_a_run_that_does_no_better_than_a_constant_is_compared_with_it():
    task = Regression()
    numbers = np.random.RandomState(0).normal(size=200)
    noise = np.random.RandomState(1).normal(size=200)
    mean = _baseline("mean", np.zeros(200), labels=numbers, task=task)
    wrong = _baseline("wrong", numbers + 4 * noise, labels=numbers, task=task)
    run = Predictions(numbers, numbers + 1.3 * noise)
    found = verdict(run, None, (mean, wrong), task, strongest="wrong")
    assert (found.baseline, found.beats_baseline) == ("mean", False)
    assert found.words.startswith("No. On the 200 test examples the mean one does better than this model")
    assert found.words.endswith(
        f" This model does better than the wrong one ({wrong.scores['rmse'].value:.3g}), which was the strongest "
        "simple model on held-out training data, but no better than giving every example the same answer."
    )
    better = verdict(Predictions(numbers, numbers + 0.5 * noise), None, (mean, wrong), task, strongest="wrong")
    assert (better.baseline, better.beats_baseline) == ("mean", True)
    assert "This model also does better than the wrong one" in better.words


@pytest.mark.parametrize("same", [None, "strong"])
def test_a_run_that_is_worse_than_a_constant_says_so_whatever_it_is_compared_with(same):
    """The verdict was "No clear winner" between two models that were both worse than always predicting the mean."""
    task = Regression()
    numbers = np.random.RandomState(0).normal(size=200)
    noise = np.random.RandomState(1).normal(size=200)
    mean = _baseline("mean", np.zeros(200), labels=numbers, task=task)
    strong = _baseline("strong", numbers + 1.3 * noise, labels=numbers, task=task)

    def words(factor):
        run = Predictions(numbers, numbers + factor * noise)
        return verdict(run, None, (mean, strong), task, strongest="strong", same=same).words

    figure = f"{mean.scores['rmse'].value:.3g}"
    assert words(1.31).endswith(
        " On the test examples, the model is no better than giving every example the same answer (the mean one: "
        f"{figure})."
    )
    assert "same answer" not in words(0.5)


@pytest.mark.parametrize(("wrong", "answer"), [(50, "Yes."), (100, "No clear winner:"), (200, "No.")])
def test_a_win_needs_to_beat_the_strongest_on_the_test_examples_too(wrong, answer):
    predictions = Predictions(LABELS, _right_in(np.arange(wrong)))
    found = verdict(predictions, 0.5, (WEAK, STRONG), strongest="weak")
    assert (found.baseline, found.beats_baseline) == ("strong", answer == "Yes.")
    also = "This model also does better than the weak one (60.0%), which was the strongest simple model on held-out "
    also += "training data."
    only = also.replace("also does", "does") + ' A "Yes" needs a win over both.'
    bare = verdict(predictions, 0.5, (WEAK, STRONG), strongest="strong").words
    assert found.words == f"{bare} {also if found.beats_baseline else only}"
    assert found.words.startswith(answer)


@pytest.mark.parametrize("wrong", [395, 450])
def test_a_baseline_that_looks_weaker_than_another_is_explained(wrong):
    predictions = Predictions(LABELS, _right_in(np.arange(wrong)))
    found = verdict(predictions, 0.5, (WEAK, STRONG), strongest="weak")
    assert found.baseline == "weak"
    assert found.words.endswith(
        " Among the simple models, the strong one does best on them (90.0%); the one to compare with was chosen on "
        "held-out training data, not by its test score."
    )


def test_a_model_that_is_a_simple_one_is_qualified_where_another_does_better():
    predictions = Predictions(LABELS, _right_in(np.arange(400)))
    found = verdict(predictions, 0.5, (WEAK, STRONG), same="weak").words
    assert found.endswith(
        "On the test examples it has an accuracy of 60.0%. Among the simple models, the strong one does best on them "
        "(90.0%); the model was chosen on held-out training data, not by its test score."
    )
    assert "Among" not in verdict(predictions, 0.5, (WEAK, STRONG), same="strong").words


def test_a_model_that_is_a_simple_one_is_compared_with_a_stronger_one():
    """As where a model is asked for by name: "no other model was clearly better" would not be true."""
    predictions = Predictions(LABELS, _right_in(np.arange(400)))
    found = verdict(predictions, 0.5, (WEAK, STRONG), same="weak", strongest="strong")
    assert found.words.startswith("No. On the 1,000 test examples the strong one does better than this model")
    assert found.baseline == "strong"
    chosen = verdict(predictions, 0.5, (WEAK, STRONG), same="weak", strongest="weak")
    assert "on held-out training data no other model was clearly better" in chosen.words


def test_a_simple_model_that_was_the_only_one_tried_was_not_chosen():
    predictions = Predictions(LABELS, _right_in(np.arange(400)))
    found = verdict(predictions, 0.5, (WEAK, STRONG), same="weak", strongest="weak", alone=True)
    assert found.words == (
        "This model is itself a simple one, the weak one: no other simple model did better on held-out training data. "
        "On the test examples it has an accuracy of 60.0%. Among the simple models, the strong one does best on them "
        "(90.0%); it did not do so on held-out training data."
    )
    better = verdict(predictions, 0.5, (WEAK, STRONG), same="weak", strongest="strong", alone=True)
    assert better == verdict(predictions, 0.5, (WEAK, STRONG), same="weak", strongest="strong")


def test_a_model_that_is_a_simple_one_is_no_simple_model_to_be_ahead_of_itself():
    """It does best on the test examples, and another did on held-out data: the model is not named as a third."""
    predictions = Predictions(LABELS, _right_in(np.arange(100)))
    found = verdict(predictions, 0.5, (WEAK, STRONG), same="strong", strongest="weak")
    assert found.words.startswith("Yes. On the 1,000 test examples this model does better than the weak one")
    assert found.baseline == "weak"
    middle = _baseline("middle", _right_in(np.arange(200)))
    found = verdict(predictions, 0.5, (WEAK, middle, STRONG), same="strong", strongest="weak")
    assert (found.baseline, found.beats_baseline) == ("middle", True)


def test_a_model_is_not_compared_with_itself_if_the_strongest_lacks_the_measure():
    predictions = Predictions(LABELS, _right_in(np.arange(100)))
    figures = {name: score for name, score in WEAK.scores.figures.items() if name != "accuracy"}
    lacking = replace(WEAK, scores=replace(WEAK.scores, figures=figures))
    found = verdict(predictions, 0.5, (lacking, STRONG), same="strong", strongest="weak")
    assert found.words.startswith("The model that was chosen is a simple one, the strong one")


@pytest.mark.parametrize("measure", ["balanced_accuracy", "macro_f1"])
@pytest.mark.parametrize(("rare", "better"), [(5, False), (9, True)])
def test_a_few_examples_of_rare_classes_may_be_right_by_chance(measure, rare, better):
    """One example per class, which only the run gets right; 66 of each of three common classes, where neither leads."""
    truth = np.concatenate([np.arange(3, 3 + rare), np.arange(198) % 3])
    answers, others = truth.copy(), np.where(truth < 3, truth, 0)
    for said, wrong in ((answers, (20, 21, 22)), (others, (40, 41, 42))):
        said[[*wrong]] = (said[[*wrong]] + 1) % 3
    task, one_hot = Multiclass(tuple("abcdefghijkl"[: 3 + rare])), np.eye(3 + rare)
    against = _baseline("other", one_hot[others], None, truth, task)
    found = verdict(Predictions(truth, one_hot[answers]), None, (against,), task, measure=measure, resamples=300)
    assert found.beats_baseline == better
    assert ("this one rests on that few, from rare classes or labels." in found.words) != better
    assert 0 <= found.interval.low < 0.3 < found.difference


def test_a_baseline_whose_measure_is_undefined_is_not_compared():
    """The mean, always the same number, has no rank correlation."""
    task, truth = Regression(), np.random.default_rng(0).normal(size=60)
    mean, ranked = (
        _baseline(name, outputs, None, truth, task)
        for name, outputs in (("mean", np.zeros(60)), ("linear", np.roll(truth, 1)))
    )
    run = Predictions(truth, truth + 0.1)
    for strongest in (None, "mean", "linear"):
        found = verdict(run, None, (mean, ranked), task, measure="spearman", strongest=strongest, resamples=99)
        assert (found.measure, found.baseline, found.beats_baseline) == ("spearman", "linear", True)
        assert found.words.endswith(
            " Not compared with the mean one, for which Spearman’s rank correlation is undefined."
        )
    equal = Predictions(truth, np.ones(60))
    for predictions, baselines in ((equal, (mean, ranked)), (run, (mean,))):
        found = verdict(predictions, None, baselines, task, measure="spearman", resamples=99)
        assert found.measure == "rmse"
        assert found.words.endswith(
            " On these test examples Spearman’s rank correlation is undefined for this model or for all baselines; the "
            "verdict rests on root mean squared error instead."
        )


def test_worse():
    found = verdict(Predictions(LABELS, _right_in(np.arange(200))), 0.5, (WEAK, STRONG))
    assert not found.beats_baseline
    assert found.interval.high < 0
    assert found.words.startswith(
        "No. On the 1,000 test examples the strong one does better than this model: an accuracy of 90.0% against "
        "80.0%, a difference of -10.0 points (95% interval -1"
    )


def test_no_evidence():
    found = verdict(Predictions(LABELS, _right_in(np.arange(95, 193))), 0.5, (WEAK, STRONG))
    assert not found.beats_baseline
    assert found.interval.low < 0 < found.interval.high
    assert found.words.startswith(
        "No clear winner: on the 1,000 test examples this model has an accuracy of 90.2% and the strong one of 90.0%. "
        "The difference of +0.2 points (95% interval -"
    )
    assert found.words.endswith(") may be chance.")


def test_the_interval_is_paired():
    """Both wrong on the same 400: unpaired, the difference's interval would be some 8 points wide."""
    hard = np.arange(400)
    baseline = _baseline("same", _right_in(hard))
    found = verdict(Predictions(LABELS, _right_in(hard[:-1])), 0.5, (baseline,))
    assert found.difference == pytest.approx(0.001)
    assert found.interval.high - found.interval.low < 0.005
    assert not found.beats_baseline  # one example may well not be drawn: the interval reaches zero
    assert found.interval.low == 0


@pytest.mark.parametrize("halved", ["ours", "theirs"])
def test_each_side_is_read_at_its_own_threshold(halved):
    """Half the probabilities and half the threshold are the same answers; at the other's threshold they are not."""
    probabilities = _right_in(np.arange(100))
    probabilities[0] = 0.4
    full, half = (probabilities, 0.5), (probabilities / 2, 0.25)
    ours, theirs = (half, full) if halved == "ours" else (full, half)
    found = verdict(Predictions(LABELS, ours[0]), ours[1], (_baseline("other", *theirs),))
    assert found.difference == 0
    assert found.interval.high == pytest.approx(1 - 0.025 ** (1 / 1000))  # of 1,000, none sets the two apart


@pytest.mark.parametrize(("better_on", "beats"), [(4, False), (5, False), (6, True)])
def test_a_few_examples_on_which_two_models_differ_are_no_evidence(better_on, beats):
    """Right on four or five more, and wrong on none: a sign test gives p = 0.125 or 0.0625."""
    found = verdict(Predictions(LABELS, _right_in(np.arange(better_on, 100))), 0.5, (STRONG,))
    assert found.beats_baseline == beats
    few = "on which the two models differ, any difference may be chance; here there are"
    assert found.words.endswith(f" With fewer than 6 test examples {few} {better_on}.") != beats


def _texts(right, wrong, wrong_in):
    """References, right answers, and answers that are wrong, and longer, for the first few."""
    references = [f"{right} {number}" for number in range(60)]
    return as_array(references), as_array([wrong] * wrong_in + references[wrong_in:])


def _tags(wrong_in):
    truth = np.random.default_rng(0).integers(0, 3, (60, 8))
    outputs = np.eye(3)[truth]
    outputs[:wrong_in] = np.roll(outputs[:wrong_in], 1, axis=-1)
    return truth, outputs


def _labels(wrong_in):
    truth = np.random.default_rng(0).integers(0, 2, (60, 3))
    outputs = np.where(truth == 1, 0.9, 0.1)
    outputs[:wrong_in] = 1 - outputs[:wrong_in]
    return truth, outputs


def _pairs(wrong_in):
    return _texts("the cat sat on mat", "a dog that is not in the reference lay there", wrong_in)


def _phonemes(wrong_in):
    return _texts("R IY D", "X X X X X X X X X X", wrong_in)


def _numbers(wrong_in):
    truth = np.arange(60.0)
    return truth, truth + 100 * (truth < wrong_in) + 1


@pytest.mark.parametrize(
    ("measures", "name", "made"),
    [
        *((pronunciations.MEASURES, name, _phonemes) for name in pronunciations.MEASURES),
        *((translation.MEASURES, name, _pairs) for name in translation.MEASURES),
        *((summaries.MEASURES, name, _pairs) for name in summaries.MEASURES),
        *((tags.tag_measures(("O", "B-x", "I-x")), name, _tags) for name in tags.EVERY),
        (Multilabel.measures, "subset_accuracy", _labels),
        *((Regression.measures, name, _numbers) for name in ("rmse", "mae")),
    ],
)
def test_a_few_differences_are_no_evidence_whatever_is_predicted(measures, name, made):
    for wrong_in, beats in ((5, False), (6, True)):
        (targets, right), (_, wrong) = made(0), made(wrong_in)
        scores = score({name: measures[name]}, Predictions(targets, wrong), resamples=10)
        against = Baseline("other", "the other one", scores, wrong, 1.0)
        found = verdict_on({name: measures[name]}, Predictions(targets, right), None, (against,), resamples=500)
        assert found.beats_baseline == beats
        assert ("on which the two models differ" in found.words) != beats


def test_images_without_any_error_are_better_than_others():
    truth = np.random.default_rng(0).integers(0, 250, (20, 16)).astype(np.uint8)
    measures, near = super_resolution.MEASURES, truth + np.uint8(2)

    def found(run, other):
        scores = score(measures, Predictions(truth, other), resamples=10)
        return verdict_on(measures, Predictions(truth, run), None, [Baseline("b", "the other", scores, other, 1.0)])

    best = found(truth, near)
    assert (best.difference, best.beats_baseline) == (np.inf, True)
    assert best.words.startswith("Yes. On the 20 test examples this model does better than the other: a PSNR of infin")
    assert found(near, truth).words.startswith("No. On the 20 test examples the other does better than this model: a P")
    both = found(truth, truth)
    assert (both.difference, both.interval.low, both.interval.high) == (0, 0, 0)
    assert both.words.startswith("No clear winner: on the 20 test examples this model and the other both have a PSNR ")


def test_balanced_accuracy_needs_several_examples_of_each_label():
    """The only example of the second label is found by one model and not by the other."""
    labels = np.array([0] * 60 + [1])
    missed = _baseline("missed", _right_in([0, *range(50, 61)], labels), labels=labels)
    found = verdict(Predictions(labels, _right_in([], labels)), 0.5, (missed,), measure="balanced_accuracy")
    assert not found.beats_baseline
    assert found.words.endswith(" of each label, any difference may be chance; here the rarer one has 1.")


def test_an_interval_is_as_wide_as_the_rarer_label_asks_for():
    """However many examples there are of the other one."""
    labels, random = np.repeat([0, 1], [300, 8]), np.random.default_rng(0)
    ours, theirs = (1 / (1 + np.exp(-labels - random.normal(size=308))) for _ in range(2))
    found = verdict(Predictions(labels, ours), 0.5, (_baseline("other", theirs, labels=labels),), measure="auc")
    figures = [BINARY.measures["auc"].prepare(labels, one, 0.5) for one in (ours, theirs)]
    differences = bootstrap_distribution(
        lambda counts: (figures[0](counts) - figures[1](counts))[np.newaxis], np.arange(308)
    )[0]
    assert found.interval == percentile_interval(differences, 8)


def test_models_that_are_right_on_the_same_examples_are_not_surely_equal():
    few = np.array([0, 1] * 5)
    found = verdict(Predictions(few, _right_in([], few)), 0.5, (_baseline("same", _right_in([], few), labels=few),))
    high = 1 - 0.025 ** (1 / 10)
    assert (found.interval.low, found.interval.high) == pytest.approx((-high, high))
    assert found.words == (
        "No clear winner: on the 10 test examples this model and the same one both have an accuracy of 100.0%, "
        "a difference of 0.0 points (95% interval -30.8 to +30.8)."
    )


@pytest.mark.parametrize(("examples", "beats"), [(2, False), (5, False), (6, True)])
def test_few_examples_that_all_speak_for_one_model_may_not_be_enough(examples, beats):
    """As many as a sign test needs: twice 1/2 to the power of 6 is less than 5%."""
    labels = np.arange(examples) % 2
    wrong = _baseline("wrong", _right_in(np.arange(examples), labels), labels=labels)
    found = verdict(Predictions(labels, _right_in([], labels)), 0.5, (wrong,))
    assert (found.difference, found.interval.high, found.beats_baseline) == (1.0, 1.0, beats)
    other = _baseline("right", _right_in([], labels), labels=labels)
    turned = verdict(Predictions(labels, _right_in(np.arange(examples), labels)), 0.5, (other,))
    assert (turned.interval.low, turned.interval.high) == (-1.0, -found.interval.low)


def test_equal_errors_are_no_proof_of_equal_models():
    numbers = np.arange(8.0)
    same = _baseline("same", numbers + 1, None, labels=numbers, task=Regression())
    found = verdict(Predictions(numbers, numbers + 1), None, (same,), task=Regression())
    assert found.words == (
        "No clear winner: on the 8 test examples this model and the same one both have a root mean squared error of "
        "1.00. These examples show no difference, which does not mean that there is none."
    )


def test_errors_that_are_equal_but_for_rounding_show_no_difference():
    numbers = np.arange(20) / 10
    ours, theirs = numbers + 0.1, numbers - 0.1
    assert len(np.unique([np.square(ours - numbers), np.square(theirs - numbers)])) > 1
    against = _baseline("other", theirs, None, labels=numbers, task=Regression())
    found = verdict(Predictions(numbers, ours), None, (against,), task=Regression())
    assert (found.interval.low, found.interval.high, found.beats_baseline) == (0, 0, False)
    assert found.words.endswith("0.100. These examples show no difference, which does not mean that there is none.")


def test_groups_widen_the_interval():
    wrong = np.arange(0, 200)
    alone = verdict(Predictions(LABELS, _right_in(wrong)), 0.5, (STRONG,))
    grouped = verdict(Predictions(LABELS, _right_in(wrong), np.arange(1000) // 20), 0.5, (STRONG,))
    assert grouped.difference == alone.difference
    assert grouped.interval.high - grouped.interval.low > 2 * (alone.interval.high - alone.interval.low)


@pytest.mark.parametrize(("groups", "beats"), [(2, False), (5, False), (6, True), (20, True)])
def test_few_groups_that_all_speak_for_one_model_are_not_enough(groups, beats):
    """Each group has ten examples; the model is right on one more of them than the baseline."""
    labels = np.tile([0, 1], 5 * groups)
    theirs = _baseline("weak", _right_in(np.arange(0, len(labels), 10), labels), labels=labels)
    ours = Predictions(labels, _right_in([], labels), np.repeat(np.arange(groups), 10))
    found = verdict(ours, 0.5, (theirs,))
    assert found.beats_baseline == beats
    few = f" With fewer than 6 groups, any difference may be chance; here there are {groups}."
    assert found.words.endswith(few) != beats
    assert found.words.startswith("Yes" if beats else "No clear winner")


def test_a_small_but_certain_difference_does_not_read_as_zero():
    labels = np.tile([0, 1], 20_000)
    baseline = _baseline("strong", _right_in(np.arange(40), labels), labels=labels)
    found = verdict(Predictions(labels, _right_in(np.arange(8), labels)), 0.5, (baseline,), resamples=500)
    assert found.beats_baseline
    assert "+0.0 " not in found.words
    low, high = (100 * end for end in (found.interval.low, found.interval.high))
    assert f"+0.08 points (95% interval +{low:.2f} to +{high:.2f})" in found.words


def test_without_baselines_there_is_no_verdict():
    with pytest.raises(UserError, match="at least one baseline"):
        verdict(Predictions(LABELS, _right_in([])), 0.5, ())


def test_another_measure_may_be_asked_for():
    """The one is right more often, the other ranks better."""
    ours = np.where(LABELS == 1, 0.51, 0.49)
    ours[:40] = np.where(LABELS[:40] == 1, 0.0, 1.0)
    theirs = np.where(LABELS == 1, 0.4, 0.3)
    baseline = _baseline("other", theirs)
    by_accuracy, by_auc = (verdict(Predictions(LABELS, ours), 0.5, (baseline,), measure=name) for name in (None, "auc"))
    assert (by_accuracy.measure, by_accuracy.beats_baseline) == ("accuracy", True)
    assert (by_auc.measure, by_auc.beats_baseline) == ("auc", False)
    assert by_auc.words.startswith("No. ")
    assert " an AUC of 1.000 against 0." in by_auc.words


GREY = Reconstruction(likelihood="bernoulli")
LOSSES = np.random.default_rng(0).gamma(4, 0.05, 1000)
NOISE = np.random.default_rng(1).normal(0, 0.05, 1000)


def _losses(losses):
    return Predictions(np.zeros(len(losses)), np.stack([losses / 2, losses, losses / 4], axis=1))


def _simple(name, losses):
    return _baseline(name, _losses(losses).outputs, None, np.zeros(len(losses)), GREY)


WORSE = (_simple("weak", LOSSES + 0.1), _simple("strong", LOSSES + 0.05))


def test_an_autoencoder_with_a_lower_loss_is_better():
    found = verdict(_losses(0.99 * LOSSES), None, WORSE, GREY)
    assert (found.baseline, found.measure, found.beats_baseline) == ("strong", "cross_entropy", True)
    assert found.difference == pytest.approx(-0.05 - 0.01 * LOSSES.mean())
    assert found.interval.low < found.difference < found.interval.high < 0


def test_a_lower_loss_in_words():
    found = verdict(_losses(LOSSES + NOISE), None, WORSE, GREY)
    ours, theirs = (LOSSES + NOISE).mean(), (LOSSES + 0.05).mean()
    assert found.words == (
        "Yes. On the 1,000 test examples this model does better than the strong one: a cross-entropy of "
        f"{ours:.4f} against {theirs:.4f}, a difference of {ours - theirs:.3f} "
        f"(95% interval {found.interval.low:.3f} to {found.interval.high:.3f})."
    )


def test_a_higher_loss_and_no_evidence_in_words():
    noise = NOISE - NOISE.mean()
    worse = verdict(_losses(LOSSES + 0.2 + noise), None, WORSE, GREY)
    ours, theirs = LOSSES.mean() + 0.2, LOSSES.mean() + 0.05
    assert not worse.beats_baseline
    assert worse.words.startswith(
        "No. On the 1,000 test examples the strong one does better than this model: a cross-entropy of "
        f"{theirs:.4f} against {ours:.4f}, a difference of +0.150 (95% interval +0.14"
    )
    open_still = verdict(_losses(LOSSES + 0.0501 + noise), None, WORSE, GREY)
    assert not open_still.beats_baseline
    assert open_still.interval.low < 0 < open_still.interval.high
    assert open_still.words.startswith("No clear winner: on the 1,000 test examples this model has a cross-entropy of")


def test_the_interval_of_losses_is_paired():
    """Examples differ far more from each other than the two models do."""
    found = verdict(_losses(LOSSES + 0.049), None, WORSE, GREY)
    assert found.interval.high - found.interval.low < 1e-9
    assert found.beats_baseline


def test_losses_must_fit_the_baselines():
    with pytest.raises(UserError, match="outputs have shape"):
        verdict(_losses(LOSSES[1:]), None, WORSE, GREY)
    with pytest.raises(UserError, match="must be finite; row 0"):
        verdict(_losses(LOSSES * np.nan), None, WORSE, GREY)


NUMBERS = np.linspace(0.0, 10.0, 60)
ERRORS = np.tile([1.0, -1.0], 30)
NUMBER = Regression()


def _linear(outputs, task=NUMBER, targets=NUMBERS, threshold=None):
    return _baseline("linear", outputs, threshold, targets, task)


@pytest.mark.parametrize(
    ("size", "beats", "words"),
    [
        (0.5, True, "Yes. On the 60 test examples this model does better than the linear one: a root mean squared"),
        (2.0, False, "No. On the 60 test examples the linear one does better than this model: a root mean squared"),
        (1.0, False, "No clear winner: on the 60 test examples this model has a root mean squared error of 1.00 and"),
    ],
)
def test_a_number_is_judged_by_its_squared_errors(size, beats, words):
    noise = np.random.default_rng(0).normal(scale=1e-3, size=60)
    baselines = [_linear(np.full(60, 5.0)), _linear(NUMBERS + ERRORS)]
    found = verdict(Predictions(NUMBERS, NUMBERS + size * ERRORS + noise), None, baselines, NUMBER)
    assert found.measure == "rmse"
    assert found.beats_baseline is beats
    assert found.words.startswith(words)
    assert found.difference == pytest.approx(size - 1, abs=0.01)


def test_numbers_in_a_large_unit_are_judged_as_in_a_small_one():
    noise = np.random.default_rng(0).normal(size=60)
    found = [
        verdict(
            Predictions(NUMBERS * unit, (NUMBERS + noise) * unit),
            None,
            [_linear((NUMBERS + 2 * ERRORS) * unit, targets=NUMBERS * unit)],
            NUMBER,
        )
        for unit in (1.0, 1e-12)
    ]
    assert found[0].beats_baseline
    for end in ("low", "high"):
        assert getattr(found[1].interval, end) == pytest.approx(1e-12 * getattr(found[0].interval, end), rel=1e-6)


def test_several_classes_are_judged_by_right_answers():
    task = Multiclass(("a", "b", "c"))
    classes = np.arange(60) % 3
    right, half = np.eye(3)[classes], np.eye(3)[np.where(np.arange(60) < 30, classes, 0)]
    found = verdict(Predictions(classes, right), None, [_linear(half, task, classes)], task)
    assert found.words.startswith("Yes. On the 60 test examples this model does better than the linear one: an acc")
    assert "100.0% against 66.7%, a difference of +33.3 points" in found.words


def test_several_labels_are_judged_each_side_at_its_own_threshold():
    task = Multilabel(("a", "b"))
    truth = np.stack([np.arange(60) % 2, np.arange(60) % 3 == 0], axis=1).astype(float)
    baseline = _linear(truth * 0.2 + 0.1, task, truth, threshold=0.2)
    found = verdict(Predictions(truth, truth), 0.5, [baseline], task)
    assert found.difference == 0
    assert found.words.startswith("No clear winner: ")


def test_a_simple_model_with_another_seed_is_told_with_its_own_score():
    predictions = Predictions(LABELS, _right_in(np.arange(300)))
    found = verdict(predictions, 0.5, (WEAK, STRONG), same="weak", strongest="weak")
    assert "On the test examples it has an accuracy of 70.0%." in found.words
