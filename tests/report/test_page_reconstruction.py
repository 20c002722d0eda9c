"""The page of an autoencoder's run: what is in it and in which order."""

from dataclasses import replace

import pytest


@pytest.fixture(scope="module")
def page(reconstruction_result, page_of, tmp_path_factory):
    return page_of(reconstruction_result, tmp_path_factory.mktemp("report"))


def test_the_verdict_comes_first_and_the_rest_in_the_order_of_reading(reconstruction_result, page):
    body = page.plain[page.plain.index("Recipe shapes-lstm-ae") :]
    order = [
        reconstruction_result.title,
        reconstruction_result.verdict.words,
        reconstruction_result.description,
        "How good it is",
        "How it was measured",
        "Compared with simple models",
        "What it reconstructs",
        "The latent space",
        "New images",
        "The data",
        "The model",
        "Training",
        "Reproduce this run",
        reconstruction_result.command,
    ]
    places = [body.index(words) for words in order]
    assert places == sorted(places)
    assert [figure["class"] for figure in page.all("svg")] == [
        f"figure-{name}"
        for name in (
            *("headline", "reconstructions", "class-averages", "latent-space", "latent-walk"),
            *("interpolation", "generated", "loss"),
        )
    ]


def test_scores_data_and_environment_are_told(reconstruction_result, page):
    cross_entropy = reconstruction_result.test["cross_entropy"]
    for words in (
        f"{cross_entropy.value:.4f}{cross_entropy.interval.low:.4f} to {cross_entropy.interval.high:.4f}",
        *("test set60 examples", "validation90 examples", "PCA with 2 dimensions"),
        *("6 rows from top to bottom", "of 4 pixels each", "hook, bar, ring", "public domain", "sha256:5ba9e5"),
        *("sums it up in 2 numbers", "lowered before epoch 3", "10,950", "Keras", "3.15.1"),
    ):
        assert words in page.plain


def test_the_honest_protocol_is_told(page):
    assert "The honest protocol." in page.plain
    assert "optimistic" not in page.plain


def test_the_chapters_protocol_is_called_optimistic_beside_the_verdict_and_explained(
    reconstruction_result, page_of, tmp_path
):
    test = reconstruction_result.test
    page = page_of(replace(reconstruction_result, protocol="chapter", validation=test), tmp_path)
    assert page.plain.index("These figures are optimistic") < page.plain.index("How good it is")
    assert "every figure here is optimistic" in page.plain
    assert "The honest protocol" not in page.plain
    assert "validation90" not in page.plain
    assert "on the test set" in page.plain


def test_more_dimensions_are_called_a_projection_and_have_no_walk(other_reconstruction_results, page_of, tmp_path):
    result = other_reconstruction_results["projected"]
    page = page_of(result, tmp_path)
    assert f"by a projection ({result.pictures.projection.title})" in page.plain
    assert "figure-latent-walk" not in [figure["class"] for figure in page.all("svg")]
    assert not list((tmp_path / "figures").glob("latent-walk*"))


def test_two_dimensions_are_not_called_a_projection(page):
    assert "projection" not in page.plain


def test_one_dimension_is_one_number(other_reconstruction_results, page_of, tmp_path):
    assert "sums it up in one number" in page_of(other_reconstruction_results["one dimension"], tmp_path).plain


def test_a_run_without_pictures_has_no_sections_for_them(other_reconstruction_results, page_of, tmp_path):
    page = page_of(other_reconstruction_results["gaussian"], tmp_path)
    assert [figure["class"] for figure in page.all("svg")] == ["figure-headline", "figure-loss"]
    assert "What it reconstructs" not in page.text


def test_of_any_numbers_no_cross_entropy_is_told(other_reconstruction_results, page_of, tmp_path):
    page = page_of(other_reconstruction_results["gaussian"], tmp_path)
    assert "a mean squared error of" in page.plain
    assert "ross-entropy" not in page.plain
    assert "entropy" not in page.text
    assert "PSNR" not in page.plain


def test_the_page_stays_small(page):
    assert len(page.source) < 200_000
