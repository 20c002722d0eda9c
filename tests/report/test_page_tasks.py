"""The page of a run over series: what is in it, and that it speaks of what it is about."""

from dataclasses import replace

import pytest

from unspool.evaluation.result import ExampleText


@pytest.fixture(scope="module", params=["multiclass_result", "multilabel_result", "regression_result"])
def task_result(request):
    return request.getfixturevalue(request.param)


@pytest.fixture(scope="module")
def page(task_result, page_of, tmp_path_factory):
    return page_of(task_result, tmp_path_factory.mktemp("report"))


def test_the_verdict_comes_first_and_the_rest_in_the_order_of_reading(task_result, page):
    text = page.plain
    order = [
        task_result.title,
        task_result.verdict.words,
        task_result.description,
        "How good it is",
        "How it was measured",
        "Compared with simple models",
        "Predictions on the test set",
        "The data",
        "One example, labelled “walking”",
        "The model",
        "Reproduce this run",
    ]
    body = text[text.index("Recipe motion") :]
    places = [body.index(words) for words in order]
    assert places == sorted(places)


def test_a_page_of_series_speaks_of_no_texts_and_images(page):
    shown = page.plain.lower()
    for word in ("token", "word", "image", "pixel", "review"):
        assert word not in shown, word
    assert "time step" in shown


def test_examples_are_counted_by_label_and_together(task_result, page):
    assert "all examples1,234120120" in page.text.replace("\n", "")
    for name in task_result.data.label_names:
        assert page.text.count(name) > 2


def test_the_threshold_is_told_where_there_is_one(task_result, page):
    assert ("threshold (0.400)" in page.plain) == (task_result.task == "multilabel")


@pytest.mark.undrawn
def test_texts_without_a_label_are_told(multiclass_result, page_of, tmp_path):
    assert "unlabelled texts" not in page_of(multiclass_result, tmp_path / "none").plain
    data = replace(multiclass_result.data, unlabelled=50_000)
    assert "50,000 unlabelled texts" in page_of(replace(multiclass_result, data=data), tmp_path / "many").plain


@pytest.mark.undrawn
def test_a_text_is_shown_with_its_tokens(multiclass_result, page_of, tmp_path):
    example = ExampleText("walking", "to walk", (1, 7, 8), ("<start>", "to", "walk"))
    page = page_of(replace(multiclass_result, data=replace(multiclass_result.data, example=example)), tmp_path)
    assert "3 tokens" in page.plain
    assert "figure-example" not in {figure["class"] for figure in page.all("svg")}
