import pytest

from unspool.data.tokenizers.tokenizer import fit_tokenizer
from unspool.data.tokenizers.vocabulary import Vocabulary
from unspool.errors import UserError
from unspool.readers import (
    READER,
    READERS,
    ImageReader,
    TextReader,
    VocabularyReader,
    WordReader,
    load_reader,
    reads_texts,
)


def test_every_kind_is_known_by_its_own_name():
    assert list(READERS) == [
        "text",
        "vocabulary",
        "tokens",
        "series",
        "images",
        "raw text",
        "raw series",
        "forms of words",
        "raw words",
        "steps",
        "pairs",
        "forecast",
    ]
    assert all(reader.kind == kind for kind, reader in READERS.items())


@pytest.mark.parametrize(
    ("good", "bad", "message"),
    [
        ('"images"', '"pictures"', "is altered: there is no kind 'pictures'"),
        ('"kind"', '"sort"', "is altered: 'kind'"),
        ("}", "", "is cut short or altered"),
        ("unspool reader", "unspool tokenizer", "is not a reader of this version"),
    ],
)
def test_an_altered_file_is_refused(tmp_path, good, bad, message):
    ImageReader(3, 2).save(tmp_path)
    path = tmp_path / READER
    path.write_text(path.read_text().replace(good, bad))
    with pytest.raises(UserError, match=message):
        load_reader(tmp_path)


def test_a_tagger_of_an_earlier_version_is_to_be_trained_again(tmp_path):
    WordReader(("a",)).save(tmp_path)
    path = tmp_path / READER
    path.write_text(path.read_text().replace("forms of words", "split words"))
    with pytest.raises(UserError, match=r"an earlier version of unspool trained this tagger\. Train it again"):
        load_reader(tmp_path)


def test_a_missing_file_is_told(tmp_path):
    with pytest.raises(UserError, match=READER):
        load_reader(tmp_path)


def test_what_reads_texts_is_told_apart():
    assert reads_texts(TextReader(fit_tokenizer(["a"]), 1))
    assert reads_texts(VocabularyReader(Vocabulary(("a",)), 5, 0, 1))
    assert not reads_texts(ImageReader(3, 2))
