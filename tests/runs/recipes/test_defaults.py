from dataclasses import replace

import pytest

from unspool.errors import UserError
from unspool.runs.recipes.defaults import recipe_for
from unspool.runs.recipes.file import changed_data
from unspool.runs.recipes.recipe import FileSettings
from unspool.tasks import Binary, Multilabel, Pronunciation, Reconstruction, Regression, Translation

BINARY = Binary(("neg", "pos"))
TEXTS, SERIES = FileSettings(path="a.csv"), FileSettings(path="a.csv", kind="series")
PAIRS = FileSettings(path="a.csv", kind="pairs", source="en", target="fr")


def test_what_is_asked_for_is_changed():
    recipe = recipe_for(TEXTS, BINARY, 300, ["model.layers=1", "model.units=7", "training.learning_rate=0.01"], seed=3)
    assert (recipe.model.units, recipe.training.learning_rate, recipe.training.seed) == (7, 0.01, 3)


def test_the_description_names_no_folder():
    recipe = recipe_for(FileSettings(path="/home/ada/a.csv"), BINARY, 300, [], seed=0)
    assert recipe.description == "A model trained on a.csv."


def test_few_examples_are_read_in_small_batches():
    sizes = [recipe_for(TEXTS, BINARY, n, model="network").training.batch_size for n in (100, 5_000, 50_000)]
    assert sizes == sorted(sizes)
    assert sizes[0] < sizes[-1]


@pytest.mark.parametrize("count", [8, 28, 60, 150, 900, 5_000])
def test_a_network_of_few_series_is_given_steps_not_epochs(count):
    training = recipe_for(SERIES, BINARY, count, model="network").training
    steps = -(-count // training.batch_size)
    assert training.early_stopping_patience * steps >= 200
    assert training.epochs * steps >= 4_000
    assert training.plateau_patience < training.early_stopping_patience <= training.epochs // 4
    if steps >= 20:
        assert (training.early_stopping_patience, training.epochs) == (15, 200)


def test_another_schedule_takes_the_place_of_the_warm_up():
    changes = ["model.shape=transformer", "training.decay=linear"]
    training = recipe_for(PAIRS, Translation(), 100, changes).training
    assert (training.decay, training.warmup) == ("linear", None)
    assert recipe_for(PAIRS, Translation(), 100, [*changes[:1], "training.decay=plateau"]).training.warmup == 400
    with pytest.raises(UserError, match="set one of them"):
        recipe_for(PAIRS, Translation(), 100, [*changes, "training.warmup=5"])


@pytest.mark.parametrize(
    ("count", "shape"), [(100, "encoder_decoder"), (9_999, "encoder_decoder"), (10_000, "transformer")]
)
def test_a_model_that_translates_searches_with_a_beam(count, shape):
    recipe = recipe_for(PAIRS, Translation(), count)
    assert recipe.model.shape == shape
    assert recipe.evaluation.beam == 5
    assert recipe.data.tokenizer == "bpe"


@pytest.mark.parametrize(
    ("count", "shape"), [(2_000, "transformer"), (10_000, "transformer"), (29_000, "encoder_decoder")]
)
def test_a_model_that_translates_is_averaged_over_some_epochs(count, shape):
    training = recipe_for(PAIRS, Translation(), count, [f"model.shape={shape}"]).training
    steps = -(-count // training.batch_size)
    assert 1 / (1 - training.ema) == pytest.approx(4 * steps, rel=0.02)
    assert recipe_for(PAIRS, Translation(), 2_000).training.ema is None
    assert recipe_for(PAIRS, Translation(), 20_000_000, [f"model.shape={shape}"]).training.ema < 1


@pytest.mark.parametrize(
    ("task", "count", "shape", "epochs"),
    [
        (Translation(), 500, "encoder_decoder", 30),
        (Translation(), 10_000, "encoder_decoder", 0),
        (Translation(), 500, "transformer", 0),
        (Pronunciation(), 500, "encoder_decoder", 0),
    ],
)
def test_few_translations_are_first_learned_in_both_directions(task, count, shape, epochs):
    training = recipe_for(PAIRS, task, count, [f"model.shape={shape}"]).training
    assert training.bidirectional_epochs == epochs


def test_fewer_epochs_are_fewer_in_both_directions_too():
    few, both = ["training.epochs=3"], ["training.bidirectional_epochs=7"]
    for changes, expected in ((few, 3), (["training.epochs=90"], 30), ([*few, *both], 7)):
        assert recipe_for(PAIRS, Translation(), 500, changes).training.bidirectional_epochs == expected


def test_a_budget_limits_the_comparison_or_the_only_network():
    for budget, compared, trained in (("auto", 300.0, None), (300.0, 300.0, 300.0), (None, None, None)):
        assert recipe_for(TEXTS, BINARY, 300, budget=budget).model.budget == compared
        assert recipe_for(TEXTS, BINARY, 300, budget=budget).training.budget is None
        assert recipe_for(TEXTS, BINARY, 300, model="network", budget=budget).training.budget == trained
        assert recipe_for(PAIRS, Translation(), 500, budget=budget).training.budget == trained


def test_a_budget_for_one_model_that_has_none_is_refused():
    message = r"^--budget has no effect beside --model nb-words .*: that model alone .* Leave out --budget\.$"
    with pytest.raises(UserError, match=message):
        recipe_for(TEXTS, BINARY, 300, model="nb-words", budget=60.0)
    assert recipe_for(TEXTS, BINARY, 300, model="language-model", budget=60.0).model.budget == 60.0


def test_a_budget_and_a_linear_decay_exclude_each_other():
    message = r'^--set: training\.decay is "linear": .* there can be no budget\. Set training\.epochs instead\.$'
    with pytest.raises(UserError, match=message):
        recipe_for(PAIRS, Translation(), 500, ["training.decay=linear"], budget=60.0)


def test_epochs_that_are_set_limit_those_in_both_directions():
    assert recipe_for(PAIRS, Translation(), 500).training.bidirectional_epochs == 30
    assert recipe_for(PAIRS, Translation(), 500, ["training.epochs=5"]).training.bidirectional_epochs == 5
    both = ["training.epochs=5", "training.bidirectional_epochs=9"]
    assert recipe_for(PAIRS, Translation(), 500, both).training.bidirectional_epochs == 9


@pytest.mark.parametrize("count", [500, 10_000, 1_000_000])
def test_the_shape_decides_how_the_learning_rate_changes(count):
    transformer, gru = (
        recipe_for(PAIRS, Translation(), count, [f"model.shape={shape}"]).training
        for shape in ("transformer", "encoder_decoder")
    )
    assert 400 <= transformer.warmup <= 2_000
    assert gru.warmup is None
    assert gru.plateau_patience < gru.early_stopping_patience
    assert gru.learning_rate < transformer.learning_rate


def test_a_transformer_has_rotary_positions_unless_others_are_asked_for():
    asked = ["model.shape=transformer", "model.positions=sinusoidal"]
    recipes = [recipe_for(PAIRS, Translation(), 10_000, changes) for changes in ([], asked[:1], asked)]
    assert [recipe.model.positions for recipe in recipes] == ["rotary", "rotary", "sinusoidal"]


def test_a_shape_is_found_whatever_spaces_are_around_it():
    asked = (["model.shape=transformer"], [' model.shape = "transformer"'])
    one, other = (recipe_for(PAIRS, Translation(), 2_000, changes) for changes in asked)
    assert one == other
    assert one.training.warmup


def test_a_beam_that_is_asked_for_is_kept_and_pronunciations_have_their_own():
    assert recipe_for(PAIRS, Translation(), 100, ["evaluation.beam=2"]).evaluation.beam == 2
    assert recipe_for(PAIRS, Pronunciation(), 100).evaluation.beam is None


@pytest.mark.parametrize(("path", "name"), [("x/reviews.csv", "reviews"), ("é ü.csv", "own"), (".a.csv", "a")])
def test_the_run_has_a_name_that_is_a_path(path, name):
    assert recipe_for(FileSettings(path=path), BINARY, 10).name == name


@pytest.mark.parametrize(
    ("task", "changes", "measure"),
    [
        (BINARY, [], "accuracy"),
        (BINARY, ["training.class_weight=balanced"], "balanced_accuracy"),
        (BINARY, ["training.class_weight=balanced", "evaluation.measure=auc"], "auc"),
        (Multilabel(("a", "b")), [], None),
        (Regression(), [], None),
    ],
)
def test_what_classes_weigh_decides_what_a_model_is_judged_by(task, changes, measure):
    assert recipe_for(TEXTS, task, 10, changes).evaluation.measure == measure


def test_a_streaming_network_looks_at_no_later_step():
    model = recipe_for(SERIES, BINARY, 50, ["model.units=8"], model="streaming").model
    assert (model.units, model.bidirectional, model.pooling) == (8, False, "last")


@pytest.mark.parametrize(
    ("data", "task", "changes"),
    [
        (TEXTS, BINARY, []),
        (SERIES, Reconstruction(likelihood="gaussian"), []),
        (SERIES, BINARY, ["model.bidirectional=true"]),
        (SERIES, BINARY, ["model.pooling=mean_max"]),
    ],
)
def test_what_cannot_stream_is_refused(data, task, changes):
    with pytest.raises(UserError, match="--streaming"):
        recipe_for(data, task, 50, changes, model="streaming")


def test_a_reconstruction_compares_a_network_with_principal_components():
    recipe = recipe_for(replace(SERIES, length=9), Reconstruction(likelihood="gaussian"), 10)
    assert recipe.model.candidates == ("pca", "network")
    alone = recipe_for(SERIES, Reconstruction(likelihood="gaussian"), 10, model="pca")
    assert alone.model.candidates == ("pca",)
    with pytest.raises(UserError, match=r"training.epochs has no effect: no model here is trained in epochs"):
        recipe_for(SERIES, Reconstruction(likelihood="gaussian"), 10, ["training.epochs=3"], model="pca")


def test_a_reconstruction_gets_an_autoencoder_of_any_numbers():
    recipe = recipe_for(SERIES, Reconstruction(likelihood="gaussian"), 10, ["model.encoder.outputs=3"])
    assert (recipe.model.shape, recipe.model.latent, recipe.model.decoder.output) == ("autoencoder", 3, "gaussian")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ("model.unit=7", "unknown key model.unit. Did you mean model.units"),
        ("model.units=none", "model.units is 'none'"),
        ("model.units=8", r"model.units has no effect: .* Set model.layers=1 too"),
        ("model.mask_padding=false", "would depend on the rows beside it"),
        ("units", "write it as table.key=value"),
        ("data.tokeniser=bpe", "Did you mean data.tokenizer"),
        ("training.class_weight=equal", "training.class_weight is 'equal'"),
        ("training=3", "training is 3"),
        ("evaluation=3", "evaluation is 3"),
        ("model=3", "model is 3"),
        ("data=3", "data is 3"),
        ("evaluation.protocol=chapter", "evaluation.protocol is 'chapter', which is for the chapter's recipes"),
        ("evaluation.validation_fraction=0.2", "has no effect: .* Set data.validation_fraction"),
        ("evaluation.measure=rmse", r"evaluation.measure is 'rmse': the measures of binary .* are accuracy, "),
    ],
)
def test_a_wrong_change_is_named(change, message):
    with pytest.raises(UserError, match=message):
        recipe_for(TEXTS, BINARY, 10, [change])


@pytest.mark.parametrize("task", [Multilabel(("a", "b")), Regression()])
def test_weights_of_classes_are_refused_where_there_are_none_to_weigh(task):
    with pytest.raises(UserError, match=rf"training\.class_weight has no effect: {task.title} has no classes"):
        recipe_for(TEXTS, task, 10, ["training.class_weight=balanced"])


@pytest.mark.parametrize("change", ["model.bigrams=1024", "model.embedding=8", "model.token_dropout=0.1"])
def test_a_change_of_what_only_texts_have_is_refused_for_series(change):
    recipe_for(TEXTS, BINARY, 10, [change])
    with pytest.raises(UserError, match=rf"^{change.partition('=')[0]} has no effect: this model reads series"):
        recipe_for(SERIES, BINARY, 10, [change])


def test_changes_of_how_a_file_is_read_are_found_before_it_is_read():
    data, seed = changed_data(TEXTS, ["data.test_fraction=0.3", "training.seed=4", "model.units=7"], seed=1)
    assert (data.test_fraction, seed) == (0.3, 4)
    data, seed = changed_data(TEXTS, ["data.parts_seed=5", "training.seed=4"], seed=1)
    assert (data.parts_seed, seed) == (5, 5)
    assert changed_data(TEXTS, [], seed=1) == (TEXTS, 1)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ("data.test_fraction=0.9", "data.test_fraction is 0.9"),
        ("data=3", "data is 3"),
        ("training.seed=x", "seed is 'x'"),
    ],
)
def test_a_wrong_change_of_how_a_file_is_read_is_named(change, message):
    with pytest.raises(UserError, match=message):
        changed_data(TEXTS, [change], seed=0)


def test_what_is_seen_in_a_file_decides_what_a_model_that_translates_is_judged_by():
    seen = Translation(suited_measure="chrf")
    assert recipe_for(PAIRS, Translation(), 100).evaluation.measure is None
    assert recipe_for(PAIRS, seen, 100).evaluation.measure == "chrf"
    assert recipe_for(PAIRS, seen, 100, ["evaluation.measure=exact_match"]).evaluation.measure == "exact_match"
