"""The simple ways to enlarge images."""

import numpy as np
import pytest

from unspool.evaluation.baselines.enlarging import bicubic, interpolated, ridge
from unspool.evaluation.baselines.simple_models import RawPart, RawParts
from unspool.evaluation.measures.super_resolution import MEASURES, as_grey, shrunk

RANDOM = np.random.default_rng(0)


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
