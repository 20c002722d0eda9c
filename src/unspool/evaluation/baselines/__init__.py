"""The simple models that a run must beat, for each kind of answer."""
