import pytest

from unspool.errors import UserError
from unspool.runs.recipes.defaults import recipe_for
from unspool.runs.recipes.file import differences, load_recipe, recipe_names, write_recipe
from unspool.runs.recipes.recipe import FileSettings
from unspool.tasks import Binary, Reconstruction, Regression

PACKAGED = [
    "capitals-lstm",
    "dates-gru",
    "digits-bilstm-ae",
    "digits-lstm-ae",
    "digits-superres",
    "docstrings-gru",
    "g2p",
    "imdb-gru",
    "imdb-lstm",
    "imdb-rnn",
    "mnist-ae-100d",
    "mnist-ae-2d",
    "mnist-bilstm-ae",
    "mnist-lstm-ae",
    "mnist-superres",
    "moving-digits-captions",
    "multi30k-gru",
    "multi30k-transformer",
    "sentences-lstm",
    "sentences-rnn",
]


def test_the_packaged_recipes():
    assert recipe_names() == PACKAGED


@pytest.mark.parametrize("name", PACKAGED)
def test_a_recipe_written_out_reads_back_the_same(name, tmp_path):
    recipe = load_recipe(name)
    write_recipe(recipe, tmp_path / "recipe.toml")
    assert load_recipe(tmp_path / "recipe.toml") == recipe
    assert "min_delta" in (tmp_path / "recipe.toml").read_text(), "defaults are written out"


@pytest.mark.parametrize("task", [Binary(("neg", "pos")), Regression(), Reconstruction(likelihood="gaussian")])
def test_a_recipe_of_a_file_reads_back_the_same(task, tmp_path):
    data = FileSettings(path="/a b.csv", label="mood", channels=("x", "y"), kind="series")
    recipe = recipe_for(data, task, 300, ["training.learning_rate=0.01"], seed=3)
    assert (recipe.training.learning_rate, recipe.training.seed) == (0.01, 3)
    write_recipe(recipe, tmp_path / "recipe.toml")
    assert load_recipe(tmp_path / "recipe.toml") == recipe


def test_a_recipe_of_a_file_from_before_there_was_a_choice_balances_classes(tmp_path):
    recipe = recipe_for(FileSettings(path="a.csv"), Binary(("neg", "pos")), 300)
    assert recipe.training.class_weight == "none"
    write_recipe(recipe, tmp_path / "recipe.toml")
    text = (tmp_path / "recipe.toml").read_text()
    (tmp_path / "recipe.toml").write_text(text.replace('class_weight = "none"\n', ""))
    assert load_recipe(tmp_path / "recipe.toml").training.class_weight == "balanced"
    assert load_recipe("imdb-lstm").training.class_weight == "none"


def test_the_chapters_recipes_differ_in_the_cell_alone():
    changed = differences(load_recipe("imdb-rnn"), load_recipe("imdb-lstm"))
    assert [
        line.split(":")[0] for line in changed if line.split(":")[0].split(".")[0] not in ("title", "published")
    ] == [
        "name",
        "description",
        "model.cell",
    ]


@pytest.mark.parametrize(
    ("setting", "path", "value"),
    [
        ("model.units=64", ("model", "units"), 64),
        ("model.cell=gru", ("model", "cell"), "gru"),
        ('model.cell="gru"', ("model", "cell"), "gru"),
        ("training.learning_rate=1", ("training", "learning_rate"), 1.0),
        ("training.clip_norm=0.5", ("training", "clip_norm"), 0.5),
        ("model.mask_padding=true", ("model", "mask_padding"), True),
    ],
)
def test_a_setting_changes_one_value(setting, path, value):
    recipe = load_recipe("imdb-lstm", [setting])
    assert getattr(getattr(recipe, path[0]), path[1]) == value
    assert len(differences(recipe, load_recipe("imdb-lstm"))) == 1


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        ("model.unit=3", r"unknown key model\.unit\. Did you mean model\.units\?"),
        ("epochs=3", r"unknown key epochs\. Did you mean training\.epochs\?"),
        ("model.epochs=3", r"unknown key model\.epochs\. Did you mean training\.epochs\?"),
        ("modle.units=3", r"unknown key modle\. Did you mean model\?"),
        ("published.auk=3", r"unknown key published\.auk\. Did you mean published\.auc\?"),
        ("training.epochs=two", r"training\.epochs is 'two'"),
        ("training.epochs=0", r"training\.epochs is 0"),
        ("training.clip_norm=0.0", r"training\.clip_norm is 0\.0"),
        ("training.epochs=2.0", r"training\.epochs is 2\.0"),
        ("model.mask_padding=1", r"model\.mask_padding is 1"),
        ("model.cell=lstn", r"model\.cell is 'lstn': input should be 'rnn', 'lstm' or 'gru'"),
        ("data.maxlen.x=3", "maxlen is a value, not a table"),
        ("model.units", "write it as table.key=value"),
        ("=3", "write it as table.key=value"),
        ("name=../elsewhere", "name is '../elsewhere'"),
        ("training=3", r"training is 3"),
    ],
)
def test_a_wrong_setting_is_one_clear_error(setting, message):
    with pytest.raises(UserError, match=message) as error:
        load_recipe("imdb-lstm", [setting])
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        ("model.unit=3", r"unknown key model\.unit\. The table model has the keys shape, encoder, decoder"),
        ("model.encoder.unit=3", r"unknown key model\.encoder\.unit\. Did you mean model\.encoder\.units\?"),
        ("model.decoder.units=0", r"model\.decoder\.units is 0"),
        ("model.decoder.output=normal", r"model\.decoder\.output is 'normal': input should be 'bernoulli' or 'gau"),
        ("model.encoder.activation=softmax", r"model\.encoder\.activation is 'softmax': that of a latent vector is"),
        ("model.encoder=3", r"model\.encoder is 3"),
        (
            "model.shape=autoencode",
            r"model\.shape is 'autoencode'\. Did you mean autoencoder\? The shapes are seq2vec, autoencoder, tagger,",
        ),
        ("model.shape=3", r"model\.shape is 3\. The shapes are"),
        ("data.num_words=3", r"unknown key data\.num_words\. The table data has the keys dataset"),
        ("published.auc=3", r"published\.source is missing"),
        ("data=3", r"data is 3: it must be a table\.$"),
        ("model=[]", r"model is \[\]: it must be a table\.$"),
    ],
)
def test_a_wrong_setting_of_an_autoencoder_is_one_clear_error(setting, message):
    with pytest.raises(UserError, match=message) as error:
        load_recipe("mnist-lstm-ae", [setting])
    assert "\n" not in str(error.value)


def test_the_chapters_autoencoders_train_by_its_stopping_rule():
    for name in ("mnist-lstm-ae", "mnist-bilstm-ae"):
        training = load_recipe(name).training
        assert (training.batch_size, training.epochs, training.learning_rate) == (100, 1000, 0.001)
        assert (training.early_stopping_patience, training.plateau_patience, training.min_delta) == (15, 5, 1e-4)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"name = ", "is not valid TOML: Invalid value"),
        (b"", "name is missing"),
        (b"name = 'x'\n[data]\ndataset = 'imdb'", "model is missing"),
        (b"\xff\xfe", "cannot be read"),
    ],
)
def test_a_wrong_file_is_one_clear_error(content, message, tmp_path):
    path = tmp_path / "mine.toml"
    path.write_bytes(content)
    with pytest.raises(UserError, match=message) as error:
        load_recipe(path)
    assert str(path) in str(error.value)


def test_all_mistakes_are_told_at_once(tmp_path):
    path = tmp_path / "mine.toml"
    path.write_text(
        "[data]\ndatset = 'dates'\nsource = 'written'\ntarget = 'iso'\nlengh = 3\n"
        "[model]\nshape = 'encoder_decoder'\nunits = 'many'\n[training]\nepochs = -1\n[evalation]\nbeam = 3\n"
    )
    with pytest.raises(UserError) as error:
        load_recipe(path)
    assert str(error.value) == (
        f"{path}: (1) unknown key data.datset. Did you mean data.dataset? (2) unknown key data.lengh. Did you mean "
        "data.length? (3) model.units is 'many': input should be a valid integer. (4) unknown key evalation. Did you "
        "mean evaluation? (5) training.epochs is -1: input should be greater than or equal to 1. (6) name is missing."
    )


def test_a_misspelled_shape_is_told_alone_as_the_other_keys_depend_on_it(tmp_path):
    path = tmp_path / "mine.toml"
    path.write_text("name = 'a'\n[data]\ndataset = 'dates'\nsource = 'written'\n[model]\nshape = 'encoder_decodr'\n")
    with pytest.raises(UserError, match=r"toml: model\.shape is 'encoder_decodr'\. Did you mean encoder_decoder\?"):
        load_recipe(path)


def test_an_unknown_name_gets_the_nearest():
    with pytest.raises(UserError, match="Did you mean imdb-lstm"):
        load_recipe("imbd-lstm")
    with pytest.raises(UserError, match="There is no file"):
        load_recipe("not-here.toml")


def test_the_files_of_a_recipe_are_found_from_another_working_directory(tmp_path, monkeypatch):
    recipe = recipe_for(FileSettings(path="a.csv", test="b.csv", label="mood"), Binary(("neg", "pos")), 300, [], seed=3)
    write_recipe(recipe, tmp_path / "recipe.toml")
    monkeypatch.chdir(tmp_path)
    read = load_recipe("recipe.toml")
    assert (read.data.path, read.data.test) == (str(tmp_path / "a.csv"), str(tmp_path / "b.csv"))


def test_the_earlier_name_of_an_autoencoder_is_understood():
    assert load_recipe("mnist-lstm-ae", ["model.shape=seq2seq"]) == load_recipe("mnist-lstm-ae")
