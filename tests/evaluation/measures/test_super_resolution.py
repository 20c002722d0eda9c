"""How enlarged images are judged, and the simple ways to enlarge them."""

import numpy as np
import pytest

from unspool.errors import UserError
from unspool.evaluation.baselines.simple_models import RawPart, RawParts
from unspool.evaluation.measures.super_resolution import MEASURES, as_grey, bicubic, interpolated, ridge, shrunk

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


def test_interpolation_keeps_what_is_even_and_the_place_of_an_edge():
    assert bicubic(np.full((2, 3, 3), 0.5), 2) == pytest.approx(np.full((2, 6, 6), 0.5))
    ramp = np.arange(20.0)[np.newaxis, np.newaxis].repeat(4, axis=1)
    assert bicubic(ramp, 2)[0, 4, 18:22] == pytest.approx([8.75, 9.25, 9.75, 10.25], abs=1e-3)
    edge = np.repeat([[[0.0, 0.0, 0.0, 1.0, 1.0, 1.0]]], 6, axis=1)
    enlarged = bicubic(edge, 2)[0, 6]
    assert enlarged[:6].max() < 0.5 < enlarged[6:].min()
    assert enlarged == pytest.approx(1 - enlarged[::-1])


def test_ridge_learns_what_interpolation_cannot_know():
    large = np.zeros((400, 4, 4))
    large[:, :, ::2] = RANDOM.uniform(0.2, 0.8, (400, 2, 2)).repeat(2, axis=1)  # stripes, which these images all have
    small = shrunk(large, 2)
    part = [RawPart(lambda s=s: small[s], as_grey(large[s])) for s in (slice(300), slice(300, 350), slice(350, 400))]
    parts = RawParts(*part, MEASURES["psnr"])
    known, plain = ridge(parts), interpolated(parts, 2)
    assert (known.name, plain.name) == ("ridge", "bicubic")
    assert known.outputs.shape == plain.outputs.shape == part[2].targets.shape
    assert known.held_out > plain.held_out + 10
    assert MEASURES["psnr"].value(part[2].targets, known.outputs, 0.5) > known.held_out - 3
