"""Accuracy and processor time of the models of texts beside their peers, on real sets from packages."""
