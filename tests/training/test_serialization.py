import math
import random

import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from unspool.training.serialization import copied, from_bytes, to_bytes

NUMBERS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5)
ARRAYS = st.one_of(
    hnp.arrays(dtype, hnp.array_shapes(min_dims=0, min_side=0, max_dims=3, max_side=3))
    for dtype in (np.float32, np.float64, np.float16, np.int8, np.uint32, np.int64, np.bool_)
)
TREES = st.recursive(
    NUMBERS | ARRAYS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
)


def same(one, other):
    if isinstance(one, np.ndarray):
        return one.dtype == other.dtype and one.shape == other.shape and one.tobytes() == other.tobytes()
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(same(one[key], other[key]) for key in one)
    if isinstance(one, list):
        return len(one) == len(other) and all(map(same, one, other))
    if isinstance(one, float) and math.isnan(one):
        return math.isnan(other)
    return type(one) is type(other) and one == other and str(one) == str(other)


@given(TREES)
def test_every_bit_comes_back(tree):
    assert same(tree, from_bytes(to_bytes(tree)))


@given(TREES)
def test_a_copy_is_equal(tree):
    assert same(tree, copied(tree))


def test_types_that_only_jax_has():
    tree = {"half": jnp.arange(3, dtype=jnp.bfloat16), "scalar": np.float32(0.1), "view": np.arange(6).reshape(2, 3).T}
    back = from_bytes(to_bytes(tree))
    assert str(back["half"].dtype) == "bfloat16"
    assert back["half"].tolist() == [0, 1, 2]
    assert isinstance(back["scalar"], np.float32)
    assert back["view"].tolist() == [[0, 3], [1, 4], [2, 5]]


def test_places_that_look_alike_are_told_apart():
    tree = {"a/b": np.array(1), "a": {"b": np.array(2)}, "a~1b": np.array(3), "rest": np.array(4)}
    assert from_bytes(to_bytes(tree)) == tree


def test_the_state_of_a_generator():
    generator = random.Random(5)
    generator.gauss(0, 1)
    version, words, gauss = from_bytes(to_bytes(generator.getstate()))
    assert (version, tuple(words), gauss) == generator.getstate()


@pytest.mark.parametrize(
    ("tree", "message"),
    [
        ({"callbacks": [1, object()]}, r"/callbacks/1 is object"),
        ({"a": {3: 4}}, "/a is a dict with a key that is not a text"),
        (np.array(["a"]), "/ is ndarray"),
        ({"a": np.array([object()])}, "/a is ndarray"),
        ({"a": {1, 2}}, "/a is set"),
    ],
)
def test_what_cannot_be_kept_is_refused_by_place(tree, message):
    with pytest.raises(TypeError, match=message):
        to_bytes(tree)
