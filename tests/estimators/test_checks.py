"""scikit-learn's own checks of an estimator."""

import pytest
from sklearn.utils.estimator_checks import parametrize_with_checks

import unspool

SMALL = {
    "cell": "rnn",
    "units": 8,
    "bidirectional": False,
    "dropout": 0.0,
    "epochs": 60,
    "learning_rate": 0.05,
    "batch_size": 512,  # all in one step: one program to compile, not two
    "validation_fraction": 0.0,
}
ESTIMATORS = [unspool.AutoClassifier(), unspool.AutoRegressor(), unspool.SeriesFeatures("quantiles")]
NETWORKS = [
    unspool.SequenceClassifier(**SMALL),
    unspool.SequenceRegressor(**SMALL),
    unspool.SequenceEncoder(**SMALL, latent=2),
]
"""They share the others' code, but for what they compile in each check."""

WEIGHTS = {
    "check_sample_weight_equivalence_on_dense_data": "an example that is left out, or given twice, changes by what "
    "channels are standardised and which examples share a batch; a weight of 0 or 2 does not",
}
ROUNDING = {
    "check_methods_subset_invariance": "features are multiplied in single precision, whose last bits depend on how "
    "many rows are multiplied together: probabilities differ by some 5e-7, and 1e-7 is asked for",
}


def expected_failures(estimator):
    return ROUNDING if isinstance(estimator, unspool.AutoClassifier) else WEIGHTS


@parametrize_with_checks(ESTIMATORS, expected_failed_checks=expected_failures, xfail_strict=True)
def test_scikit_learn_accepts_it(estimator, check):
    check(estimator)


@pytest.mark.slow
@parametrize_with_checks(NETWORKS, expected_failed_checks=expected_failures, xfail_strict=True)
def test_scikit_learn_accepts_networks(estimator, check):
    check(estimator)
