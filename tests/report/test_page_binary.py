"""The page of a run with two labels: what is in it and in which order."""

from dataclasses import replace
from xml.etree import ElementTree

import numpy as np
import pytest

from unspool.evaluation.result import Baseline, ExampleText, Predictions
from unspool.report.figures import FIGURES
from unspool.tasks import Binary

pytestmark = pytest.mark.undrawn


@pytest.fixture(scope="module")
def page(binary_result, page_of, tmp_path_factory):
    return page_of(binary_result, tmp_path_factory.mktemp("report"))


def test_figures_stand_in_the_order_of_reading(page):
    assert [figure["class"] for figure in page.all("svg")] == [
        f"figure-{name}" for name in ("headline", "roc", "confusion-of-two", "reliability", "probabilities", "loss")
    ]


def test_the_verdict_comes_first_and_the_rest_in_the_order_of_reading(binary_result, page):
    text = page.plain
    order = [
        binary_result.title,
        binary_result.verdict.words,
        binary_result.description,
        "How good it is",
        "How it was measured",
        "Compared with simple models",
        "How the model was chosen",
        "Predictions on the test set",
        "The data",
        "The model",
        "Training",
        "Are its predictions consistent?",
        "Reproduce this run",
        binary_result.command,
    ]
    body = text[text.index("Recipe imdb-lstm") :]
    places = [body.index(words) for words in order]
    assert places == sorted(places)


def test_scores_stand_with_their_intervals(binary_result, page):
    text = page.plain
    for scores in (binary_result.test, binary_result.validation):
        auc, accuracy = scores["auc"], scores["balanced_accuracy"]
        assert f"{auc.value:.3f}{auc.interval.low:.3f} to {auc.interval.high:.3f}" in text
        assert f"{accuracy.value:.1%}{accuracy.interval.low:.1%} to {accuracy.interval.high:.1%}" in text
    assert "0.93" in text
    assert "85.44%" in text
    assert "Published: the chapter, table 3, measured the chapter’s way" in text


def test_layers_without_a_shape_have_no_column_for_it(binary_result, page, page_of, tmp_path):
    assert "output shape" in page.text
    assert "“None” stands for" in page.plain
    layers = tuple(replace(layer, output_shape=()) for layer in binary_result.layers)
    bare = page_of(replace(binary_result, layers=layers), tmp_path)
    assert "output shape" not in bare.text
    assert "“None” stands for" not in bare.plain


def test_data_model_and_environment_are_told(binary_result, page):
    text = page.plain
    for words in (
        *("Large Movie Review Dataset", "for research", "sha256:3f1b8b0c", "11,250", "22,501"),
        *('A "fine" film.<br />See it!', "labelled “positive”", "<pad> × 5", "9 tokens"),
        *("(None, 128, 64)", "640,000", "652,577", "652,513", "Embedding"),
        *("4 epochs; the weights of epoch 2 were kept", "2 min 13 s", "lowered before epochs 3 and 4"),
        *("a linear model", "17 s", "Keras", "3.15.1", "Some CPU @ 2.80GHz"),
    ):
        assert words in text


def test_the_honest_protocol_is_told(page):
    assert "The honest protocol." in page.plain
    assert "optimistic: the test set" not in page.plain


def test_the_chapters_protocol_is_called_optimistic_beside_the_verdict_and_explained(binary_result, page_of, tmp_path):
    page = page_of(replace(binary_result, protocol="chapter", validation=binary_result.test), tmp_path)
    text = page.plain
    assert text.index("These figures are optimistic") < text.index("How good it is")
    assert "it decided when training stopped and which epoch’s weights were kept" in text
    assert "every figure here is optimistic" in text
    assert "The honest protocol" not in text
    assert f"validation{binary_result.validation.examples}" not in text
    assert "on the test set" in page.text


def test_the_candidates_are_told_with_the_chosen_one(page):
    text = page.text.replace("\n", "")
    assert "by log loss (lower is better)" in page.plain
    assert "modellog lossaccuracytime" in text
    assert "lstm (chosen)an LSTMits log loss is the lowest0.31284.5%1 min 15 s" in text
    assert "deepa deep LSTMnot tried: the time was up" in text
    assert "mixa blend0.32085.0%deep" in text, "what was blended had been fitted: no time"
    assert "0.0 s" not in text
    assert "Minus the logarithm of the probability" in page.plain


def test_candidates_of_an_earlier_version_have_no_loss(binary_result, page_of, tmp_path):
    earlier = tuple(replace(one, loss=None) for one in binary_result.candidates)
    text = page_of(replace(binary_result, candidates=earlier), tmp_path).text.replace("\n", "")
    assert "modelaccuracytime" in text
    assert "an LSTMits log loss is the lowest84.5%1 min 15 s" in text


def test_the_score_of_one_model_that_was_asked_for_is_no_comparison(binary_result, page_of, tmp_path):
    page = page_of(replace(binary_result, candidates=binary_result.candidates[:1]), tmp_path)
    assert "One model was asked for." in page.plain
    assert "were compared by" not in page.plain.partition("How the model was chosen")[2][:300]


def test_where_the_recipe_names_its_model_no_choice_is_told(binary_result, page_of, tmp_path):
    assert "How the model was chosen" not in page_of(replace(binary_result, candidates=()), tmp_path).text


@pytest.mark.drawn
def test_without_published_figures_there_is_no_column_for_them(binary_result, page_of, tmp_path):
    assert "ublished" not in page_of(replace(binary_result, published=None), tmp_path).text


def _perfect():
    labels = np.array([0, 1] * 6)
    predictions = Predictions(labels, labels * 0.9 + 0.05)
    return predictions, Binary(("negative", "positive")).scores(predictions, 0.5, resamples=50)


def test_a_perfect_model_is_not_called_certain(binary_result, page_of, tmp_path):
    predictions, scores = _perfect()
    baselines = (Baseline("same", "the same", scores, predictions.outputs, 1.0),)
    page = page_of(replace(binary_result, test_predictions=predictions, test=scores, baselines=baselines), tmp_path)
    assert "That is not certainty" in page.plain


def test_an_ordinary_model_needs_no_such_words(page):
    assert "not certainty" not in page.plain


@pytest.mark.drawn
@pytest.mark.parametrize(
    "changes",
    [
        {"history": {"loss": [0.5], "val_loss": [0.6]}, "epochs": 1, "best_epoch": 1},
        {"history": {"loss": [0.5, 0.4]}, "epochs": 2, "best_epoch": 2},
        {"history": {}, "epochs": 0, "best_epoch": 0},
        {"history": {"loss": [0.5, np.nan], "val_loss": [np.nan, np.inf]}, "epochs": 2, "best_epoch": 1},
        {"history": {"loss": [1 / n for n in range(1, 301)], "val_loss": [0.5] * 300}, "epochs": 300, "best_epoch": 9},
        {"baselines": ()},
    ],
)
def test_odd_runs_have_a_report_too(binary_result, page_of, changes, tmp_path):
    changed = replace(binary_result, **changes)
    shown = {figure["class"] for figure in page_of(changed, tmp_path).all("svg")}
    assert len(shown) == 6 if FIGURES["loss"].applies(changed) else shown.isdisjoint({"figure-loss"})


@pytest.mark.drawn
def test_labels_in_any_script_are_drawn(binary_result, page_of, tmp_path):
    data = replace(binary_result.data, label_names=("否定的", "إيجابي جدا"))
    page = page_of(replace(binary_result, data=data), tmp_path)
    assert page.text.count("否定的") > 4
    assert page.text.count("إيجابي جدا") > 4


@pytest.mark.drawn
def test_labels_that_figures_cannot_hold_or_leave_out_are_shown(binary_result, page_of, tmp_path):
    data = replace(binary_result.data, label_names=("_none", "\ufffesome"))
    page_of(replace(binary_result, data=data), tmp_path)
    drawn = (tmp_path / "figures" / "probabilities.svg").read_text(encoding="utf-8")
    assert {"_none", "⟨U+FFFE⟩some"} <= {text.text for text in ElementTree.fromstring(drawn).iter() if text.text}


def test_a_threshold_near_0_does_not_look_like_0(binary_result, page_of, tmp_path):
    page = page_of(replace(binary_result, test=replace(binary_result.test, threshold=0.0004)), tmp_path)
    assert "picked the threshold (0.00040)" in page.plain


@pytest.mark.drawn
def test_a_long_example_is_cut_and_says_so(binary_result, page_of, tmp_path):
    example = ExampleText("positive", "word " * 100_000, (*range(5000),), ("w",) * 5000)
    data = replace(binary_result.data, example=example)
    source = page_of(replace(binary_result, data=data), tmp_path).source
    assert len(source) < 300_000
    assert "…</blockquote>" in source
    assert "and 4700 more" in source
