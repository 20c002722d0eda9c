import keras
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from unspool.layers import HashedBigrams

pytestmark = pytest.mark.whole

# Of a few lengths, each of which is compiled once.
tokens = st.sampled_from([1, 2, 7, 12]).flatmap(
    lambda count: st.lists(st.integers(0, 40), min_size=count, max_size=count)
)


@settings(deadline=None, max_examples=50, derandomize=True)
@given(tokens)
def test_a_place_has_a_number_where_both_tokens_are_known(ids):
    pairs = np.asarray(HashedBigrams(97)(np.array([ids], "int32")))[0]
    for place, number in enumerate(pairs):
        known = place > 0 and ids[place] not in (0, 2) and ids[place - 1] not in (0, 2)
        assert (1 <= number < 97) if known else number == 0


@settings(deadline=None, max_examples=10, derandomize=True)
@given(tokens, st.sampled_from([1, 5]))
def test_padding_in_front_and_batch_mates_change_no_number(ids, more):
    layer = HashedBigrams(1 << 17)
    alone = np.asarray(layer(np.array([ids], "int32")))[0]
    padded = np.array([[0] * more + ids, [7] * (more + len(ids))], "int32")
    np.testing.assert_array_equal(np.asarray(layer(padded))[0, more:], alone)


def test_numbers_are_spread_evenly_and_tell_order_apart():
    left, right = np.meshgrid(np.arange(4, 104), np.arange(4, 104))
    pairs = np.stack([left.ravel(), right.ravel()], axis=1).astype("int32")
    numbers = np.asarray(HashedBigrams(1 << 17)(pairs))[:, 1]
    # 10,000 balls in 131,071 bins fill 9,627 of them on average (a standard deviation is 18).
    assert abs(len(np.unique(numbers)) - 9627) < 100
    swapped = np.asarray(HashedBigrams(1 << 17)(pairs[:, ::-1]))[:, 1]
    assert (numbers != swapped)[pairs[:, 0] != pairs[:, 1]].mean() > 0.999


def test_a_single_bucket_is_refused():
    with pytest.raises(ValueError, match="buckets is 1"):
        HashedBigrams(1)


def test_it_is_saved_and_loaded(tmp_path):
    layers = [keras.Input((6,), dtype="int32"), HashedBigrams(50), keras.layers.Embedding(50, 2, mask_zero=True)]
    model = keras.Sequential(layers)
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    assert loaded.layers[0].buckets == 50
    ids = np.array([[1, 7, 9, 2, 9, 9]], "int32")
    np.testing.assert_array_equal(model.predict(ids, verbose=0), loaded.predict(ids, verbose=0))
