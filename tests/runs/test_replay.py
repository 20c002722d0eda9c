"""Where a run trained again does not give the same bits, it is said; that all kinds give them: test_commands."""

import json
import shutil
from dataclasses import replace

import pytest

from unspool.errors import UserError
from unspool.runs import replay as replayed
from unspool.runs.recipes.recipe import FileSettings
from unspool.runs.records.training_log import TrainingLog
from unspool.runs.replay import Parting, Replay, replay
from unspool.runs.run import train

from .series import write_long_form


@pytest.fixture
def copy(finished, tmp_path):
    folder = tmp_path / "small"
    shutil.copytree(finished[0], folder)
    return folder


def change(path, **entries):
    path.write_text(json.dumps(json.loads(path.read_text()) | entries))


def test_the_first_epoch_and_array_that_differ_are_named(copy):
    digests = json.loads((copy / "digests.json").read_text())
    digests["epochs"][1][3] = digests["epochs"][1][7] = "0" * 16
    change(copy / "digests.json", **digests)
    assert replay(copy) == Replay(epochs=1, arrays=10, parting=Parting(2, digests["arrays"][3]))


def test_epochs_that_come_with_a_part_count_until_the_first_that_differs(monkeypatch, copy):
    """As where a network is chosen among taggers: all its epochs are known before they are compared."""
    fit = replayed.fit_recipe

    def adopting(recipe, prepared, job):
        part = TrainingLog()
        trained = fit(recipe, prepared, replace(job, log=part))
        job.log.adopt(part)
        return trained

    monkeypatch.setattr(replayed, "fit_recipe", adopting)
    digests = json.loads((copy / "digests.json").read_text())
    digests["epochs"][0][3] = "0" * 16
    change(copy / "digests.json", **digests)
    assert replay(copy) == Replay(epochs=0, arrays=10, parting=Parting(1, digests["arrays"][3]))


@pytest.mark.parametrize(("epochs", "parting"), [(1, Parting(2, "")), (3, Parting(3, ""))])
def test_another_number_of_epochs_is_told(copy, epochs, parting):
    digests = json.loads((copy / "digests.json").read_text())
    change(copy / "digests.json", epochs=(digests["epochs"] * 2)[:epochs])
    replayed = replay(copy)
    assert replayed.parting == parting
    assert replayed.epochs == min(epochs, 2)


def test_a_file_that_has_changed_is_told(trained, reviews, tmp_path):
    copy = shutil.copytree(trained[0], tmp_path / "copy")
    path = shutil.copy(reviews, tmp_path / "reviews.csv")
    path.write_text(path.read_text().replace("film", "movie", 1))
    recipe = (copy / "recipe.toml").read_text()
    assert str(reviews) in recipe
    (copy / "recipe.toml").write_text(recipe.replace(str(reviews), str(path)))
    with pytest.raises(UserError, match=r"\(data: \w+, now \w+\)\. `unspool replay .*copy --force`"):
        replay(copy)


def test_a_model_that_has_been_replaced_is_refused_before_it_is_trained_again(copy):
    with (copy / "model.keras").open("ab") as file:
        file.write(b"0")
    with pytest.raises(UserError, match=r"model\.keras is not as training wrote it"):
        replay(copy)


def test_a_tagger_of_an_earlier_version_is_refused_before_it_is_trained(copy):
    change(copy / "reader.json", kind="split words")
    with pytest.raises(UserError, match=r"an earlier version of unspool trained this tagger\. Train it again"):
        replay(copy, force=True)


def test_a_file_that_is_gone_is_to_be_put_back(trained, reviews, tmp_path):
    """A replay takes no other path."""
    copy = shutil.copytree(trained[0], tmp_path / "copy")
    recipe = copy / "recipe.toml"
    recipe.write_text(recipe.read_text().replace(str(reviews), str(tmp_path / "gone.csv")))
    with pytest.raises(UserError) as caught:
        replay(copy)
    assert str(caught.value) == (
        f"{tmp_path / 'gone.csv'} is not there. The run needs its data as they were, at the path in {recipe}: put them "
        "back there."
    )


def test_what_changes_the_result_is_listed_and_refused_without_force(copy):
    change(copy / "environment.json", jax="0.1", cores="64")
    change(copy / "metrics.json", data=json.loads((copy / "metrics.json").read_text())["data"] | {"digest": "other"})
    with pytest.raises(UserError, match=r"\(jax: 0\.1, now \S+; data: other, now \w+\)\. `unspool replay .* --force`"):
        replay(copy)
    said = []
    assert replay(copy, force=True, say=said.append).parting is None
    assert any(line.startswith("changed since the run: jax: 0.1, now") and "cores: 64" in line for line in said)


@pytest.mark.parametrize(("model", "least"), [("auto", 4), pytest.param("recurrent", 1, marks=pytest.mark.slow)])
def test_a_model_of_series_that_was_chosen_is_chosen_again_to_the_same_bits(tmp_path, model, least):
    path = write_long_form(tmp_path / "series.csv", count=60)
    file = FileSettings(path=str(path), kind="series", series="series", label="label", time="time")
    result = train(file, tmp_path / "run", model=model, changes=["evaluation.resamples=100"])
    assert len([one for one in result.candidates if one.score is not None]) >= least
    replayed = replay(tmp_path / "run")
    assert replayed.parting is None
    assert replayed.fitted
    assert replayed.arrays > 0


def test_a_folder_without_digests_is_told(copy):
    (copy / "digests.json").write_text("[")
    with pytest.raises(UserError, match=r"digests\.json is damaged"):
        replay(copy)
    (copy / "digests.json").unlink()
    with pytest.raises(UserError, match=r"holds no digests\.json: it was made by an earlier version"):
        replay(copy)
    with pytest.raises(UserError, match="There is no folder nowhere"):
        replay(copy.with_name("nowhere").relative_to(copy.parent))
