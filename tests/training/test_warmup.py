"""A learning rate that rises and falls."""

import numpy as np

from unspool.training.warmup import WarmUp


def test_it_is_highest_where_the_warm_up_ends():
    rates = np.array([float(WarmUp(0.5, 10)(step)) for step in range(100)])
    assert rates.argmax() == 9
    assert rates.max() == np.float32(0.5)
    np.testing.assert_allclose(rates[:10], 0.05 * np.arange(1, 11), rtol=1e-5)
    np.testing.assert_allclose(rates[39], 0.25, rtol=1e-5)


def test_it_comes_back_from_its_configuration():
    assert WarmUp.from_config(WarmUp(0.5, 10).get_config()).get_config() == {"rate": 0.5, "steps": 10}
