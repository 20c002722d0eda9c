import pytest

from unspool.errors import UserError
from unspool.runs.contenders import contender_name, refuse_contenders
from unspool.runs.other_models.answers import InMemory


def test_contenders_need_names_of_their_own(tmp_path):
    run = tmp_path / "runs" / "reviews"
    run.mkdir(parents=True)
    with pytest.raises(UserError, match="at least two contenders"):
        refuse_contenders([run], None)
    with pytest.raises(UserError, match=r"/reviews and .*/reviews would both be called reviews in the comparison\. Re"):
        refuse_contenders([run, tmp_path / "reviews"], None)
    with pytest.raises(UserError, match=r"/reviews and reviews in memory would both be called reviews"):
        refuse_contenders([run, InMemory("reviews", [])], None)
    with pytest.raises(
        UserError, match=r"/reviews/\.\./reviews is given twice: a model cannot be compared with itself"
    ):
        refuse_contenders([run, run / ".." / "reviews"], None)


def test_a_run_is_called_as_its_folder_wherever_its_path_leads(tmp_path, monkeypatch):
    (tmp_path / "reviews.v2").mkdir()
    (tmp_path / "latest").symlink_to("reviews.v2")
    monkeypatch.chdir(tmp_path / "reviews.v2")
    assert contender_name(tmp_path / "latest") == contender_name(tmp_path / "latest" / ".") == "reviews.v2"
    assert contender_name(tmp_path / "reviews.csv") == "reviews"
