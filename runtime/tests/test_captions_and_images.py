"""Models that write a text for a series, and models that enlarge images."""

import numpy as np
import pytest

import small
from unspool_runtime import InputError, Model, ModelError, native

draw = small.random(3)
SERIES = [draw.normal(size=(steps, 2)) for steps in (5, 1, 12)]
IMAGES = [draw.uniform(size=(3, 2)) for _ in range(3)]


@pytest.fixture
def load(tmp_path):
    return lambda tree: Model.load(small.write(tmp_path, tree))


def test_numpy_captions_series_as_native_code_does(load, monkeypatch):
    if native.library() is None:
        pytest.skip(native.explain())
    for settings in ({}, {"cell": "lstm", "attention": "dot", "input_feeding": True, "tied": False}):
        tree = small.captions(**settings)
        found = load(tree).translate(SERIES, count=2)
        assert np.ptp([one[0].score for one in found]) > 1e-2
        monkeypatch.setenv(native.VARIABLE, "reference")
        plain = load(tree).translate(SERIES, count=2)
        monkeypatch.delenv(native.VARIABLE)
        assert [[one.text for one in row] for row in plain] == [[one.text for one in row] for row in found]
        scores = [[[one.score for one in row] for row in some] for some in (plain, found)]
        np.testing.assert_allclose(*scores, atol=1e-5)


def test_a_caption_does_not_depend_on_the_other_series(load, kernels):
    model = load(small.captions())
    assert (model.reads, model.task) == ("series", "translation")
    assert model.predict(SERIES) == [model.predict([one])[0] for one in SERIES]
    np.testing.assert_array_equal(model.outputs(SERIES), np.concatenate([model.outputs([one]) for one in SERIES]))


def test_a_caption_is_that_of_ids_whose_vectors_are_the_frames(load, kernels):
    """The same model as one of ids, each of them the vector that a frame becomes."""
    tree = small.captions()
    frames = np.array([[1.0, 0.5], [3.0, -1.0], [0.0, 2.0]])
    layer = tree["model"]["frames"]
    vectors = (frames - [1, 0]) / [2, 1] @ layer["kernel"] + layer["bias"]
    other = small.recurrent_translator(shared=False)
    other["model"] |= {name: one for name, one in tree["model"].items() if name not in ("frames", "source_embedding")}
    # The reader gives 1, then the bytes of the text.
    for number, vector in zip((1, 100, 101), vectors, strict=True):
        other["model"]["source_embedding"][number] = vector
    other["reader"]["merges"] = np.zeros((0, 3), np.int32)
    tree["pieces"] = {name: other["reader"][name] for name in tree["pieces"]}
    assert load(tree).predict([frames]) == load(other).predict(["ab"])


@pytest.mark.parametrize(("series", "message"), [("text", "one text"), ([[[1.0]]], "is not a series of 2 channels")])
def test_what_is_no_series_is_refused(load, series, message):
    with pytest.raises(InputError, match=message):
        load(small.captions()).predict(series)


def test_a_pixel_becomes_a_square_to_which_the_network_adds(load, kernels):
    tree = small.upscaler()
    dense = tree["model"]["network"]["layers"][-1]
    bias = np.array([0.0, 0.1, -9.0, 0.3, 0.4, 0.5, 0.6, 0.7])
    dense["weights"][:], dense["bias"][:] = 0, bias
    image = np.array([[0.1, 0.2], [0.3, 0.4], [0.5, 0.0]])
    found = load(tree).outputs([image]).reshape(6, 4)
    repeated = np.repeat(np.repeat(image, 2, axis=0), 2, axis=1)
    np.testing.assert_allclose(found, repeated + np.tile(bias.reshape(2, 4), (3, 1)), atol=1e-6)
    grey = load(tree).predict([image])[0]
    assert (len(grey), len(grey[0])) == (6, 4)
    assert grey[0] == [26, 51, 0, 128]


def test_an_image_does_not_depend_on_the_others(load, kernels):
    model = load(small.upscaler(factor=3))
    alone = np.concatenate([model.outputs([one]) for one in IMAGES])
    np.testing.assert_allclose(model.outputs(IMAGES), alone, atol=1e-6)
    assert alone.shape == (3, 9 * 6)
    with pytest.raises(InputError, match="images of 3 rows of 2 pixels"):
        model.predict([np.zeros((4, 2))])
    with pytest.raises(InputError, match=r"Example 1 .* has numbers from 0 to 255; .* Divide all images"):
        model.predict([np.zeros((3, 2)), np.eye(3)[:, :2] * 255])


def altered(tree, place, **values):
    tree[place].update(values)
    return tree


@pytest.mark.parametrize(
    ("tree", "message"),
    [
        (altered(small.captions(), "model", frames=None), "frames"),
        (altered(small.captions(), "reader", mean=[0.0], scale=[1.0]), "'kernel' is float32"),
        (altered(small.captions(), "model", target_embedding=None), "target_embedding"),
        (altered(small.captions(), "model", kind="transformer"), "kind is 'transformer'"),
        (altered(small.captions(), "reader", kind="images"), "does not fit the task"),
        (altered(small.captions(), "pieces", bytes=np.zeros(256, np.int32)), "two bytes have one id"),
        (altered(small.upscaler(), "task", rows=5), "does not give all pixels"),
        (altered(small.upscaler(), "model", factor=3), "does not give all pixels"),
        (altered(small.upscaler(), "model", factor=1 << 30), "'factor' is not a whole number"),
        (altered(small.upscaler(), "reader", kind="standardized series"), "does not fit the task"),
        (altered(small.upscaler(), "model", network={"kind": "network", "layers": []}), "does not give all pixels"),
    ],
)
def test_a_damaged_description_is_refused(load, tree, message):
    with pytest.raises(ModelError, match=message):
        load(tree)
