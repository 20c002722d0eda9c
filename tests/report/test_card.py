"""The model card: what a hub reads of it, and that no text in it can act."""

from dataclasses import replace

import pytest
from huggingface_hub import ModelCard
from markdown_it import MarkdownIt

from unspool.errors import UserError
from unspool.evaluation.certificate import Check
from unspool.report.card import MARK, write_card
from unspool.tasks import task_of

KINDS = ("binary_result", "multiclass_result", "multilabel_result", "regression_result", "reconstruction_result")
HOSTILE = (
    "<script>alert(1)</script> ![x](http://e.vil/x.png) [y](javascript:1) | `a` **b** $z$ &lt; {{ 7 * 7 }}\n\n---\n"
    "# H\n```\n\u202e\x00\ud800'\"\\"
)


@pytest.fixture(params=KINDS)
def result(request):
    return request.getfixturevalue(request.param)


def card_of(result, folder):
    return write_card(result, folder).read_text(encoding="utf-8")


def markup(card):
    """The kinds of element in a card's prose, and its text."""
    tokens = MarkdownIt("commonmark").enable("table").parse(card.partition("\n---\n")[2])
    within = [child for token in tokens for child in token.children or ()]
    return [token.type for token in (*tokens, *within)], "".join(token.content for token in within)


def test_a_hub_reads_its_scores_with_intervals(result, tmp_path):
    write_card(result, tmp_path)
    read = ModelCard.load(tmp_path / "README.md")
    assert read.data.library_name == "unspool"
    assert result.task in read.data.tags
    assert read.data.model_name == result.recipe
    found = {one.metric_type: (one.metric_value, one.metric_args["interval"]) for one in read.data.eval_results}
    assert found == {
        name: (score.value, [score.interval.low, score.interval.high]) for name, score in result.test.figures.items()
    }
    assert {one.dataset_revision for one in read.data.eval_results} == {result.data.digest}


def test_a_hub_finds_its_pipeline(binary_result, multiclass_result, tmp_path):
    assert ModelCard(card_of(binary_result, tmp_path)).data.pipeline_tag == "text-classification"
    assert ModelCard(card_of(multiclass_result, tmp_path)).data.get("pipeline_tag") is None  # of series


def test_it_says_how_good_the_model_is_and_on_what(result, tmp_path):
    text = markup(card_of(result, tmp_path))[1]
    assert result.verdict.words in text
    name = result.verdict.measure
    measure, score = task_of(result).measures[name], result.test[name]
    interval = f"({measure.say(score.interval.low)} to {measure.say(score.interval.high)})"
    assert f"{measure.say(score.value)} {interval}" in text
    assert result.data.title in text
    assert f"{result.data.examples['training']:,}" in text


def test_hostile_text_is_shown_and_does_nothing(result, tmp_path):
    kinds, _ = markup(card_of(result, tmp_path / "plain"))
    data = result.data
    hostile = replace(
        result,
        **dict.fromkeys(("recipe", "title", "description", "command"), HOSTILE),
        data=replace(
            data,
            **{name: HOSTILE + name for name in ("name", "title", "source", "licence", "digest")},
            label_names=(HOSTILE,) * len(data.label_names),
        ),
        baselines=tuple(replace(one, name=HOSTILE, title=HOSTILE) for one in result.baselines),
        verdict=replace(result.verdict, words=HOSTILE),
        environment={"unspool": HOSTILE},
    )
    card = card_of(hostile, tmp_path / "hostile")
    now, text = markup(card)
    assert set(now) <= set(kinds) | {"softbreak"}
    assert "html_comment" not in now
    assert now.count("tr_open") == kinds.count("tr_open")
    assert text.count("<script>alert(1)</script> ![x](http://e.vil/x.png) [y](javascript:1) | `a`") > 5
    assert "⟨U+202E⟩⟨U+0000⟩⟨U+D800⟩" in text
    assert ModelCard(card).data.model_name == HOSTILE


def test_it_says_whether_predictions_are_consistent(binary_result, reconstruction_result, tmp_path):
    assert "Its predictions were found to be consistent" in card_of(binary_result, tmp_path / "yes")
    assert "It has not been checked" in card_of(reconstruction_result, tmp_path / "open")
    broken = replace(binary_result.certificate, checks=(Check("bucket", "x", 1e-5, 0.3, False),))
    assert "Do not use this model" in card_of(replace(binary_result, certificate=broken), tmp_path / "no")


def test_the_chapters_protocol_is_named_as_optimistic(binary_result, tmp_path):
    assert "optimistic" not in card_of(binary_result, tmp_path)
    assert "optimistic" in card_of(replace(binary_result, protocol="chapter"), tmp_path)


def test_the_same_result_gives_the_same_bytes_whatever_it_took(result, tmp_path):
    slower = replace(result, seconds=1e4, training_seconds=9e3, command="unspool run /home/me/secret.toml")
    assert card_of(slower, tmp_path / "a") == card_of(result, tmp_path / "b")


def test_a_card_with_a_persons_own_words_stays(binary_result, tmp_path):
    own = card_of(binary_result, tmp_path).replace(MARK, "").replace("## Limits", "## Limits, by me")
    (tmp_path / "README.md").write_text(own)
    assert card_of(binary_result, tmp_path) == own


def test_a_folder_that_cannot_be_written_is_told(binary_result, tmp_path):
    (tmp_path / "README.md").mkdir()
    with pytest.raises(UserError, match=r"cannot be written \(Is a directory\)\. Choose another place\.$"):
        write_card(binary_result, tmp_path)
