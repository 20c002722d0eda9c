"""What a person gives that cannot be used: one sentence each, as a UserError and a ValueError."""

from datetime import date

import numpy as np
import pytest
from scipy.sparse import csr_array
from sklearn.exceptions import NotFittedError

from unspool import AutoRegressor, SequenceClassifier, SequenceRegressor, SeriesFeatures, TextVectors
from unspool.errors import UserError
from unspool.estimators.errors import InputError
from unspool.estimators.targets import checked_targets

from .small import QUICK, ragged, texts, tokens

SERIES, LABELS = ragged(20)
BINARY = [0, 1] * 10


def refused(match, X, y=BINARY, **parameters):
    with pytest.raises(UserError, match=match) as caught:
        SequenceClassifier(**QUICK | {"epochs": 1} | parameters).fit(X, y)
    assert isinstance(caught.value, ValueError)


def test_what_is_no_sequence_is_named():
    refused(r"X\[3\] is None, and a text was expected", [*texts(3)[0], None] * 5)
    refused(r"X\[1\] is missing \(NaN\), and a text was expected", ["a", float("nan")] * 10)
    refused(r"X\[1\] is a str, and numbers were expected", [np.zeros(3), "a"] * 10)
    refused(r"X\[0\] is a list, .* words of a text, join them: ' '\.join\(X\[0\]\)\.$", [["a", "b"], ["c"]] * 10)
    refused(r"X\[0\] is an array of shape \(2, 3, 4\), and a series was expected", [np.zeros((2, 3, 4))] * 20)
    refused(r"X\[1\] has 3 channels, and 2 were expected", [np.zeros((4, 2)), np.zeros((4, 3))] * 10)
    refused(r"X\[1\] has a number that is infinite, in step 2", [np.zeros(4), np.array([0, 1, np.inf])] * 10)
    refused(r"X\[1\] has no numbers. Leave it out", [np.zeros(4), np.full(4, np.nan)] * 10)
    refused(r"X\[1\] has no numbers. Leave it out", [np.zeros((4, 2)), np.zeros((0, 2))] * 10)
    refused(
        r"^X: channel 1 \(counted from 0\) has no number in any training series.* Leave that channel out\.$",
        [np.stack([np.arange(5.0), np.full(5, np.nan)], axis=1)] * 20,
    )
    refused(r"X\[0\] is None, and a text was expected", [None, *texts(3)[0]] * 5)
    refused(r"X\[0\] is missing \(NaN\), and a text was expected", np.array([float("nan"), "a"] * 10, dtype=object))
    refused(r"X\[1\] has 1 channel, and 2 were expected. If X is one series", [np.zeros((4, 2)), np.zeros(4)] * 10)
    refused(r"X has 4 dimensions. Give an array \(N, T\) or \(N, T, C\)", np.zeros((20, 2, 3, 4)))
    refused("X is empty", [], [])
    refused("every sequence is empty", [[]] * 20, reads="tokens")
    refused("[Ee]very word of the training texts of X occurs only once", [f"w{number}" for number in range(20)])
    refused("X holds no texts", np.zeros((20, 3)), reads="text")
    refused(r"X\[0\] is bytes, and a text was expected. Decode it", [text.encode() for text in texts(20)[0]])
    refused(r"X\[0\] is bytes, and a text was expected. Decode it", np.array([b"a", b"b"] * 10))
    refused(r"X\[1\] is an int, and a text was expected", ["a", 1] * 10)


def test_the_row_of_X_is_named_whatever_is_set_aside_for_validation():
    empty = np.zeros((60, 4, 2))
    empty[59] = np.nan
    with pytest.raises(InputError, match=r"X\[59\] has no numbers"):
        SequenceRegressor(units=2, epochs=1).fit(empty, np.arange(60.0))


def test_numbers_that_single_precision_cannot_tell_apart_are_refused():
    draw = np.random.default_rng(0).normal(size=(20, 5, 2))
    for seconds in (draw[:, :, 0], draw, [*draw], draw[:, :, 0].tolist()):
        refused(r"X\[0\] has numbers .* too close together for 32-bit precision, such as 17000", np.add(seconds, 1.7e9))
    one_channel = draw.copy()
    one_channel[7, :, 1] += 1.7e9
    refused(r"X\[7\] has numbers in channel 1 \(counted from 0\) that are too large", [*one_channel])
    few = {**QUICK, "epochs": 1}
    for kept in (draw + 1e4, 1e9 * draw, (draw + 1.7e9).astype(np.float32), np.full((20, 5), 1.7e9)):
        SequenceClassifier(**few).fit(kept, BINARY)


def test_a_frame_with_missing_whole_numbers_is_read():
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame({"a": pandas.array([10**6, None, 3, 4] * 5, dtype="Int64"), "b": [1.0, 2.0, 3.0, 4.0] * 5})
    SequenceClassifier(**QUICK | {"epochs": 1}, reads="series").fit(frame, BINARY)


def test_a_class_that_no_sequence_has_may_have_a_weight():
    SequenceClassifier(**QUICK | {"epochs": 1}, class_weight={0: 1, 1: 2, 7: 3}).fit(SERIES, BINARY)


def test_empty_texts_alone_hold_nothing():
    refused("X holds nothing: every text is empty", ["", " "] * 10)


@pytest.mark.parametrize(
    ("weight", "message"),
    [
        ("balance", "class_weight is 'balance'. It can be None, 'balanced', or a dict"),
        (["a"], "It can be None, 'balanced', or a dict"),
        ({0: 1, 7: 2}, "has a weight for 7, which is no class of y. The classes are 0, 1"),
    ],
)
def test_weights_of_what_is_no_class_are_refused(weight, message):
    refused(message, SERIES, class_weight=weight)


@pytest.mark.parametrize("one", ["one text", np.str_("one text"), b"one text"])
def test_one_text_is_no_list_of_texts(one):
    for model in (SequenceClassifier(), AutoRegressor(), TextVectors()):
        with pytest.raises(InputError, match=r"^X is one text. Give a list, as in \[X\]\.$"):
            model.fit(one, [1.0])


@pytest.mark.parametrize(
    ("X", "named"),
    [
        ((text for text in ["a", "b"]), "a generator"),
        ({"a": 1}.values(), "a dict_values"),
        ({"a", "b"}, "a set"),
        ({"text": ["a", "b"]}, "a dict"),
        (None, "None"),
        (5, "an int"),
    ],
)
def test_what_is_no_list_is_named(X, named):
    for model in (SequenceClassifier(), AutoRegressor(), TextVectors(), SeriesFeatures()):
        with pytest.raises(InputError, match=f"^X is {named}, and a list or an array was expected\\.$"):
            model.fit(X, [1.0, 2.0])


def test_columns_of_a_table_that_are_no_numbers_are_named():
    pandas = pytest.importorskip("pandas")
    days = pandas.DataFrame({"a": np.arange(20.0), "day": pandas.date_range("2030", periods=20)})
    refused(r"^X\['day'\] holds dates, and numbers were expected\. Leave that column out\.$", days)
    refused(r"^X\[:, 0\] holds dates", days[["day", "day"]].to_numpy())
    refused(r"^X\['took'\] holds durations", days.assign(took=days["day"] - days["day"].min())[["a", "took"]])
    two = np.array([["a", "b", "c"]] * 20)
    refused(r"^X has 3 columns, 3 of which hold texts\. Give one of these alone, such as X\[:, 0\], or join", two)
    nested = pandas.DataFrame({"a": [pandas.Series(np.arange(4.0))] * 20, "b": [pandas.Series(np.arange(4.0))] * 20})
    refused(r"^X\['a'\] holds a sequence in each cell\. Give an array .* for row in X\.to_numpy\(\)\]\.$", nested)


def test_a_number_too_large_for_single_precision_is_named_by_its_row():
    refused(r"X\[3\] has a number that is too large, in step 1", np.where(np.arange(40).reshape(20, 2) == 7, 1e300, 0))


def test_vectors_of_texts_are_not_made_of_numbers():
    with pytest.raises(InputError, match=r"^X holds no texts, and texts were expected\. Give a list of strings\.$"):
        TextVectors().fit(np.zeros((20, 3)))


def test_features_of_texts_are_no_series():
    """scikit-learn's message advises to make it dense, which would then be read as series."""
    for model in (SequenceClassifier(), AutoRegressor()):
        with pytest.raises(InputError, match=r"X is a sparse matrix\. .* give it the texts or the series themselves"):
            model.fit(csr_array(np.eye(20)), BINARY)


def test_groups_have_to_be_known_and_several():
    for groups, message in (
        (["a", None] * 10, r"groups\[1\] is missing"),
        ([*range(19), np.nan], r"groups\[19\] is missing"),
        (["a"] * 20, "All sequences are in one group"),
        ([("a", 1), ("b", 2)] * 10, r"^groups has 2 columns: give one group for each sequence\.$"),
    ):
        with pytest.raises(InputError, match=message):
            AutoRegressor(model="statistics").fit(SERIES, BINARY, groups=groups)


def test_no_option_of_the_command_line_is_advised(tmp_path):
    model = AutoRegressor(model="statistics", random_state=0).fit(SERIES, BINARY)
    model.save(tmp_path / "model")
    with pytest.raises(InputError, match=r"model is there already\. Choose another folder, or remove it\.$"):
        model.save(tmp_path / "model")


def test_whole_numbers_may_be_tokens_or_measurements():
    refused(r"X\[0\] is a list of whole numbers: .* reads='series'; for token ids, reads='tokens'", tokens(20)[0])
    SequenceClassifier(**QUICK, epochs=1, reads="series").fit(tokens(20)[0], BINARY)
    refused(r"X\[0\] contains 1.5; token ids must be whole numbers", [[1, 1.5]] * 20, reads="tokens")
    refused("a list of token ids, whole numbers, was expected", [[[1, 2]]] * 20, reads="tokens")


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


def test_a_name_with_an_underscore_is_no_number():
    with pytest.raises(UserError, match=r"y\[1\] is '101_2', and a number was expected"):
        SequenceRegressor().fit(SERIES, ["1.5", "101_2"] * 10)


@pytest.mark.parametrize("y", [["1.5", "a"] * 10, np.array(["1", "a"] * 10), [[1.0, 2.0], [1.0, "a"]] * 10])
@pytest.mark.parametrize("kind", [AutoRegressor, SequenceRegressor])
def test_texts_are_no_numbers(kind, y):
    with pytest.raises(UserError, match=r"y\[1\] is 'a', and a number was expected. For labels use a classifier"):
        kind().fit(SERIES, y)


@pytest.mark.parametrize(
    "y",
    [
        np.arange("2024-01-01", "2024-01-21", dtype="datetime64[D]"),
        [date(2024, 1, 1 + day) for day in range(20)],
        np.arange("2024-01-01", "2024-01-21", dtype="datetime64[D]").astype("datetime64[ns]").reshape(20, 1),
    ],
)
@pytest.mark.parametrize("kind", [AutoRegressor, SequenceRegressor])
def test_dates_are_not_numbers(kind, y):
    with pytest.raises(
        UserError, match=r"y\[0\] is 2024-01-01[^,]*, and a number was expected\. Give dates and times as"
    ):
        kind().fit(SERIES, y)


def test_durations_are_not_numbers():
    with pytest.raises(UserError, match=r"y\[0\] is 0:00:00, and a number was expected"):
        AutoRegressor().fit(SERIES, np.arange(20).astype("timedelta64[D]"))


def test_weights_that_are_none():
    for wrong in ([-1.0] + [1.0] * 19, [0.0] * 20):
        with pytest.raises(UserError, match="a negative number, or only zeros"):
            SequenceRegressor().fit(SERIES, BINARY, sample_weight=wrong)


def test_a_training_that_fails_says_so():
    refused("the loss is not a finite number. Choose a smaller learning_rate", SERIES, learning_rate=1e38, epochs=3)


def test_use_before_fit():
    with pytest.raises(NotFittedError):
        SequenceClassifier().predict(SERIES)
    with pytest.raises(NotFittedError):
        SequenceClassifier().encode(SERIES)


def test_new_sequences_of_another_kind():
    model = SequenceClassifier(**QUICK, epochs=1).fit(SERIES, LABELS)
    with pytest.raises(UserError, match=r"X\[0\] has 1 channel, and 2 were expected"):
        model.predict([np.zeros(4)])
    with pytest.raises(UserError, match="numbers were expected"):
        model.predict(["a text"])


def with_wrong(row):
    """60 series, of which training reads only some: one at `row` has an infinite number in its step 2."""
    series = [np.linspace(0, 1, 6) for _ in range(60)]
    series[row] = np.array([0, 1, np.inf, 3, 4, 5])
    return series


@pytest.mark.parametrize("row", [0, 31, 59])
def test_a_number_that_is_infinite_is_named_by_its_row_in_x(row):
    labels = [0, 1] * 30
    refused(rf"X\[{row}\] has a number that is infinite, in step 2", with_wrong(row), labels)
    refused(rf"infinity.*: X\[{row}\] has a number that is infinite, in step 2", np.array(with_wrong(row)), labels)
    channels = np.stack([with_wrong(row), np.zeros((60, 6))], axis=-1)
    refused(rf"infinity.*: X\[{row}\] has a number that is infinite, in step 2", channels, labels)


def test_what_is_missing_in_y_is_named_by_its_row():
    for y, message in (
        ([*LABELS[:7], None, *LABELS[8:]], r"y contains None: y\[7\] is None"),
        (np.array([*LABELS[:7], None, *LABELS[8:]], dtype=object), r"y\[7\] is None"),
        ([0.0, float("nan")] * 10, r"y contains NaN: y\[1\] is nan"),
    ):
        refused(message, SERIES, y)
    with pytest.raises(UserError, match=r"y contains infinity: y\[3\]"):
        SequenceRegressor().fit(SERIES, [0.0, 1.0, 2.0, np.inf] * 5)


@pytest.mark.parametrize(
    ("kind", "classes"), [("Int64", [2**53, 2**53 + 1]), ("UInt64", [2**63, 2**63 + 1]), ("boolean", [False, True])]
)
def test_classes_of_nullable_types_of_pandas_stay_what_they_are(kind, classes):
    labels = pytest.importorskip("pandas").Series(classes * 2, dtype=kind)
    assert checked_targets(SequenceClassifier(), labels).tolist() == classes * 2


def test_what_pandas_calls_missing_in_y_is_named_by_its_row():
    pandas = pytest.importorskip("pandas")
    labels = pandas.Series(["a", "b", None, "b"] * 5, dtype="string")
    refused(r"y contains <NA>: y\[2\] is <NA>\. Leave", SERIES, labels)
    refused(r"y\[2\] is <NA>", SERIES, labels.tolist())


@pytest.mark.parametrize(
    ("y", "which"),
    [
        ([["a"], ["a", "b"]] * 10, r"y\[0\] is a list"),
        ([("a", "b"), ("a", "c")] * 10, r"y\[0\] is a tuple"),
        (["a", {"a", "b"}] * 10, r"y\[1\] is a set"),
        ([[0], [0, 1]] * 10, r"y\[0\] is a list"),
    ],
)
def test_lists_of_labels_are_no_array_of_0_and_1(y, which):
    refused(rf"{which} of labels\. .* give an array \(N, K\) of 0 and 1, such as .*MultiLabelBinarizer", SERIES, y)
    as_objects = np.empty(len(y), dtype=object)
    as_objects[:] = y
    refused(which, SERIES, as_objects)


def test_a_frame_of_one_column_of_texts_is_that_column():
    pandas = pytest.importorskip("pandas")
    sentences, labels = texts(20)
    frame = pandas.DataFrame({"review": sentences})
    model = SequenceClassifier(epochs=1, random_state=0).fit(frame, labels)
    assert model.kind_ == "text"
    np.testing.assert_array_equal(model.predict_proba(frame), model.predict_proba(sentences))
    refused(
        r"X has 2 columns, one of which holds texts\. To read these, give it alone: X\['review'\]", frame.assign(n=1)
    )
    refused(
        r"X\[3\] is None, and a text was expected", pandas.DataFrame({"a": [*"abc", None, *"e" * 16]}, dtype=object)
    )


def test_a_table_with_a_row_for_each_step_is_refused():
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame({"id": np.repeat(range(20), 3), "x": 0.0, "y": 1.0})
    refused(r"values of column id recur: a row for each time step\. Give a list of series, as in", frame)
    steps = frame.assign(step=[0, 1, 2] * 20).set_index(["id", "step"])
    refused(
        r"X has an index of 2 levels, .* \[part\.to_numpy\(\) for _, part in X\.groupby\(level=0, sort=False\)\]", steps
    )
    refused("X has an index of 2 levels", steps[["x"]])
    refused(r"X\.groupby\(level=\[0, 1\], sort=False\)", steps.assign(site="a").set_index("site", append=True))


def test_rows_of_numbered_steps_may_have_an_index_of_several_levels():
    pandas = pytest.importorskip("pandas")
    waves, labels = np.random.RandomState(0).rand(20, 6), ["a", "b"] * 10
    frame = pandas.DataFrame(waves).add_prefix("t").set_index([["x"] * 20, pandas.RangeIndex(20)])
    model = SequenceClassifier(**QUICK | {"epochs": 1}).fit(frame, labels)
    np.testing.assert_array_equal(model.predict_proba(frame), model.predict_proba(frame.reset_index(drop=True)))


def test_arrays_with_the_channels_first_are_told():
    refused(
        r"X\[1\] has 5 channels, and 4 were expected\. If .* as in aeon, swap", [np.ones((3, 4 + n)) for n in range(19)]
    )
