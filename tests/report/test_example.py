"""One example, as a page shows it."""

from dataclasses import replace

import numpy as np

from unspool.evaluation.result import ExampleSeries, ExampleText
from unspool.report.example import MOST_CHANNELS, Token, example_tokens, is_series, series_figure


def test_padding_is_told_once_and_words_each():
    example = ExampleText("x", "", (0, 0, 0, 0, 7, 7, 8), (*["<pad>"] * 4, "ha", "ha", "no"))
    assert example_tokens(example) == [Token("<pad>", 0, 4), Token("ha", 7, 1), Token("ha", 7, 1), Token("no", 8, 1)]


def test_equal_words_of_different_ids_stay_apart():
    assert len(example_tokens(ExampleText("x", "", (1, 2, 1, 2), ("x",) * 4))) == 4


def test_a_series_has_a_line_for_each_channel(multiclass_result):
    lines = series_figure(multiclass_result).axes[0].lines
    assert [line.get_label() for line in lines] == ["x", "y"]
    steps = np.array(multiclass_result.data.example.steps)
    np.testing.assert_array_equal(lines[1].get_ydata(), steps[:, 1])


def test_of_many_channels_the_first_are_drawn(multiclass_result):
    example = ExampleSeries("walking", tuple(map(str, range(40))), ((0.0,) * 40, (1.0,) * 40))
    many = replace(multiclass_result, data=replace(multiclass_result.data, example=example))
    assert len(series_figure(many).axes[0].lines) == MOST_CHANNELS


def test_texts_and_series_are_told_apart(result, multiclass_result):
    assert is_series(multiclass_result.data)
    assert not is_series(result.data)
