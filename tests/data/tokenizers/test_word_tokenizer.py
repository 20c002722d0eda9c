from hypothesis import given
from hypothesis import strategies as st

from unspool.data.tokenizers.tokenizer import fit_tokenizer
from unspool.data.tokenizers.vocabulary import Vocabulary
from unspool.data.tokenizers.word_tokenizer import WordTokenizer
from unspool.data.tokenizers.words import words


def test_words_seen_once_are_left_out_unless_a_size_is_set() -> None:
    texts = ["good film good plot", "film"]
    assert fit_tokenizer(texts) == WordTokenizer(("film", "good"))
    assert fit_tokenizer(texts, size=7) == WordTokenizer(("film", "good", "plot"))
    assert fit_tokenizer(texts, size=5) == WordTokenizer(("film",))
    assert fit_tokenizer(texts, size=1) == WordTokenizer(())


def test_texts_are_read_once_in_a_stream() -> None:
    stream = (text for text in ["a b", "a c"] * 1500)
    assert fit_tokenizer(stream) == WordTokenizer(("a", "b", "c"))
    assert next(stream, None) is None


def test_the_order_is_that_of_the_vocabulary_of_the_named_datasets() -> None:
    texts = ["the film, the plot", "the plot thins", "film"]
    assert WordTokenizer.fit(texts, size=100).vocabulary == Vocabulary.from_texts(texts).words


def test_what_is_not_known_keeps_its_place() -> None:
    tokenizer = WordTokenizer(("film", "plot"))
    ids = tokenizer.encode(["A film.", "", "plot twist plot"])
    assert ids.tolist() == [[1, 2, 4], [1], [1, 5, 2, 5]]
    assert tokenizer.tokens([0, 0, *ids[0]]) == ["<pad>", "<pad>", "<start>", "<unknown>", "film"]
    assert tokenizer.decode([0, 0, *ids[0]]) == "<unknown> film"


@given(st.lists(st.text(), max_size=5))
def test_known_texts_come_back_word_for_word(texts: list[str]) -> None:
    tokenizer = WordTokenizer.fit(texts, size=1000)
    for text, ids in zip(texts, tokenizer.encode(texts), strict=True):
        assert tokenizer.decode(ids) == " ".join(words(text))
        assert 2 not in ids
        assert max(ids) < tokenizer.size
