"""Weights in int8 and float16: which float32 they are, in native code and in NumPy, and files that are wrong."""

import json
from functools import reduce

import numpy as np
import pytest

import small
from unspool_runtime import Model, ModelError, native
from unspool_runtime.rounded import Rounded, joined

TEXTS = ["a fine film!", "a dull film, don't", "?!", "x y z", "été fine FINE a fine"]
EVERY_HALF = np.arange(1 << 16, dtype=np.uint16).view(np.float16)


def int8_of(array, block):
    """What `unspool export --weights int8` keeps of an array, by another way than its own."""
    flat = array.reshape(-1)
    blocks = [flat[start : start + block] for start in range(0, len(flat), block)]
    scales = np.array([np.abs(one).max() / 127 for one in blocks], np.float32)
    numbers = [np.round(one / scale) for one, scale in zip(blocks, scales, strict=True)]
    return np.concatenate(numbers).astype(np.int8).reshape(array.shape), scales


def expanded(numbers, scales, block):
    return numbers * np.repeat(scales, block)[: numbers.size].reshape(numbers.shape)


def test_every_half_is_its_float(kernels):
    half = EVERY_HALF.reshape(256, 256)
    np.testing.assert_array_equal(Rounded(half).whole, half.astype(np.float32))
    rows = np.array([255, 3, 3], np.int32)
    np.testing.assert_array_equal(Rounded(half)[rows], half[rows].astype(np.float32))


@pytest.mark.parametrize(("shape", "block"), [((7, 3, 16), 16), ((7, 3, 16), 48), ((130, 1), 44), ((5, 6), 4)])
def test_scales_are_shared_by_neighbours(kernels, shape, block):
    draw = small.random()
    numbers = draw.integers(-127, 128, shape).astype(np.int8)
    scales = small.floats(draw, -(-numbers.size // block))
    whole, rows = expanded(numbers, scales, block), np.array([4, 0, 4], np.int32)
    kept = Rounded(numbers, scales)
    np.testing.assert_array_equal(kept.whole, whole)
    np.testing.assert_array_equal(kept[rows], whole[rows])


def stored(array, kind):
    """What a file keeps of an array, and which float32 that is."""
    if kind == "float16":
        half = array.astype(np.float16)
        return half, half.astype(np.float32)
    block = array.shape[-1] if array.shape[-1] > 1 else 4
    numbers, scales = int8_of(array, block)
    return {"int8": numbers, "scales": scales}, expanded(numbers, scales, block)


def altered(tree, place, value):
    """The tree with another value at a place."""
    if not place:
        return value
    copy = list(tree) if isinstance(tree, list) else dict(tree)
    copy[place[0]] = altered(tree[place[0]], place[1:], value)
    return copy


CASES = {
    "convolution": (
        lambda: small.of_texts(small.convolution()),
        [("model", "members", 0, "vectors")],
    ),
    "linear": (
        lambda: small.of_texts(small.linear()),
        [("model", "blocks", 0, "weights"), ("model", "blocks", 0, "coefficients")],
    ),
    "vectors": (lambda: small.of_texts(small.vectors()), [("model", "vectors")]),
    "network": (
        small.words_network,
        [
            ("model", "layers", 0, "vectors"),
            ("model", "layers", 1, "vectors"),
            ("model", "layers", 2, "forward", "recurrent"),
            ("model", "layers", 2, "backward", "kernel"),
        ],
    ),
}


@pytest.mark.parametrize("kind", ["int8", "float16"])
@pytest.mark.parametrize("case", CASES)
def test_a_model_answers_as_with_the_floats_that_its_weights_are(tmp_path, kernels, case, kind):
    make, places = CASES[case]
    plain = kept = make()
    for place in places:
        array = reduce(lambda tree, name: tree[name], place, plain)
        fewer, floats = stored(array, kind)
        plain, kept = altered(plain, place, floats), altered(kept, place, fewer)
    wanted = Model.load(small.write(tmp_path, plain)).outputs(TEXTS)
    np.testing.assert_array_equal(Model.load(small.write(tmp_path, kept)).outputs(TEXTS), wanted)
    assert np.abs(Model.load(small.write(tmp_path, make())).outputs(TEXTS) - wanted).max() > 1e-7


def test_all_versions_of_the_format_are_read(tmp_path):
    members = small.members_of(small.of_texts(small.linear()))
    content = json.loads(members["model.json"])
    path = tmp_path / "model.unspool"
    for version, good in ((1, True), (2, True), (3, True), (4, True), (5, False), (True, False), (1.0, False)):
        told = json.dumps(content | {"version": version}).encode()
        path.write_bytes(small.archive(members | {"model.json": told}))
        if good:
            Model.load(path)
            continue
        with pytest.raises(ModelError, match="this unspool-runtime reads versions 1 to 4"):
            Model.load(path)


NUMBERS, SCALES = np.ones((4, 2), np.int8), np.ones(4, np.float32)


@pytest.mark.parametrize(
    "arrays",
    [
        {"x.int8": NUMBERS},
        {"x": NUMBERS, "x.scales": SCALES},
        {"x.int8": NUMBERS, "x.scales": SCALES, "x": np.ones((4, 2), np.float32)},
        {"x.int8": NUMBERS, "x.scales": SCALES, "x": np.ones((4, 2), np.float16)},
        {"x.int8": NUMBERS, "x.scales": SCALES.astype(np.float64)},
        {"x.int8": NUMBERS, "x.scales": SCALES[None]},
        {"x.int8": NUMBERS, "x.scales": SCALES[:0]},
        {"x.int8": NUMBERS, "x.scales": np.ones(5, np.float32)},
        {"x.int8": NUMBERS, "x.scales": np.ones(9, np.float32)},
        {"x.int8": np.ones((0, 2), np.int8)},
    ],
)
def test_numbers_without_their_scales_are_refused(arrays):
    with pytest.raises(ValueError, match="scales"):
        joined(arrays)


@pytest.mark.parametrize("bad", [np.nan, np.inf, 1e38])
@pytest.mark.parametrize("kind", ["int8", "float16"])
def test_what_is_not_finite_is_refused(tmp_path, bad, kind):
    tree = small.of_texts(small.convolution())
    vectors = tree["model"]["members"][0]["vectors"]
    with np.errstate(over="ignore"):
        kept = vectors.astype(np.float16)
        kept[3, 1, 2] = bad
    if kind == "int8":
        numbers, scales = int8_of(vectors, 16)
        scales[5] = bad
        kept = {"int8": numbers, "scales": scales}
    tree["model"]["members"][0]["vectors"] = kept
    with pytest.raises(ModelError, match="'vectors' holds NaN or infinity"):
        Model.load(small.write(tmp_path, tree))


def test_another_shape_is_refused_before_it_is_expanded(tmp_path, monkeypatch):
    tree = small.of_texts(small.linear())
    tree["model"]["blocks"][0]["weights"] = {"int8": np.ones((3, 1), np.int8), "scales": np.ones(1, np.float32)}
    monkeypatch.setattr(Rounded, "_expanded", None)
    with pytest.raises(ModelError, match=r"'weights' is float32 \(3, 1\), not float32 \(10, None\)"):
        Model.load(small.write(tmp_path, tree))


def test_native_code_is_what_was_compared():
    if native.library() is None:
        pytest.skip(native.explain())
    assert hasattr(native.library(), "unspool_expand_int8")
