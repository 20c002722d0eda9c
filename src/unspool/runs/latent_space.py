"""Where an autoencoder's latent vectors lie, so that new ones can be drawn: a box, and a density within it."""

import warnings
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from unspool.data.numpy_files import read_npz, write_npz
from unspool.errors import UserError
from unspool.files import DAMAGE, reason_of

LATENT_SPACE = "latent.npz"
COMPONENTS = (1, 2, 5, 10, 20)
ROUNDS = 20
MOST_VECTORS = 5000
"""What the density is fitted on, drawn at random where there are more: the cost grows with their number."""

Floats = NDArray[np.floating]


@dataclass(frozen=True)
class LatentSpace:
    """A box that holds the latent vectors, and a mixture of Gaussians (K of them) fitted on those of the training set.

    Attributes:
        low: (L,) the box's lower corner.
        high: (L,) its upper corner.
        weights: (K,) of the Gaussians, which sum to 1.
        means: (K, L).
        covariances: (K, L, L).
    """

    low: Floats
    high: Floats
    weights: Floats
    means: Floats
    covariances: Floats

    def check(self) -> None:
        """Make sure that the arrays are those of such a space, as someone may have altered them.

        Raises:
            ValueError: they are not.
        """
        components, size = self.means.shape
        shapes = {"low": (size,), "high": (size,), "weights": (components,), "covariances": (components, size, size)}
        for name, shape in shapes.items():
            if getattr(self, name).shape != shape:
                raise ValueError(f"{name} has the shape {getattr(self, name).shape}, not {shape}")
        if not all(np.isfinite(array).all() for array in vars(self).values()):
            raise ValueError("a number in it is not finite")
        if (self.low > self.high).any() or (self.weights < 0).any() or not self.weights.sum() > 0:
            raise ValueError("its corners or weights are not those of a density")

    def uniform(self, count: int, rng: np.random.Generator) -> Floats:
        """(count, L) vectors drawn evenly from the box, as the chapter does."""
        return rng.uniform(self.low, self.high, (count, len(self.low))).astype(np.float32)

    def density(self, count: int, rng: np.random.Generator) -> Floats:
        """(count, L) vectors drawn where those of the training set are, moved into the box where they leave it."""
        chosen = rng.choice(len(self.weights), count, p=self.weights / self.weights.sum())
        drawn = [rng.multivariate_normal(self.means[k], self.covariances[k], method="eigh") for k in chosen]
        return np.clip(np.array(drawn), self.low, self.high).astype(np.float32)

    def save(self, folder: Path) -> None:
        """Write latent.npz."""
        write_npz(folder / LATENT_SPACE, asdict(self))


def fit_latent_space(vectors: Floats, bounds: tuple[float, float] | None, seed: int) -> LatentSpace:
    """Learn where the latent vectors of the training set lie.

    The number of Gaussians grows along `COMPONENTS` as long as the Bayesian information criterion (Schwarz, 1978) gets
    better.

    Args:
        vectors: (N, L).
        bounds: of every number in a latent vector, if its activation has them; else the box is the vectors' own.
        seed: of the start, and of the sample where there are many vectors.
    """
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.mixture import GaussianMixture

    vectors = vectors.astype(np.float64)
    low, high = (np.full(vectors.shape[1], bound) for bound in bounds) if bounds else (vectors.min(0), vectors.max(0))
    if len(vectors) > MOST_VECTORS:
        vectors = vectors[np.random.default_rng(seed).choice(len(vectors), MOST_VECTORS, replace=False)]
    best, lowest = None, np.inf
    for components in (count for count in COMPONENTS if count <= len(vectors)):
        mixture = GaussianMixture(components, max_iter=ROUNDS, random_state=seed)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)  # a density that is nearly the best will do
            criterion = mixture.fit(vectors).bic(vectors)
        if criterion >= lowest:
            break
        best, lowest = mixture, criterion
    assert best is not None, "one Gaussian can always be fitted"
    return LatentSpace(low, high, best.weights_, best.means_, best.covariances_)


def load_latent_space(folder: Path) -> LatentSpace:
    """Read latent.npz from a run's folder.

    Raises:
        UserError: it is not there, or damaged.
    """
    path = folder / LATENT_SPACE
    try:
        space = LatentSpace(**{name: np.asarray(one, np.float64) for name, one in read_npz(path).items()})
        space.check()
        return space
    except FileNotFoundError as error:
        raise UserError(
            f"{folder} has no {LATENT_SPACE}, which describes the latent vectors of the training set. Run the recipe "
            "again. An estimator saves it unless it has been pickled: fit it again and save it before that."
        ) from error
    except DAMAGE as error:
        raise UserError(
            f"{path} is damaged: {type(error).__name__}: {reason_of(error)}. Run the recipe again."
        ) from error
