"""A choice that is interrupted goes on from the candidates that were tried."""

import numpy as np
import pytest

from unspool.candidates import choose, choose_forecaster, saved
from unspool.candidates.examples import Examples
from unspool.candidates.forecasts import Setup, Training
from unspool.candidates.saved import Saved, digest
from unspool.data.forecasting import windows_of_validation


@pytest.fixture(autouse=True)
def _keep_what_took_no_time(monkeypatch):
    monkeypatch.setattr(saved, "LEAST_SECONDS", 0.0)


def of_texts(**how):
    texts = [f"a {'fine' if n % 2 else 'dull'} film of {n % 7} scenes" for n in range(60)]
    return choose("text", Examples(texts, np.arange(60) % 2, "binary"), ["nb-words", "tfidf", "blend-linear"], **how)


def of_series(**how):
    waves = [np.sin(np.arange(30) * f)[:, None].astype(np.float32) for f in np.linspace(0.2, 0.8, 24)]
    examples = Examples(waves, np.arange(24) // 12, "binary")
    return choose("series", examples, ["statistics", "raw values", "convolution", "blend"], **how)


def of_forecasts(**how):
    setup = Setup(horizon=3, season=4)
    random = np.random.RandomState(0)
    series = [(np.arange(48) % 4 + random.normal(0, 0.3, 48))[:, None].astype(np.float32) for _ in range(3)]
    windows = windows_of_validation([len(one) for one in series], 3, 4)
    truth = np.ones((len(windows), 3, 3))
    for row, one in enumerate(windows):
        truth[row, :, 0] = series[one.series][one.origin : one.origin + 3, 0]
    return choose_forecaster(Training(series, windows, truth, setup), ["seasonal-mean", "ets", "ridge", "blend"], **how)


@pytest.mark.parametrize("choice_of", [of_texts, of_series, of_forecasts])
def test_it_ends_as_if_nothing_had_happened(choice_of, tmp_path, monkeypatch):
    whole = choice_of()
    heard = []

    def interrupt(tried):
        heard.append(tried)
        if len(heard) == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        choice_of(saves=tmp_path, heard=interrupt)
    assert len(list(tmp_path.glob("checkpoint-of-*"))) == 2
    kept, tried_anew = Saved.keep, []
    monkeypatch.setattr(Saved, "keep", lambda self, name, *found: tried_anew.append(name) or kept(self, name, *found))
    resumed = choice_of(saves=tmp_path)
    assert not {one.name for one in heard} & set(tried_anew)
    assert tried_anew
    assert resumed.name == whole.name
    assert [one.seconds for one in resumed.tried[:2]] == [one.seconds for one in heard]
    assert [(one.name, one.score, one.loss) for one in resumed.tried] == [
        (one.name, one.score, one.loss) for one in whole.tried
    ]
    expected = whole.model.arrays()
    for name, array in resumed.model.arrays().items():
        np.testing.assert_array_equal(array, expected[name])
    np.testing.assert_array_equal(resumed.held_out, whole.held_out)


def test_what_was_spent_before_counts_in_the_budget(tmp_path):
    of_texts(saves=tmp_path)
    for path in tmp_path.glob("checkpoint-of-*"):
        if "nb-words" not in path.name:
            path.unlink()
    texts = [f"a {'fine' if n % 2 else 'dull'} film of {n % 7} scenes" for n in range(60)]
    examples = Examples(texts, np.arange(60) % 2, "binary")
    one = Saved(tmp_path, digest(texts, "binary", None, np.arange(60) % 2, None, None, 0, 0))
    plain, arrays = one.found("nb-words")
    one.keep("nb-words", plain | {"seconds": 100.0}, arrays)
    tried = choose("text", examples, ["nb-words", "cnn"], budget=50.0, saves=tmp_path).tried
    assert [(one.name, one.score is None) for one in tried] == [("nb-words", False), ("cnn", True)]


def test_of_other_examples_or_from_a_damaged_file_nothing_is_taken(tmp_path):
    arrays = {"scores": np.arange(3.0)}
    Saved(tmp_path, "these").keep("raw values", {"seconds": 1.0}, arrays)
    plain, found = Saved(tmp_path, "these").found("raw values")
    assert plain == {"seconds": 1.0}
    np.testing.assert_array_equal(found["scores"], arrays["scores"])
    assert Saved(tmp_path, "those").found("raw values") is None
    assert Saved(tmp_path, "these").found("convolution") is None
    (path,) = tmp_path.iterdir()
    path.write_bytes(path.read_bytes()[:-5])
    assert Saved(tmp_path, "these").found("raw values") is None


def test_what_took_less_than_a_second_is_not_saved(tmp_path, monkeypatch):
    monkeypatch.setattr(saved, "LEAST_SECONDS", 1.0)
    Saved(tmp_path, "these").keep("nb-words", {"seconds": 0.9}, {})
    Saved(None, "these").keep("nb-words", {"seconds": 2.0}, {})
    assert not list(tmp_path.iterdir())


def test_the_digest_tells_examples_apart():
    texts = ["a", "b"]
    every = [
        digest(texts, 1),
        digest(["ab"], 1),
        digest(["a", "b", "1"]),
        digest(texts, np.array(1)),
        digest(texts, np.array([1])),
        digest([np.zeros((2, 1), np.float32)], 1),
        digest([np.zeros((1, 2), np.float32)], 1),
    ]
    assert len(set(every)) == len(every)
    assert digest(iter(texts), 1) == every[0]
