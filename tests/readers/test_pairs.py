"""What a model that translates reads, and how that is kept."""

import json

import pytest

from unspool.data.ragged import Ragged
from unspool.errors import UserError
from unspool.readers import READER, PairReader, load_reader, reads_texts
from unspool.readers.pairs import first

SOURCES, TARGETS = ["ein mann", "ein hund"] * 3, ["a man sleeps", "a dog"] * 3
LETTERS = '" adehimnu"'


def test_one_tokenizer_reads_both_sides():
    reader = PairReader.fit(SOURCES, TARGETS, size=290)
    ids = reader.read(["ein dog", "ein mann, ein mann, ein mann"])
    assert "".join(reader.tokens(ids[0])) == "<start>ein dog"
    assert reader.length == max(map(len, reader.tokenizer.encode(SOURCES + TARGETS)))
    assert len(ids[1]) == reader.length
    assert reads_texts(reader)


@pytest.mark.parametrize(("few", "size"), [(6, 266), (7, 262)])
def test_fewer_pairs_have_fewer_pieces_by_default(monkeypatch, few, size):
    for name, value in (("_FEW", few), ("SIZE", 266), ("_SMALLER_SIZE", 262)):
        monkeypatch.setattr(f"unspool.readers.pairs.{name}", value)
    assert PairReader.fit(SOURCES, TARGETS).tokenizer.size == size


def spelt(number):
    return "".join("abcdefghij"[int(digit)] for digit in str(number))


NUMBERS = range(1000, 1200)
WORDS, SENTENCES = [spelt(number) for number in NUMBERS], [f"{spelt(number)} is a word" for number in NUMBERS]
"""No word occurs twice, no sentence either."""


@pytest.mark.parametrize("sides", [(WORDS, SENTENCES), (SENTENCES, WORDS), (WORDS, [f"{word}s" for word in WORDS])])
def test_words_that_occur_once_are_read_in_small_pieces(sides, monkeypatch):
    """Else most words of training are a piece each, and others are split into pieces that training hardly shows."""
    monkeypatch.setattr("unspool.readers.pairs._SIZE_OF_WORDS", 265)
    assert PairReader.fit(*sides).tokenizer.size == 265
    assert PairReader.fit(*sides, size=270).tokenizer.size == 270


def test_numbers_that_occur_once_are_read_in_small_pieces(monkeypatch):
    """Else an amount is cut into pieces that training hardly shows, and digits are lost on the way."""
    monkeypatch.setattr("unspool.readers.pairs._SIZE_OF_WORDS", 265)
    amounts = [f"{number / 100:.2f} euros" for number in NUMBERS]
    assert PairReader.fit(SENTENCES, amounts).tokenizer.size == 265
    for others in ([f"{number % 20} of a month" for number in NUMBERS], [f"{one}, {one}" * 3 for one in amounts]):
        assert PairReader.fit(SENTENCES, others).tokenizer.size > 265


def test_other_texts_may_be_read_in_whole_words(monkeypatch):
    monkeypatch.setattr("unspool.readers.pairs._SIZE_OF_WORDS", 265)
    for targets in (SENTENCES, ["yes", "no"] * 100, [word * 12 for word in WORDS]):
        assert PairReader.fit(SENTENCES, targets).tokenizer.size > 265
    assert PairReader.fit(WORDS, WORDS, merged="targets").tokenizer.size > 265  # letters to phonemes


ENGLISH = ["I do not know.", "It is raining.", "He is a doctor.", "I am hungry.", "Let us go."]
"""Sentences, of which others are translations."""


@pytest.mark.parametrize(
    "sentences",
    [
        ["我不知道。", "下雨了。", "他是医生。", "我饿了。", "我们走吧。"],
        ["わかりません。", "雨が降っている。", "彼は医者です。", "お腹が空いた。", "行きましょう。"],
        ["ฉันไม่รู้", "ฝนกำลังตก", "เขาเป็นหมอ", "ฉันหิว", "ไปกันเถอะ"],
        ["모르겠어요.", "비가와요.", "의사예요.", "배고파요.", "갑시다."],
    ],
    ids=["Chinese", "Japanese", "Thai", "Korean"],
)
def test_sentences_without_spaces_are_not_taken_for_single_words(sentences, monkeypatch):
    """In small pieces they would be read and written byte by byte."""
    monkeypatch.setattr("unspool.readers.pairs._SIZE_OF_WORDS", 257)
    for sides in [(ENGLISH, sentences), (sentences, ENGLISH), (["ignoro", "piove", "medico", "fame", "su"], sentences)]:
        assert PairReader.fit(*sides).tokenizer.size > 257


def test_capitals_are_read_as_small_letters_where_asked():
    reader = PairReader.fit([text.upper() for text in SOURCES], TARGETS, lowercase=True)
    assert reader.read(["EIN Mann"]).tolist() == reader.read(["ein mann"]).tolist()


def test_white_space_around_a_text_is_not_read():
    """Training pairs come without it, so a line break at the end of a text was a token that training never showed."""
    reader = PairReader.fit(SOURCES, TARGETS, size=290)
    assert reader.read([" ein mann\r\n", "ein hund\u3000"]).tolist() == reader.read(["ein mann", "ein hund"]).tolist()
    assert reader.cut([f"{SOURCES[0]}{9 * ' '}"]) == 0


@pytest.mark.parametrize("lowercase", [False, True])
def test_it_comes_back(tmp_path, lowercase):
    reader = PairReader.fit(SOURCES, TARGETS, size=270, length=4, lowercase=lowercase)
    reader.save(tmp_path)
    assert load_reader(tmp_path) == reader


@pytest.mark.parametrize(("good", "bad"), [('"length": 4', '"length": 0'), ("false", '"no"'), (LETTERS, "7")])
def test_an_altered_file_is_refused(tmp_path, good, bad):
    PairReader.fit(SOURCES, TARGETS, size=270, length=4).save(tmp_path)
    path = tmp_path / READER
    assert good in path.read_text()
    path.write_text(path.read_text().replace(good, bad))
    with pytest.raises(UserError, match="is altered"):
        load_reader(tmp_path)


def test_a_reader_of_an_earlier_version_knows_no_characters(tmp_path):
    PairReader.fit(SOURCES, TARGETS, size=270).save(tmp_path)
    path = tmp_path / READER
    content = json.loads(path.read_text())
    path.write_text(json.dumps({name: value for name, value in content.items() if name != "characters"}))
    assert load_reader(tmp_path).unseen("щи") == ""


def test_the_beginning_is_kept():
    assert first(Ragged.from_sequences([[], [1, 2, 3], [4]]), 2).tolist() == [[], [1, 2], [4]]
