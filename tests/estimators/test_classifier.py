"""Classes of texts, tokens and series."""

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler

from unspool import SequenceClassifier
from unspool.estimators.errors import InputError
from unspool.estimators.inputs import read_sequences
from unspool.estimators.settings import checked_settings
from unspool.runs.recipes.defaults import recipe_for
from unspool.runs.recipes.recipe import FileSettings
from unspool.tasks import Binary

from .small import QUICK, digits, ragged, texts, tokens


@pytest.mark.soak
def test_digits_by_rows_are_told_apart_by_more_than_summaries():
    parts = train_test_split(*digits(1797), test_size=0.5, random_state=0)
    train, test, labels, truth = parts
    summaries = [np.concatenate([part.mean(1), part.std(1), part.max(1)], axis=1) for part in (train, test)]
    scaler = StandardScaler().fit(summaries[0])
    simple = LogisticRegression(max_iter=2000).fit(scaler.transform(summaries[0]), labels)
    bar = simple.score(scaler.transform(summaries[1]), truth)
    model = SequenceClassifier(random_state=0, epochs=25, learning_rate=0.005, units=32).fit(train, labels)
    assert model.score(test, truth) > max(bar + 0.05, 0.93)
    assert model.kind_ == "series"
    assert model.classes_.tolist() == list(range(10))


def test_texts():
    sentences, labels = texts(1400)
    model = SequenceClassifier(**QUICK, pooling="last", dropout=0.1, epochs=8, length=16).fit(
        sentences[:1000], labels[:1000]
    )
    assert model.kind_ == "text"
    assert model.score(sentences[1000:], labels[1000:]) > 0.6
    assert np.array_equal(model.predict(np.array(sentences[1000:])), model.predict(sentences[1000:]))


@pytest.mark.soak
def test_texts_and_tokens_are_read_without_recurrence_unless_it_is_asked_for():
    lists, labels = tokens(400)
    new, truth = tokens(100, seed=1)
    sentences, new_sentences = ([" ".join(f"w{id}" for id in ids) for ids in some] for some in (lists, new))
    model = SequenceClassifier(random_state=0).fit(sentences, labels)
    assert model.score(new_sentences, truth) > 0.9
    of_tokens = SequenceClassifier(reads="tokens", random_state=0).fit(lists, labels)
    assert of_tokens.score(new, truth) > 0.9
    for fitted in (model, of_tokens):
        assert (fitted.description_.layers, fitted.description_.bigrams) == (0, 4096)
    asked = SequenceClassifier(cell="gru", reads="tokens", epochs=1).fit(lists, labels).description_
    assert (asked.layers, asked.cell, asked.units, asked.bigrams, asked.embedding) == (1, "gru", 64, 0, 64)
    assert asked == SequenceClassifier(layers=1, cell="gru", reads="tokens", epochs=1).fit(lists, labels).description_


@pytest.mark.soak
@pytest.mark.parametrize(("kind", "X", "y"), [("text", *texts(100)), ("series", *ragged(100))], ids=["text", "series"])
def test_the_defaults_are_those_of_train(kind, X, y):
    task = Binary(("falling", "rising"))
    recipe = recipe_for(FileSettings(path="a.csv", kind=kind), task, 90, model="network")
    model = SequenceClassifier(epochs=1).fit(X, y)
    assert model.description_ == task.head(recipe.model)
    assert checked_settings(SequenceClassifier()).training(kind, 90, seed=0) == recipe.training


def test_ragged_series():
    series, labels = ragged(120)
    model = SequenceClassifier(**QUICK, epochs=15).fit(series, labels)
    new, truth = ragged(40, seed=1)
    assert model.score(new, truth) > 0.95
    assert model.predict(new)[:2].tolist() == ["falling", "rising"]
    np.testing.assert_allclose(model.predict_proba(new).sum(axis=1), 1)


def test_series_of_one_channel_need_no_second_dimension():
    series = [one[:, 0] for one in ragged(60)[0]]
    model = SequenceClassifier(**QUICK, epochs=2).fit(series, ragged(60)[1])
    assert np.array_equal(model.predict_proba(series), model.predict_proba([one[:, None] for one in series]))


def test_steps_of_nan_at_the_end_are_not_there():
    series, labels = ragged(60)
    padded = np.full((60, 12, 2), np.nan)
    for row, one in zip(padded, series, strict=True):
        row[: len(one)] = one
    model = SequenceClassifier(**QUICK, epochs=2).fit(series, labels)
    again = SequenceClassifier(**QUICK, epochs=2).fit(padded, labels)
    assert np.array_equal(model.predict_proba(series), again.predict_proba(padded))
    assert not hasattr(again, "n_features_in_")


def test_token_ids():
    lists, labels = tokens(200)
    model = SequenceClassifier(**QUICK, reads="tokens", epochs=30).fit(lists, labels)
    new, truth = tokens(60, seed=1)
    assert model.score(new, truth) > 0.9
    unknown = [[id if id == 7 else id + 1000 for id in ids] for ids in new]
    assert model.predict(unknown).shape == (60,)
    assert np.array_equal(model.predict_proba([[5000], [9000]])[0], model.predict_proba([[5000], [9000]])[1])


def test_a_vocabulary_keeps_the_most_frequent_ids():
    model = SequenceClassifier(reads="tokens", vocabulary=6, epochs=1).fit([[1, 2, 3], [2, 3], [3, 2]], [0, 1, 0])
    assert model.reader_.known.tolist() == [2, 3]


def test_several_labels_at_once():
    lists, _ = tokens(200)
    truth = np.array([[7 in ids, max(ids) > 55] for ids in lists]).astype(int)
    model = SequenceClassifier(**QUICK, reads="tokens", epochs=40).fit(lists, truth)
    assert (model.predict(lists) == truth).mean() > 0.9
    assert model.predict_proba(lists).shape == (200, 2)


def test_a_rare_class_counts_as_much_where_it_is_asked_for():
    series, labels = ragged(200)
    rare = np.flatnonzero(labels == "falling").tolist() + np.flatnonzero(labels == "rising")[:8].tolist()
    noisy = [series[row] + 150 * np.random.default_rng(row).normal(size=series[row].shape) for row in rare]
    fitted = [
        SequenceClassifier(**QUICK, epochs=5, class_weight=weight).fit(noisy, labels[rare])
        for weight in (None, "balanced", {"falling": 1, "rising": 12.5})
    ]
    plain, balanced, by_name = (model.predict_proba(noisy)[:, 1].mean() for model in fitted)
    assert plain < 0.2 < balanced
    assert by_name == pytest.approx(balanced, abs=0.02)


def test_a_weight_counts_in_training():
    series, labels = ragged(60)
    weights = np.where(labels == "rising", 20.0, 1.0)
    noise = [100 + np.random.default_rng(row).normal(size=one.shape) for row, one in enumerate(series)]
    plain = SequenceClassifier(**QUICK, epochs=3).fit(noise, labels)
    weighted = SequenceClassifier(**QUICK, epochs=3).fit(noise, labels, sample_weight=weights)
    assert weighted.predict_proba(noise)[:, 1].mean() > plain.predict_proba(noise)[:, 1].mean() + 0.2


def test_only_the_ratio_of_class_weights_counts():
    series, labels = ragged(60)
    small, large = (
        SequenceClassifier(**QUICK, epochs=2, class_weight={"rising": one, "falling": 2 * one}).fit(series, labels)
        for one in (2.0**-20, 4.0)
    )
    assert small.history_ == large.history_


def test_rows_of_weight_0_do_not_decide_when_training_stops():
    series, labels = ragged(80)
    plain = SequenceClassifier(**QUICK, epochs=1).fit(series, labels)
    weights = np.ones(80)
    weights[plain._fitted.held_out] = 0
    weighted = SequenceClassifier(**QUICK, epochs=1).fit(series, labels, sample_weight=weights)
    assert len(weighted._fitted.held_out) > 0
    assert weights[weighted._fitted.held_out].all()


@pytest.mark.soak
def test_no_prediction_changes_with_its_batch_mates():
    sentences, labels = texts(200)
    for model, X in (
        (SequenceClassifier(epochs=1, random_state=0).fit(sentences, labels), sentences),
        (SequenceClassifier(**QUICK, epochs=1).fit(sentences, labels), sentences),
        (SequenceClassifier(**QUICK, epochs=1).fit(*ragged(60)), ragged(150, seed=2)[0]),
    ):
        together = model.predict_proba(X)
        alone = np.concatenate([model.predict_proba([one]) for one in X[:20]])
        np.testing.assert_allclose(alone, together[:20], atol=1e-5)


@pytest.mark.parametrize(
    ("X", "y", "parameters", "width"),
    [(*ragged(60), QUICK, 32), (*texts(60), {"random_state": 0}, 128)],
    ids=["series", "texts"],
)
def test_encode_gives_what_the_head_reads(X, y, parameters, width):
    model = SequenceClassifier(**parameters, epochs=2).fit(X, y)
    vectors = model.encode(X)
    assert vectors.shape == (60, width)
    kernel, bias = model.weights_[-2:]
    np.testing.assert_allclose(
        1 / (1 + np.exp(-(vectors @ kernel + bias)[:, 0])), model.predict_proba(X)[:, 1], atol=1e-6
    )


def test_few_sequences_are_all_trained_on():
    few, many = (SequenceClassifier(**QUICK, epochs=1).fit(*ragged(count)) for count in (40, 60))
    assert "val_loss" not in few.history_
    assert "val_loss" in many.history_
    assert "val_loss" not in SequenceClassifier(**QUICK, epochs=1, validation_fraction=0).fit(*ragged(60)).history_


@pytest.mark.parametrize("make", [texts, tokens, ragged])
def test_copies_are_set_aside_together(make):
    sequences, labels = make(40)
    model = SequenceClassifier(epochs=1, reads="tokens" if make is tokens else "auto", random_state=0)
    model.fit(list(sequences) * 3, np.tile(labels, 3))
    held_out = model._fitted.held_out
    assert len(held_out) == 12
    assert len({row % 40 for row in held_out.tolist()}) == 4


def test_copies_do_not_prevent_a_validation_set():
    """Here only 11 texts differ, and two classes have two of them each: too few to set aside a share of each class."""
    sentences, _ = texts(11)
    model = SequenceClassifier(epochs=1, random_state=0).fit(sentences * 10, ([0] * 7 + [1] * 2 + [2] * 2) * 10)
    assert len(model._fitted.held_out) == 10


def test_training_stops_and_the_best_epoch_is_kept():
    series, labels = ragged(100)
    model = SequenceClassifier(**QUICK | {"learning_rate": 0.1}, epochs=100, patience=3).fit(series, labels)
    assert model.n_iter_ == model.best_epoch_ + 3 < 100
    assert len(model.history_["val_loss"]) == model.n_iter_


@pytest.mark.parametrize("kind", [np.int64, np.uint64])
def test_large_token_ids_in_an_array_are_not_mistaken_for_others(kind):
    ids = np.array([[2**53, 2**53 + 1, 3], [2**53 + 1, 2**53, 4]], dtype=kind)
    found = read_sequences(SequenceClassifier(), ids, "tokens", fitting=True)
    assert [one.tolist() for one in found.items] == ids.tolist()


@pytest.mark.parametrize(
    "ids", [np.array([[1, 2**63]], np.uint64), [[1.0, 2.0**63]], [np.array([1, 2**64 - 1], np.uint64)]]
)
def test_token_ids_that_64_bits_cannot_hold_are_refused(ids):
    with pytest.raises(InputError, match=r"^X\[0\] has the token id .*, and the largest that can be read is 9,223,"):
        read_sequences(SequenceClassifier(), ids, "tokens", fitting=True)


@pytest.mark.parametrize("weight", [-1.0, float("nan"), 0.0])
def test_class_weights_that_no_class_can_have_are_refused(weight):
    with pytest.raises(InputError, match=r"class_weight is .*finite number of at least 0"):
        SequenceClassifier(**QUICK, class_weight={"a": weight, "b": min(weight, 0.0)}).fit(
            [[1.0], [2.0]] * 4, ["a", "b"] * 4
        )
