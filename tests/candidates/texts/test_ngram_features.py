"""The matrix of n-grams against scikit-learn's, and read again from arrays."""

import numpy as np
import pytest
from sklearn.feature_extraction.text import CountVectorizer

from unspool import kernels
from unspool.candidates.texts.ngram_features import NGramReader, NGrams
from unspool.data.tokenizers.text_tokens import text_tokens

TEXTS = ["A fine, fine film!", "the film was fine", "été — dull été film", "", "Don't  we\n like the film?"]
KINDS = [
    NGrams("words", 1, 3, least=1),
    NGrams("words", 2, 2, least=2),
    NGrams("characters", 2, 5, least=1),
    NGrams("characters", 1, 3, least=2, within_words=True),
]
EVERY = pytest.mark.parametrize("of", KINDS, ids=lambda of: f"{of.of}-{of.shortest}-{of.longest}")


def expected(of):
    if of.of == "words":
        vectorizer = CountVectorizer(
            tokenizer=text_tokens,
            token_pattern=None,
            lowercase=False,
            ngram_range=(of.shortest, of.longest),
            min_df=of.least,
        )
        return vectorizer.fit_transform(TEXTS).toarray(), vectorizer.get_feature_names_out().tolist()
    rows = [" " + " ".join(text.lower().split()) + " " for text in TEXTS]
    pieces = [
        [row[at : at + size] for size in range(of.shortest, of.longest + 1) for at in range(len(row) - size + 1)]
        for row in rows
    ]
    if of.within_words:
        pieces = [[piece for piece in row if " " not in piece[1:-1]] for row in pieces]
    names = sorted({piece for row in pieces for piece in row})
    counts = np.array([[row.count(name) for name in names] for row in pieces])
    kept = (counts > 0).sum(axis=0) >= of.least
    return counts[:, kept], [name for name, keep in zip(names, kept, strict=True) if keep]


@EVERY
@pytest.mark.parametrize("path", ["native", "reference"])
def test_counts_are_those_of_plain_counting(of, path):
    if path == "native" and kernels.status().path != "native":
        pytest.skip("no native kernels")
    counts, names = expected(of)
    with kernels.use(path):
        reader, found = NGramReader.fit(of, TEXTS)
        order = np.argsort(np.array(reader.names(), object))
        assert [reader.names()[at] for at in order] == names
        np.testing.assert_array_equal(found.toarray()[:, order], counts)
        np.testing.assert_array_equal(reader.read(TEXTS).toarray(), found.toarray())


@EVERY
def test_read_again_from_arrays(of):
    reader, _ = NGramReader.fit(of, TEXTS)
    again = NGramReader.from_arrays(of, reader.arrays())
    new = ["a fine new film", *TEXTS]
    np.testing.assert_array_equal(again.read(new).toarray(), reader.read(new).toarray())
    assert again.names() == reader.names()
