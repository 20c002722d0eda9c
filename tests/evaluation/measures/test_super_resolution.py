"""How enlarged images are judged."""

import numpy as np
import pytest

from unspool.errors import UserError
from unspool.evaluation.measures.super_resolution import MEASURES, shrunk

RANDOM = np.random.default_rng(0)
WANTED, SAID = (RANDOM.integers(0, 256, (6, 8)).astype(np.uint8) for _ in range(2))


def test_the_ratio_is_of_the_mean_error():
    errors = ((WANTED.astype(float) - SAID) ** 2).mean() / 255**2
    assert MEASURES["mse"].value(WANTED, SAID, 0.5) == pytest.approx(errors, rel=1e-5)
    assert MEASURES["psnr"].value(WANTED, SAID, 0.5) == pytest.approx(10 * np.log10(1 / errors), rel=1e-5)
    assert MEASURES["psnr"].say(MEASURES["psnr"].value(WANTED, WANTED, 0.5)) == "infinite"


@pytest.mark.parametrize("name", MEASURES)
def test_resamples_give_what_copies_would(name):
    measure, times = MEASURES[name], np.array([2, 0, 1, 3, 0, 1])
    copies = np.repeat(np.arange(6), times)
    found = measure.prepare(WANTED, SAID, 0.5)(times[None].astype(float))
    assert found[0] == pytest.approx(measure.value(WANTED[copies], SAID[copies], 0.5))


def test_images_are_shrunk_by_means_of_squares():
    images = np.arange(32.0).reshape(1, 4, 8)
    assert shrunk(images, 4).tolist() == [[[images[0, :, :4].mean(), images[0, :, 4:].mean()]]]
    assert shrunk(images, 1).tolist() == images.tolist()
    with pytest.raises(UserError, match="4 rows of 8 pixels cannot be shrunk by 3"):
        shrunk(images, 3)
