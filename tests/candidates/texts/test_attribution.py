import numpy as np
import pytest

from unspool.candidates.texts import LinearTexts, NGrams
from unspool.candidates.texts.attribution import attribute
from unspool.candidates.texts.blend import BlendTexts
from unspool.candidates.texts.convolution import ConvolutionTexts
from unspool.candidates.texts.language_models.candidate import LanguageModelTexts
from unspool.candidates.texts.linear import COLUMNS, COUNTS, NB_CHARACTERS, NB_WORDS, WORDS_AND_CHARACTERS
from unspool.candidates.texts.trees import COLUMN_TREES, COUNT_TREES
from unspool.candidates.texts.vectors import VectorTexts
from unspool.data.texts.side_columns import TextRow

TEXTS = [
    "A fine film!",
    "",
    "fine fine<br />dull…  été\u00a0x 我 \u00a0 superb",
    "nothing known",
    " \u00a0 fine",
    " \u00a0 ",
    "a fine film " * 150,  # longer than what a language model reads
]
TFIDF = LinearTexts("tfidf", 1.0, (NGrams("words", 1, 2), NGrams("characters", 2, 4, within_words=True)), "tfidf")
CNN = ConvolutionTexts("cnn", 1.0, filters=16, epochs=3)
CNN_CHARACTERS = ConvolutionTexts("cnn-characters", 1.0, of="characters", widths=(2, 3), filters=16, epochs=2)
VECTORS = VectorTexts("vectors", 1.0, width=16, least=1, epochs=4)
BLEND = BlendTexts("blend", 1.0, (NB_WORDS, CNN, VECTORS))


@pytest.mark.parametrize(
    "candidate",
    [NB_WORDS, COUNTS, NB_CHARACTERS, WORDS_AND_CHARACTERS, TFIDF, CNN, CNN_CHARACTERS, VECTORS, COUNT_TREES, BLEND],
    ids=lambda one: one.name,
)
@pytest.mark.parametrize("task", ["binary", "multiclass", "regression"])
def test_the_shares_add_up_to_the_scores(candidate, task, reviews, targets_of):
    check(candidate.fit(reviews[0], targets_of[task], task), [*TEXTS, *reviews[0][:3]])


def test_those_of_a_language_model_do_too(reviews, targets_of):
    candidate = LanguageModelTexts("language-model", 1.0, work=0.1, least=1)
    model = candidate.fit(reviews[0], targets_of["multiclass"], "multiclass")
    check(model, [*TEXTS, *reviews[0][:3]])
    first = attribute(model, TEXTS[-1]).shares[:50]
    assert not first.any()  # before what it reads


@pytest.mark.parametrize(
    "task", ["binary", *(pytest.param(one, marks=pytest.mark.slow) for one in ("multiclass", "regression"))]
)
def test_columns_beside_the_text_count_in_the_base(task, reviews, targets_of):
    texts = [TextRow(text, (float(n % 7), "ab"[n % 2])) for n, text in enumerate(reviews[0])]
    model = BlendTexts("blend", 1.0, (NB_WORDS, CNN, COLUMNS, COLUMN_TREES)).fit(texts, targets_of[task], task)
    rows = [TextRow(text, (3.0, "b")) for text in TEXTS]
    check(model, rows)
    bases = [attribute(model.parts[0], TextRow("fine", cells)).base for cells in ((0.0, "a"), (6.0, "b"))]
    assert not np.allclose(*bases)


def test_trees_over_counts_and_columns_give_shares_to_words_alone(reviews, targets_of):
    texts = [TextRow(text, (float(n % 2),)) for n, text in enumerate(reviews[0])]
    numbers = np.array([len(text) + 100 * text.cells[0] for text in texts])
    model = COUNT_TREES.fit(texts, numbers, "regression")
    check(model, [TextRow(text, (1.0,)) for text in TEXTS])
    low, high = (attribute(model, TextRow(TEXTS[0], (cell,))).base for cell in (0.0, 1.0))
    assert high - low > 50


def test_trees_over_columns_alone_are_asked_once_however_long_a_text_is(reviews, targets_of, monkeypatch):
    texts = [TextRow(text, (float(n % 2),)) for n, text in enumerate(reviews[0])]
    model, asked = COLUMN_TREES.fit(texts, targets_of["binary"], "binary"), []
    scores = model.scores

    def counted(given):
        asked.extend(given)
        return scores(asked)

    monkeypatch.setattr(model, "scores", counted)
    assert not attribute(model, TextRow(TEXTS[-1], (1.0,))).shares.any()
    assert len(asked) == 1


def test_telling_words_have_the_largest_shares(reviews, targets_of):
    for candidate in (NB_WORDS, CNN, VECTORS, BLEND):
        found = attribute(candidate.fit(reviews[0], targets_of["binary"], "binary"), "it was a superb film")
        assert found.pieces[int(found.shares[:, 0].argmax())] == "superb", candidate.name


def check(model, texts):
    for text in texts:
        found = attribute(model, text)
        assert len(found.pieces) == len(found.shares)
        np.testing.assert_allclose(found.shares.sum(axis=0) + found.base, model.scores([text])[0], rtol=1e-4, atol=1e-5)
