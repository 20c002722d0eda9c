from dataclasses import replace

import pytest

from unspool.candidates.titles import TITLES
from unspool.report.terms import explained, terms_of


@pytest.mark.parametrize(
    ("title", "words"),
    [
        ("TF-IDF logistic regression over words and pairs of words", {"logistic regression", "TF-IDF"}),
        (TITLES["nearest neighbour, warped"], {"dynamic time warping"}),
        (TITLES["theta"], {"theta method"}),
        (TITLES["arima"], {"ARIMA"}),
        ("PCA with 2 dimensions", {"PCA"}),
        ("word for word (IBM Model 1)", {"IBM Model 1"}),
        ("the majority class", set()),
    ],
)
def test_the_words_of_a_title_are_explained(title, words):
    assert set(explained([title])) == words


def test_a_page_explains_the_words_that_it_uses_and_no_others(binary_result, regression_result, page_of, tmp_path):
    titled = replace(binary_result.baselines[0], title="naive Bayes over words")
    result = replace(binary_result, baselines=(titled, *binary_result.baselines[1:]))
    page = page_of(result, tmp_path)
    assert "naive BayesCompares how often" in page.plain
    assert "cross-validationThe training data is cut into parts" in page.plain
    assert "document vectors" not in page.plain
    assert "cross-validation" not in terms_of(replace(regression_result, candidates=()))
