from pathlib import Path

import pytest

from programs import imported_by
from unspool.data.tokenizers.tokenizer import fit_tokenizer, load_tokenizer, save_tokenizer
from unspool.errors import UserError

TEXTS = ["the film, très bien 👍", "the plot, bien"] * 3


@pytest.mark.parametrize("kind", ["words", "bpe"])
def test_a_saved_tokenizer_comes_back(tmp_path: Path, kind: str) -> None:
    tokenizer = fit_tokenizer(TEXTS, kind)  # type: ignore[arg-type]
    save_tokenizer(tokenizer, tmp_path / "tokenizer.json")
    loaded = load_tokenizer(tmp_path / "tokenizer.json")
    assert loaded == tokenizer
    assert loaded.encode(TEXTS).tolist() == tokenizer.encode(TEXTS).tolist()


def test_an_unknown_kind_is_told() -> None:
    with pytest.raises(UserError, match='no tokenizer \'letters\': it is "words" or "bpe"'):
        fit_tokenizer(TEXTS, "letters")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ('{"unspool tokenizer": 1, "kind": "words", "vocabu', "is cut short or altered: it is not JSON"),
        ("[" * 100_000, "is cut short or altered: it is not JSON"),
        ("[]", "is not a tokenizer of this version"),
        ('{"unspool tokenizer": 2, "kind": "words", "vocabulary": []}', "is not a tokenizer of this version"),
        ('{"unspool tokenizer": 1, "kind": "letters"}', "is altered: there is no kind 'letters'"),
        ('{"unspool tokenizer": 1, "kind": "words"}', "is altered: the vocabulary is not a list of words"),
        (
            '{"unspool tokenizer": 1, "kind": "words", "vocabulary": ["a", 1]}',
            "the vocabulary is not a list",
        ),
        ('{"unspool tokenizer": 1, "kind": "words", "vocabulary": ["a", "a"]}', "is altered: a word occurs twice"),
        ('{"unspool tokenizer": 1, "kind": "bpe"}', "is altered: it does not describe a BPE"),
        ('{"unspool tokenizer": 1, "kind": "bpe", "bpe": {"model": {}}}', "is altered: it does not describe a BPE"),
    ],
)
def test_a_damaged_file_is_told(tmp_path: Path, content: str, message: str) -> None:
    path = tmp_path / "tokenizer.json"
    path.write_text(content)
    with pytest.raises(UserError, match=message):
        load_tokenizer(path)


def test_bpe_with_other_special_ids_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "tokenizer.json"
    save_tokenizer(fit_tokenizer(TEXTS, "bpe"), path)
    path.write_text(path.read_text().replace('" start": 1', '" start": 2').replace('" unknown": 2', '" unknown": 1'))
    with pytest.raises(UserError, match="is altered: its first ids are not those of padding"):
        load_tokenizer(path)


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"absent\.json cannot be read: No such file"):
        load_tokenizer(tmp_path / "absent.json")


def test_words_need_neither_the_library_of_bpe_nor_keras() -> None:
    script = "from unspool.data.tokenizers.tokenizer import fit_tokenizer; fit_tokenizer(['a a'])"
    assert not imported_by(script, "tokenizers", "keras", "jax", "sklearn", "pyarrow")
