from dataclasses import replace

import pytest

from unspool.data.tokenizers.tokenizer import fit_tokenizer
from unspool.data.tokenizers.vocabulary import Vocabulary
from unspool.descriptions.inputs import Tokens
from unspool.errors import UserError
from unspool.readers import READER, TOKENIZER, load_reader
from unspool.readers.text import TextReader, VocabularyReader

TEXTS = ["a good film", "a bad film", "a good plot and a bad one"]
RANKED = VocabularyReader(Vocabulary(("the", "good", "film")), num_words=7, skip_top=0, length=3)


def test_a_text_reader_comes_back_as_it_was(tmp_path):
    reader = TextReader(fit_tokenizer(TEXTS), length=4)
    reader.save(tmp_path)
    again = load_reader(tmp_path)
    assert again == reader
    assert again.read(["a plot and a film"]).tolist() == reader.read(["a plot and a film"]).tolist()


def test_a_text_reader_cuts_a_text_in_front_and_names_its_ids():
    reader = TextReader(fit_tokenizer(TEXTS, size=7), length=2)  # four that mean something else, and three words
    (ids,) = reader.read(["an unheard-of film a"]).tolist()
    assert reader.tokens(ids) == ["film", "a"]
    assert reader.inputs == Tokens(size=7)
    assert reader.described == "7 different tokens, the last 2 of a text"


def test_a_ranked_vocabulary_pads_in_front_and_cuts_there():
    start, good, film = 1, 5, 6
    assert RANKED.read(["Good film", "", "a good, good film"]).tolist() == [
        [start, good, film],
        [0, 0, start],
        [good, good, film],
    ]
    assert RANKED.tokens([good, film]) == ["good", "film"]
    assert RANKED.inputs == Tokens(size=7, length=3)


def test_the_most_and_the_least_frequent_words_become_unknown():
    reader = replace(RANKED, num_words=6, skip_top=5, length=4)
    unknown, good = 2, 5
    assert reader.read(["the good film"]).tolist() == [[unknown, unknown, good, unknown]]  # the start too, as in Keras


def test_ranks_are_read_as_the_words_they_stand_for():
    texts = ["good the film", "film"]
    ranks = RANKED.vocabulary.ranks(texts)
    assert RANKED.read_ranks(ranks).tolist() == RANKED.read(texts).tolist()


def test_a_ranked_vocabulary_comes_back_as_it_was(tmp_path):
    RANKED.save(tmp_path)
    again = load_reader(tmp_path)
    assert again == RANKED
    assert again.vocabulary.words == ("the", "good", "film")


@pytest.mark.parametrize(
    ("file", "good", "bad"),
    [
        (READER, '"num_words": 7', '"num_words": 0'),
        (READER, '"skip_top": 0', '"skip_top": null'),
        (READER, '"length": 3', '"length": 3.5'),
        (READER, '"length": 3', '"lenght": 3'),
        (TOKENIZER, '"good"', "7"),
    ],
)
def test_an_altered_vocabulary_reader_is_refused(tmp_path, file, good, bad):
    RANKED.save(tmp_path)
    content = (tmp_path / file).read_text()
    assert good in content
    (tmp_path / file).write_text(content.replace(good, bad))
    with pytest.raises(UserError, match=r"is altered"):
        load_reader(tmp_path)


def test_a_missing_tokenizer_is_told(tmp_path):
    TextReader(fit_tokenizer(TEXTS), length=4).save(tmp_path)
    (tmp_path / TOKENIZER).unlink()
    with pytest.raises(UserError, match=TOKENIZER):
        load_reader(tmp_path)
