"""Named datasets, from a recipe to what a model is trained and judged on."""

from dataclasses import replace

import numpy as np
import pytest

from unspool.errors import UserError
from unspool.runs.reading.named_datasets import prepare_dataset
from unspool.runs.reading.preparation import PreparedPart, refuse_wrong_range
from unspool.runs.recipes.file import load_recipe
from unspool.runs.recipes.recipe import FileSettings
from unspool.runs.records.folder import partial_of
from unspool.runs.run import run, train

from ..series import write_npz


@pytest.fixture(scope="module")
def prepared():
    return prepare_dataset(load_recipe("sentences-lstm", ["data.num_words=50", "data.maxlen=9"]))


@pytest.fixture(scope="module")
def images():
    return prepare_dataset(load_recipe("digits-lstm-ae"))


def test_the_honest_protocol_never_shows_the_test_set_to_training(prepared):
    assert prepared.validation is not prepared.test
    sentences = [{frozenset(text.split()) for text in part.raw()} for part in prepared.parts.values()]
    assert not sentences[0] & sentences[1]
    assert not sentences[0] & sentences[2]
    share = len(prepared.validation) / (len(prepared.training) + len(prepared.validation))
    assert share == pytest.approx(0.1, abs=0.005)


def test_the_chapters_protocol_validates_on_the_test_set():
    prepared = prepare_dataset(load_recipe("sentences-lstm", ["evaluation.protocol=chapter"]))
    assert prepared.validation is prepared.test
    assert prepared.summary.examples["validation"] == prepared.summary.examples["test"] == len(prepared.test)
    assert prepared.summary.counts["validation"] == prepared.summary.counts["test"]


def test_the_split_follows_the_seed():
    one, same, other = (
        prepare_dataset(load_recipe("sentences-lstm", [f"training.seed={seed}"])).validation.inputs
        for seed in (1, 1, 2)
    )
    assert np.array_equal(one, same)
    assert not np.array_equal(one, other)


def test_ids_stay_in_the_models_vocabulary_and_end_with_the_text(prepared):
    ids = prepared.training.inputs
    assert ids.shape[1] == 9
    assert ids.max() == 49
    summary = prepared.summary
    example = summary.example
    assert len(example.ids) == len(example.words) == 9
    assert example.words[-1] in (example.text.split()[-1], "<unknown>")
    assert sum(summary.counts["training"]) == summary.examples["training"] == len(ids)


def test_the_reader_gives_the_inputs_of_the_raw_texts(prepared):
    texts = list(prepared.test.raw())[:200]
    np.testing.assert_array_equal(prepared.reader.read(texts), prepared.test.inputs[:200])


@pytest.mark.parametrize(("num_words", "skip_top"), [(4, 0), (50, 50)])
def test_limits_that_leave_no_words_are_refused(num_words, skip_top):
    recipe = load_recipe("sentences-lstm", [f"data.num_words={num_words}", f"data.skip_top={skip_top}"])
    with pytest.raises(UserError, match=f"num_words={num_words} and data.skip_top={skip_top} leave no words"):
        prepare_dataset(recipe)


def test_images_are_refused_by_a_text_recipe():
    with pytest.raises(UserError, match="seq2vec recipes read text"):
        prepare_dataset(load_recipe("sentences-lstm", ["data.dataset=digits"]))


def test_images_of_the_test_set_are_never_shown_to_training(images):
    training, validation, test = (
        {image.tobytes() for image in part.inputs} for part in (images.training, images.validation, images.test)
    )
    assert not test & training
    assert not test & validation
    assert len(images.training) + len(images.validation) == 1437
    assert len(images.validation) == 144
    assert images.summary.steps == (8, 8)
    assert images.task.names == tuple("0123456789")


def test_the_chapters_protocol_trains_an_autoencoder_on_all_but_the_test_set():
    prepared = prepare_dataset(load_recipe("digits-lstm-ae", ["evaluation.protocol=chapter"]))
    assert prepared.validation is prepared.test
    assert len(prepared.training) == 1437


def test_texts_are_refused_by_an_autoencoders_recipe():
    with pytest.raises(UserError, match="autoencoder recipes read images"):
        prepare_dataset(load_recipe("digits-lstm-ae", ["data.dataset=sentences"]))


@pytest.mark.parametrize(("factor", "ends"), [(255.0, "0 and 255"), (-1.0, "-1 and")])
def test_numbers_that_an_autoencoder_of_grey_values_cannot_give_are_refused(images, factor, ends):
    recipe = load_recipe("digits-lstm-ae")
    refuse_wrong_range(recipe, images)
    wrong = replace(images, validation=replace(images.validation, inputs=images.validation.inputs * factor))
    with pytest.raises(UserError) as caught:
        refuse_wrong_range(recipe, wrong)
    assert f"but those for validation lie between {ends}" in str(caught.value)
    assert str(caught.value).endswith("Set model.decoder.output=gaussian, which is for any numbers.")
    refuse_wrong_range(load_recipe("digits-lstm-ae", ["model.decoder.output=gaussian"]), wrong)


def test_standardised_series_are_refused_before_anything_is_trained(tmp_path):
    path = write_npz(tmp_path / "a.npz")
    data = FileSettings(path=str(path), kind="series", task="reconstruction")
    message = "between 0 and 1, but those for training lie between .* as each channel of a file is standardised. Set"
    with pytest.raises(UserError, match=message):
        train(data, tmp_path / "out", changes=["model.decoder.output=bernoulli"])
    recipe = tmp_path / "own.toml"
    recipe.write_text(
        f'name = "own"\n[data]\npath = "{path}"\nkind = "series"\ntask = "reconstruction"\n'
        '[model]\nshape = "autoencoder"\n[model.encoder]\n[model.decoder]\n'
    )
    with pytest.raises(UserError, match=message):
        run(load_recipe(recipe), tmp_path / "out")
    assert not partial_of(tmp_path / "out").exists()


def test_groups_stay_apart_where_only_one_of_two_parts_has_them():
    def part(groups):
        return PreparedPart(np.zeros((2, 1)), np.zeros(2), groups)

    grouped = part(np.array([4, 4]))
    assert grouped.with_more(part(np.array([7, 4]))).groups.tolist() == [4, 4, 7, 4]
    assert grouped.with_more(part(None)).groups.tolist() == [4, 4, 5, 6]
    assert part(None).with_more(grouped).groups is None
