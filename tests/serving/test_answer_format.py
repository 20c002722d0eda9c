"""How answers are written, where no model of the tests has them."""

import numpy as np

from unspool.serving.answer_format import Output, format_of


class Several:
    """A model whose examples may have several labels, as far as answers need it."""

    labels, task = ("a", "b", "c"), "multilabel"

    def decide(self, outputs):
        return [[label for label, one in zip(self.labels, row, strict=True) if one >= 0.5] for row in outputs]

    def probabilities_of(self, outputs):
        return outputs


def test_several_labels_are_yes_or_no_of_each():
    outputs = np.array([[0.9, 0.1, 0.5], [0.0, 0.0, 0.0]])
    first, second = format_of(Several()).tensors(outputs)
    assert first == Output("prediction", [2, 3], "BOOL", [True, False, True, False, False, False])
    assert second.data == outputs.ravel().tolist()
