import numpy as np
import pytest

from unspool.errors import UserError
from unspool.runs.latent_space import fit_latent_space, load_latent_space


@pytest.fixture(scope="module")
def two_clouds():
    rng = np.random.default_rng(0)
    centres = np.array([[0.2, 0.2], [0.8, 0.7]])
    return centres[rng.integers(0, 2, 500)] + 0.02 * rng.standard_normal((500, 2))


def test_density_draws_where_the_vectors_are_and_uniform_draws_everywhere(two_clouds):
    space = fit_latent_space(two_clouds, (0.0, 1.0), seed=0)
    assert len(space.weights) == 2
    rng = np.random.default_rng(1)

    def near(vectors):
        distances = np.linalg.norm(vectors[:, None] - np.array([[0.2, 0.2], [0.8, 0.7]]), axis=-1)
        return np.mean(distances.min(axis=1) < 0.1)

    assert near(space.density(1000, rng)) > 0.99
    uniform = space.uniform(1000, rng)
    assert near(uniform) < 0.15
    assert uniform.min() < 0.01
    assert uniform.max() > 0.99


def test_what_is_drawn_stays_within_the_latent_spaces_bounds():
    edge = np.random.default_rng(0).integers(0, 2, (300, 3)) * 0.99
    space = fit_latent_space(edge, (0.0, 1.0), seed=0)
    drawn = space.density(500, np.random.default_rng(0))
    assert drawn.min() >= 0
    assert drawn.max() <= 1


def test_without_bounds_the_box_is_that_of_the_vectors(two_clouds):
    space = fit_latent_space(two_clouds, None, seed=0)
    np.testing.assert_array_equal(space.low, two_clouds.min(axis=0))
    np.testing.assert_array_equal(space.high, two_clouds.max(axis=0))


def test_it_reads_back_as_it_was_written(two_clouds, tmp_path):
    space = fit_latent_space(two_clouds, None, seed=0)
    space.save(tmp_path)
    back = load_latent_space(tmp_path)
    drawn = [one.density(5, np.random.default_rng(3)) for one in (space, back)]
    np.testing.assert_array_equal(*drawn)


def test_a_damaged_file_is_told(two_clouds, tmp_path):
    with pytest.raises(UserError, match=r"has no latent\.npz, .* Run the recipe again"):
        load_latent_space(tmp_path)
    fit_latent_space(two_clouds, None, seed=0).save(tmp_path)
    whole = (tmp_path / "latent.npz").read_bytes()
    (tmp_path / "latent.npz").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(UserError, match=r"latent\.npz is damaged"):
        load_latent_space(tmp_path)
