"""A model's folder is certified, and refused at load time where it no longer answers as it did."""

import shutil

from unspool.cli import main
from unspool.experiment.check import check
from unspool.experiment.own.model import load_own_model
from unspool.experiment.record import read_result


def test_an_own_model_is_certified_and_an_altered_one_refused(trained, reviews, alter, tmp_path, capsys):
    folder = shutil.copytree(trained[0], tmp_path / "model")
    assert not check(folder).broken
    predict = ["predict", str(folder), str(reviews), "--out", str(tmp_path / "scored.csv"), "--check"]
    assert main(predict) == 0
    (tmp_path / "scored.csv").unlink()
    alter(folder / "model.keras")
    assert read_result(folder).certificate is None, "it is of another file"
    assert load_own_model(folder).threshold
    assert main(predict) == 1
    assert "is refused by check 'reload'" in capsys.readouterr().err
    assert not (tmp_path / "scored.csv").exists()
