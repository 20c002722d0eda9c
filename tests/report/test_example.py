"""One example, as a page shows it."""

from unspool.evaluation.result import ExampleText
from unspool.report.example import Token, example_tokens, is_series


def test_padding_is_told_once_and_words_each():
    example = ExampleText("x", "", (0, 0, 0, 0, 7, 7, 8), (*["<pad>"] * 4, "ha", "ha", "no"))
    assert example_tokens(example) == [Token("<pad>", 0, 4), Token("ha", 7, 1), Token("ha", 7, 1), Token("no", 8, 1)]


def test_equal_words_of_different_ids_stay_apart():
    assert len(example_tokens(ExampleText("x", "", (1, 2, 1, 2), ("x",) * 4))) == 4


def test_texts_and_series_are_told_apart(binary_result, multiclass_result, reconstruction_result):
    assert is_series(multiclass_result.data)
    assert not is_series(binary_result.data)
    assert not is_series(reconstruction_result.data)
