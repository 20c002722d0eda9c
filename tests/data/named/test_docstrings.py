"""Docstrings as documents and summaries: what is taken, what is left out, no file on both sides."""

import numpy as np
import pytest

from unspool.data.named import docstrings, prose
from unspool.data.named.docstrings import DOCUMENT, SUMMARY, distinct, parted
from unspool.data.named.registry import load, lookup
from unspool.errors import UserError

PROSE = "The file is opened once, and what was read of it is kept in memory\nuntil it is closed again."


@pytest.mark.parametrize(
    ("docstring", "found"),
    [
        (f"Read a file.\n\n{PROSE}", ("Read a file.", PROSE.replace("\n", " "))),
        (f"Read a\nfile.\n\n{PROSE}\n\nReturns\n-------\nA text.\n", ("Read a file.", PROSE.replace("\n", " "))),
        (f"Read a file.\n\n{PROSE}\n\n    code = 1\n\n>>> read()\n", ("Read a file.", PROSE.replace("\n", " "))),
        (f"Read a file\n\n{PROSE}", None),
        (f"read a file.\n\n{PROSE}", None),
        (f"Read.\n\n{PROSE}", None),
        ("Read a file.\n\nIt is closed.", None),
        (
            "Read a file.\n\nParameters\n----------\nThe name of the file and all that is needed to open it, as text.",
            None,
        ),
        ("Read a file.", None),
    ],
)
def test_the_prose_below_the_first_line_is_the_document(docstring, found):
    assert parted(docstring) == (None if found is None else found[::-1])


def test_of_documents_that_share_words_the_first_is_kept():
    text = "the name of the file is not read again"
    rows = [(text, "A.", 0), (f"But {text}", "B.", 1), ("Other words", "a.", 2), ("Others", "C.", 3)]
    assert distinct(rows) == [rows[0], rows[3]]


def test_no_file_is_on_both_sides():
    rows = [(f"document {n}", f"Summary {n}.", n // 3) for n in range(60)]
    dataset = docstrings.assemble(lookup("docstrings"), rows)
    assert len(dataset.train) == 48
    assert len(dataset.test) == 12
    assert np.intersect1d(dataset.train.groups, dataset.test.groups).size == 0
    assert dataset.languages == (DOCUMENT, SUMMARY)


def test_it_is_kept_in_the_cache_and_made_again_where_that_is_damaged(monkeypatch, tmp_path):
    monkeypatch.setenv("UNSPOOL_CACHE", str(tmp_path))
    made = []
    some = [(f"document {n}", f"Summary {n}.", n) for n in range(docstrings.ENOUGH)]
    monkeypatch.setattr(docstrings, "_rows", lambda paths: made.append(1) or some)
    monkeypatch.setattr(docstrings, "library_key", lambda packages: "1")
    digest = load("docstrings").digest
    assert load("docstrings").digest == digest
    assert len(made) == 1
    (path,) = (path for path in tmp_path.rglob("*") if path.is_file())
    path.write_text("[[1")
    assert load("docstrings").digest == digest
    assert len(made) == 2


def test_a_python_without_sources_is_told(monkeypatch, tmp_path):
    monkeypatch.setenv("UNSPOOL_CACHE", str(tmp_path))
    monkeypatch.setattr(prose, "library_files", lambda: [])
    monkeypatch.setattr(prose, "package_files", lambda packages: [])
    with pytest.raises(UserError, match="gives only 0 docstrings"):
        load("docstrings")
