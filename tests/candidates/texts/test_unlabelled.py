"""Texts without a label: what learns from them, that labels are not looked at, and that they help."""

import numpy as np
import pytest

from unspool.candidates import reads_unlabelled as by_name
from unspool.candidates.examples import Examples
from unspool.candidates.texts import CANDIDATES, BlendTexts, LinearTexts, NGrams, VectorTexts, choose, vector_heads
from unspool.candidates.texts.corpus import Corpus
from unspool.candidates.texts.held_out import splits
from unspool.candidates.texts.unlabelled import reads_unlabelled, with_unlabelled
from unspool.candidates.texts.vector_heads import regression

pytestmark = pytest.mark.whole

WORDS = LinearTexts("words", 1.0, (NGrams("words", 1, 1),), c=10.0)
VECTORS = VectorTexts("vectors", 3.0, width=16, longest=1, least=2, epochs=20, c=1.0)
BLEND = BlendTexts("blend", 5.0, (WORDS, VECTORS))


@pytest.fixture
def synonyms():
    """Texts of two kinds, each with eighty words of its own: few with labels, which show few of the words."""
    random = np.random.default_rng(0)
    words = [[f"w{kind}x{n}" for n in range(80)] for kind in (0, 1)]
    kinds = np.arange(640) % 2
    texts = [" ".join([*random.choice(words[kind], 12), *random.choice(["the", "a", "of"], 3)]) for kind in kinds]
    return texts, kinds


def test_which_candidates_learn_from_them():
    assert [name for name, one in CANDIDATES.items() if reads_unlabelled(one)] == [
        "vectors",
        "nb-words+vectors",
        "blend",
        "language-model",
        "blend-language-model",
    ]
    assert by_name(["nb-words", "no such"]) is False
    assert by_name(["blend"]) is True
    texts = ["a film"]
    assert with_unlabelled(WORDS, texts) is WORDS
    assert with_unlabelled(BLEND, []) is BLEND
    assert with_unlabelled(BLEND, texts).parts[1].unlabelled is texts
    assert [with_unlabelled(BLEND, texts, by_labels=by).parts[1].by_labels for by in (False, True)] == [False, True]


def test_words_that_no_label_shows_are_understood(synonyms):
    texts, kinds = synonyms
    few, rest, test = slice(0, 8), slice(8, 400), slice(400, 640)
    alone = choose(Examples(texts[few], kinds[few], "binary"), [VECTORS], budget=60)
    helped = choose(Examples(texts[few], kinds[few], "binary"), [VECTORS], budget=60, unlabelled=texts[rest])
    right = [((one.model.outputs(texts[test]) > 0.5) == kinds[test]).mean() for one in (alone, helped)]
    assert right[1] > 0.95 > right[0] + 0.1
    assert (alone.unlabelled, helped.unlabelled) == (0, 392)


def test_labels_play_no_part_in_the_vectors(synonyms):
    texts, kinds = synonyms
    described = with_unlabelled(VECTORS, texts[40:])
    one, other = (described.fit(texts[:40], target, "binary") for target in (kinds[:40], 1 - kinds[:40]))
    np.testing.assert_array_equal(one.vectors(texts[:40]), other.vectors(texts[:40]))
    assert (one._model.keep == 1).all()


def test_vectors_are_found_once_for_all_parts(synonyms, monkeypatch):
    texts, kinds = synonyms
    times, train = [], VectorTexts._train
    monkeypatch.setattr(VectorTexts, "_train", lambda self, *given: times.append(1) or train(self, *given))
    choice = choose(
        Examples(texts[:100], kinds[:100], "binary"), [VECTORS, BLEND, WORDS], budget=60, unlabelled=texts[100:]
    )
    assert len(times) == 1
    assert choice.tried[1].name == "vectors"
    part = with_unlabelled(VECTORS, texts[100:]).fit(Corpus(texts[:100]).take(np.arange(50)), kinds[:50], "binary")
    assert part.scores(texts[:3]).shape == (3, 1)


def test_many_labels_say_which_words_count(synonyms):
    texts, kinds = synonyms
    described = with_unlabelled(VECTORS, texts[320:], by_labels=True)
    corpus, part = Corpus([*texts[:300], *["unseen words"] * 5]), np.arange(300)
    model = described.fit(corpus.take(part), kinds[:300], "binary")
    keep = dict(zip(model._reader.names(), model._model.keep, strict=True))
    assert keep["w0x0"] > 2 * keep["the"]
    assert "unseen" not in keep, "a text that is held out was read"
    assert ((model.outputs(texts[300:]) > 0.5) == kinds[300:]).mean() > 0.95


@pytest.mark.parametrize(
    ("task", "several", "anew"), [("binary", 99, True), ("binary", 100, False), ("regression", 99, False)]
)
def test_vectors_of_many_labels_are_found_anew_for_each_part(synonyms, monkeypatch, task, several, anew):
    texts, kinds = synonyms
    monkeypatch.setattr("unspool.candidates.texts.trials.SEVERAL", several)
    monkeypatch.setattr("unspool.candidates.texts.trials.repeated_splits", lambda *given, **how: [splits(*given[:2])])
    read, train = [], VectorTexts._train
    monkeypatch.setattr(VectorTexts, "_train", lambda self, *given: read.append(len(given[0])) or train(self, *given))
    choice = choose(Examples(texts[:100], kinds[:100], task), [VECTORS], budget=60, unlabelled=texts[100:])
    assert read == ([620] * 5 + [640] if anew else [640])
    assert choice.unlabelled == 540


def test_a_blend_without_them_has_not_read_them(synonyms):
    texts, kinds = synonyms
    choice = choose(Examples(texts[:400], kinds[:400], "binary"), [WORDS], budget=60, unlabelled=texts[400:])
    assert choice.unlabelled == 0


def test_what_would_take_too_long_is_not_tried(synonyms, monkeypatch):
    texts, kinds = synonyms
    monkeypatch.setattr("unspool.candidates.texts.vector_training._CHARACTERS_A_SECOND", 1000)
    choice = choose(Examples(texts[:40], kinds[:40], "binary"), [WORDS, VECTORS], budget=1, unlabelled=texts[40:])
    assert choice.tried[1].note


@pytest.mark.parametrize("many", [False, True])
def test_of_many_texts_rare_words_count_less(synonyms, monkeypatch, many):
    monkeypatch.setattr("unspool.candidates.texts.vector_training._MANY_TEXTS", 100 if many else 1000)
    texts, kinds = synonyms
    rare = ["rare words here"] * 5
    model = with_unlabelled(VECTORS, [*texts[40:], *rare]).fit(texts[:40], kinds[:40], "binary")
    assert ("rare" in model._reader.names()) is not many


@pytest.mark.parametrize("how", ["groups", "times"])
def test_the_linear_model_is_chosen_on_other_groups_or_later_texts(synonyms, monkeypatch, how):
    texts, kinds = synonyms
    known, parted = np.arange(60) // 5, []

    def heard(vectors, unlabelled, wanted, task, c, seed, parts, groups):
        parted.append((len(vectors), parts))
        assert how == "times" if groups is None else len(groups) == len(vectors)
        return regression(vectors, wanted, task, c, seed)

    monkeypatch.setattr(vector_heads, "best", heard)
    given = Examples(texts[:60], kinds[:60], "binary", **{how: known})
    choose(given, [VECTORS], budget=60, unlabelled=texts[60:])
    assert len(parted) > 2
    assert parted[-1][0] == 60  # the final fit
    for count, parts in parted:
        assert len(parts) == (1 if how == "times" else 5)
        assert max(rows.max() for part in parts for rows in part) < count
    for train, held in parted[-1][1]:
        assert not np.isin(known[held], known[train]).any()
        assert how == "groups" or known[held].min() > known[train].max()
