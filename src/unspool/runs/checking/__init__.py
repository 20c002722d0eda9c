"""Whether a model's answers are consistent, and those it gave where it was trained."""
