"""Series: accuracy and processor seconds of unspool beside aeon's classifiers and regressors, on real sets."""
