"""What a person gives that cannot be used: one sentence each, as a UserError and a ValueError."""

import numpy as np
import pytest
from sklearn.exceptions import NotFittedError

from unspool import SequenceClassifier, SequenceRegressor
from unspool.errors import UserError

from .small import QUICK, ragged, texts, tokens

SERIES, LABELS = ragged(20)
BINARY = [0, 1] * 10


def refused(match, X, y=BINARY, **parameters):
    with pytest.raises(UserError, match=match) as caught:
        SequenceClassifier(**QUICK | {"epochs": 1} | parameters).fit(X, y)
    assert isinstance(caught.value, ValueError)


def test_what_is_no_sequence_is_named():
    refused(r"X\[3\] is None, and a text was expected", [*texts(3)[0], None] * 5)
    refused(r"X\[1\] is a float, and a text was expected", ["a", float("nan")] * 10)
    refused(r"X\[1\] is a str, and numbers were expected", [np.zeros(3), "a"] * 10)
    refused(r"X\[0\] is an array of shape \(2, 3, 4\), and a series was expected", [np.zeros((2, 3, 4))] * 20)
    refused(r"X\[1\] has 3 channels, and 2 were expected", [np.zeros((4, 2)), np.zeros((4, 3))] * 10)
    refused(r"X\[1\] has a number that is not finite, in step 2", [np.zeros(4), np.array([0, 1, np.inf])] * 10)
    refused("X is empty", [], [])
    refused("every sequence is empty", [np.zeros((0, 2))] * 20)
    refused("No word stands twice in the training texts of X", [f"w{number}" for number in range(20)])
    refused("X holds no texts", np.zeros((20, 3)), reads="text")


def test_whole_numbers_may_be_tokens_or_measurements():
    refused(r"X\[0\] is a list of whole numbers: .* reads='tokens' or reads='series'", tokens(20)[0])
    SequenceClassifier(**QUICK, epochs=1, reads="series").fit(tokens(20)[0], BINARY)
    refused("a list of token ids, whole numbers, was expected", [[1.5]] * 20, reads="tokens")


def test_parameters_are_checked_in_fit():
    refused("SequenceClassifier: units is 0: input should be greater than or equal to 1", SERIES, units=0)
    refused("cell is 'lstmm': input should be 'rnn', 'lstm' or 'gru'", SERIES, cell="lstmm")
    refused("validation_fraction is 0.7", SERIES, validation_fraction=0.7)
    refused("dropout is 1.0", SERIES, dropout=1.0)
    refused("verbose is 5", SERIES, verbose=5)
    refused("learning_rate is nan", SERIES, learning_rate=float("nan"))
    with pytest.raises(ValueError, match="Seed must be"):
        SequenceClassifier(random_state=-1).fit(SERIES, LABELS)


@pytest.mark.parametrize(
    ("X", "parameters", "message"),
    [
        (texts(20)[0], {"units": 8}, "units has no effect: this model has no recurrent layer. Set layers=1 too"),
        (texts(20)[0], {"cell": "gru", "layers": 0}, "cell has no effect: this model has no recurrent layer"),
        (texts(20)[0], {"pooling": "last"}, "pooling is 'last', but this model has no recurrent layer"),
        (SERIES, {"embedding": 8}, "embedding has no effect: this model reads series"),
        (SERIES, {"vocabulary": 90}, "vocabulary has no effect: X holds series"),
        (SERIES, {"tokenizer": "words"}, "tokenizer has no effect: X holds series, no texts"),
        (tokens(20)[0], {"reads": "tokens", "tokenizer": "bpe"}, "tokenizer has no effect: X holds tokens, no texts"),
        (
            SERIES,
            {"layers": 0, "bidirectional": True},
            "bidirectional has no effect: this model has no recurrent layer",
        ),
    ],
)
def test_a_parameter_without_effect_is_refused(X, parameters, message):
    with pytest.raises(UserError, match=message) as caught:
        SequenceClassifier(**parameters).fit(X, BINARY)
    assert isinstance(caught.value, ValueError)


def test_labels_that_teach_nothing():
    refused("from one class: all of y is 1", SERIES, [1] * 20)
    refused("requires y to be passed", SERIES, None)
    with pytest.raises(ValueError, match="inconsistent numbers of samples"):
        SequenceClassifier().fit(SERIES, LABELS[:-1])
    with pytest.raises(ValueError, match="Unknown label type"):
        SequenceClassifier().fit(SERIES, np.linspace(0, 1, 20))


def test_weights_that_are_none():
    for wrong in ([-1.0] + [1.0] * 19, [0.0] * 20):
        with pytest.raises(UserError, match="a negative number, or only zeros"):
            SequenceRegressor().fit(SERIES, BINARY, sample_weight=wrong)


def test_a_training_that_fails_says_so():
    refused("the loss is no finite number. Choose a smaller learning_rate", SERIES, learning_rate=1e38, epochs=3)


def test_use_before_fit():
    with pytest.raises(NotFittedError):
        SequenceClassifier().predict(SERIES)
    with pytest.raises(NotFittedError):
        SequenceClassifier().encode(SERIES)


def test_new_sequences_of_another_kind():
    model = SequenceClassifier(**QUICK, epochs=1).fit(SERIES, LABELS)
    with pytest.raises(UserError, match=r"X\[0\] has 1 channels, and 2 were expected"):
        model.predict([np.zeros(4)])
    with pytest.raises(UserError, match="numbers were expected"):
        model.predict(["a text"])
