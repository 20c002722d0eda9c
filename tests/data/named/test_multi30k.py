"""Multi30k: each file is the published one, or refused."""

import gzip
import hashlib

import pytest

from unspool.data.named.multi30k import read_sentences
from unspool.data.named.registry import load
from unspool.errors import UserError

TEXT = b"Ein Mann.\nZwei Hunde \n"
PACKED = gzip.compress(TEXT)
CONTENT = hashlib.sha256(TEXT).hexdigest()


@pytest.mark.parametrize("packed", [PACKED, TEXT], ids=["packed", "plain"])
def test_a_sentence_is_a_line(tmp_path, packed):
    (tmp_path / "de.gz").write_bytes(packed)
    assert read_sentences(tmp_path / "de.gz", CONTENT) == ["Ein Mann.", "Zwei Hunde"]


@pytest.mark.parametrize(
    ("content", "message"),
    [(TEXT[:-1], "is not the published file"), (PACKED[:-9], "cannot be read to its end")],
    ids=["altered", "cut short"],
)
def test_another_file_is_refused(tmp_path, content, message):
    (tmp_path / "de.gz").write_bytes(content)
    with pytest.raises(UserError, match=message):
        read_sentences(tmp_path / "de.gz", CONTENT)


@pytest.mark.data
def test_the_real_sentences(real_data, cache):
    dataset = load("multi30k", folder=real_data, download=False)
    assert dataset.languages == ("en", "de", "fr")
    assert [len(split) for split in (dataset.train, dataset.validation, dataset.test)] == [29_000, 1_014, 1_000]
    assert dataset.train.texts["de"][0] == "Zwei junge weiße Männer sind im Freien in der Nähe vieler Büsche."
    assert dataset.test.texts["en"][0] == "A man in an orange hat starring at something."
