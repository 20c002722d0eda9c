"""What an autoencoder's page shows in its tables, taken from a ReconstructionResult and put in the order of reading."""

from dataclasses import dataclass

from unspool.evaluation.reconstruction_result import LatentScores, ReconstructionResult, ReconstructionScores
from unspool.evaluation.result import Score
from unspool.report.content import Cell, ScoreRow, cell_of, percent_cell, without_width
from unspool.report.wording import plain


@dataclass(frozen=True, slots=True)
class ModelRow:
    """One line of the table that sets the model beside its baselines; a cell is empty where it has no such score."""

    title: str
    cross_entropy: Cell
    mse: Cell
    neighbours: Cell
    trustworthiness: str
    seconds: float


def nats(figure: float) -> str:
    """Says a cross-entropy.

    Example:
        >>> nats(0.22867818)
        '0.2287'
    """
    return f"{figure:.4f}"


def three_digits(figure: float) -> str:
    """Says a figure whose size is not known beforehand.

    Example:
        >>> three_digits(0.05), three_digits(0.0046365), three_digits(123.4), three_digits(123456.0)
        ('0.0500', '0.00464', '123', '1.23e+05')
    """
    return f"{figure:#.3g}".rstrip(".")


def decibels(figure: float) -> str:
    """Says a ratio in dB, without the unit.

    Example:
        >>> decibels(12.559), decibels(float("inf"))
        ('12.56', 'infinite')
    """
    return f"{figure:.2f}" if figure < float("inf") else "infinite"


def loss_of(scores: ReconstructionScores) -> Score:
    """Gives the score that a model is judged by: the cross-entropy, or the squared error where there is none."""
    return scores.mse if scores.cross_entropy is None else scores.cross_entropy


def score_rows(result: ReconstructionResult) -> list[ScoreRow]:
    """Gives the scores of the run; those that it does not have are left out."""
    test, validation, latent = result.test, result.validation, result.latent
    rows = [
        ScoreRow(
            "cross-entropy",
            "nats a pixel, the loss that is trained on; lower is better",
            cell_of(nats, test.cross_entropy),
            cell_of(nats, validation.cross_entropy),
        ),
        ScoreRow(
            "excess cross-entropy",
            "what is left when the entropy of the grey pixels themselves, which no model can go below, is taken away",
            cell_of(nats, test.excess),
            cell_of(nats, validation.excess),
        ),
        ScoreRow(
            "mean squared error",
            "of a pixel; lower is better",
            cell_of(three_digits, test.mse),
            cell_of(three_digits, validation.mse),
        ),
        ScoreRow(
            "PSNR",
            "the same in decibels, 10 log₁₀(1 / error); higher is better",
            cell_of(decibels, test.psnr),
            cell_of(decibels, validation.psnr),
        ),
        ScoreRow(
            "nearest neighbours",
            "how often the ten nearest latent vectors of the training set have, by majority, the image’s label",
            percent_cell(latent.neighbours_accuracy),
            Cell(),
        ),
        ScoreRow(
            "trustworthiness",
            "whether near neighbours in the latent space are near among the images too; 1 is best",
            Cell(plain(latent.trustworthiness)),
            Cell(),
        ),
    ]
    return [row for row in rows if row.test.value]


def model_rows(result: ReconstructionResult) -> list[ModelRow]:
    """Gives the model and its baselines, the model first."""
    rows: list[tuple[str, ReconstructionScores, LatentScores | None, float]]
    rows = [("this model", result.test, result.latent, result.seconds)]
    rows += [(baseline.title, baseline.scores, baseline.latent, baseline.seconds) for baseline in result.baselines]
    return [
        ModelRow(
            title,
            cell_of(nats, scores.cross_entropy),
            cell_of(three_digits, scores.mse),
            percent_cell(latent.neighbours_accuracy if latent else None),
            plain(latent.trustworthiness) if latent else "",
            seconds,
        )
        for title, scores, latent, seconds in rows
    ]


def no_uncertainty_seen(result: ReconstructionResult) -> bool:
    """Tells whether an interval on the test set has no width."""
    return without_width(result.test.cross_entropy, result.test.mse, result.latent.neighbours_accuracy)
