"""Answers of other models, or of people, to the test examples of a run."""
