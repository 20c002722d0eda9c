"""Words and pairs are counted as scikit-learn counts them, entry for entry."""

import numpy as np
import pytest
from sklearn.feature_extraction.text import CountVectorizer

from unspool.candidates.texts.word_pairs import WordPairs

TEXTS = ["b a b c", "", "c b a b a b", "é a b", "z", "a b c a b c"]


@pytest.mark.parametrize("least", [1, 2])
def test_as_count_vectorizer(least):
    peer = CountVectorizer(
        tokenizer=str.split, token_pattern=None, lowercase=False, ngram_range=(1, 2), min_df=least, dtype=np.float64
    )
    pairs, counts = WordPairs.fit(iter(TEXTS), str.split, least)
    new = ["a b z z", "unknown", "", "c é b c"]
    for found, expected in ((counts, peer.fit_transform(TEXTS)), (pairs.read(iter(new)), peer.transform(new))):
        for one, other in ((found.indptr, expected.indptr), (found.indices, expected.indices)):
            np.testing.assert_array_equal(one, other)
        np.testing.assert_array_equal(found.data, expected.data)
    assert pairs.names == peer.get_feature_names_out().tolist()


def test_without_words():
    pairs, counts = WordPairs.fit(["", "a"], str.split, 2)
    assert (pairs.names, counts.shape, pairs.read(["a"]).shape) == ([], (2, 0), (1, 0))
