"""What the tables of an autoencoder are made of."""

from dataclasses import replace

from unspool.evaluation.result import Interval, Score
from unspool.report.content import Cell
from unspool.report.reconstruction_content import loss_of, model_rows, no_uncertainty_seen, score_rows


def _score(value):
    return Score(value, Interval(value - 0.01, value + 0.02))


def test_score_rows_put_each_score_in_its_place(reconstruction_result):
    test = replace(
        reconstruction_result.test,
        cross_entropy=_score(0.2),
        excess=_score(0.1),
        mse=_score(0.05),
        psnr=_score(12.5),
    )
    latent = replace(reconstruction_result.latent, neighbours_accuracy=_score(0.9), trustworthiness=0.8765)
    rows = {row.name: row for row in score_rows(replace(reconstruction_result, test=test, latent=latent))}
    assert rows["cross-entropy"].test == Cell("0.2000", "0.1900 to 0.2200")
    assert rows["excess cross-entropy"].test == Cell("0.1000", "0.0900 to 0.1200")
    assert rows["mean squared error"].test == Cell("0.0500", "0.0400 to 0.0700")
    assert rows["PSNR"].test == Cell("12.50", "12.49 to 12.52")
    assert rows["nearest neighbours"].test == Cell("90.0%", "89.0 to 92.0%")
    assert rows["trustworthiness"].test == Cell("0.876", "")
    assert rows["cross-entropy"].validation.value == f"{reconstruction_result.validation.cross_entropy.value:.4f}"
    assert rows["PSNR"].validation.value == f"{reconstruction_result.validation.psnr.value:.2f}"
    assert not any(row.published for row in rows.values())


def test_scores_that_are_not_there_have_no_row(other_reconstruction_results):
    names = [row.name for row in score_rows(other_reconstruction_results["gaussian"])]
    assert names == ["mean squared error", "nearest neighbours", "trustworthiness"]


def test_the_model_stands_first_among_models(reconstruction_result):
    rows = model_rows(reconstruction_result)
    assert [row.title for row in rows] == [
        "this model",
        "the mean of the training examples",
        "PCA with 2 dimensions",
    ]
    assert rows[0].seconds == reconstruction_result.seconds
    assert rows[1].neighbours == Cell()
    assert rows[1].trustworthiness == ""
    pca = reconstruction_result.baselines[1]
    assert rows[2].cross_entropy.value == f"{pca.scores.cross_entropy.value:.4f}"
    assert rows[2].neighbours.value == f"{100 * pca.latent.neighbours_accuracy.value:.1f}%"
    assert rows[2].trustworthiness == f"{pca.latent.trustworthiness:.3f}"


def test_the_loss_is_the_cross_entropy_where_there_is_one(reconstruction_result, other_reconstruction_results):
    assert loss_of(reconstruction_result.test) == reconstruction_result.test.cross_entropy
    gaussian = other_reconstruction_results["gaussian"].test
    assert loss_of(gaussian) == gaussian.mse


def test_an_interval_without_width_is_noticed(reconstruction_result):
    ordinary = replace(reconstruction_result.latent, neighbours_accuracy=None)
    assert not no_uncertainty_seen(replace(reconstruction_result, latent=ordinary))
    certain = replace(ordinary, neighbours_accuracy=Score(1.0, Interval(1.0, 1.0)))
    assert no_uncertainty_seen(replace(reconstruction_result, latent=certain))
