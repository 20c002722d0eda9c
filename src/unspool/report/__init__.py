"""A Result in, one HTML page and its figures out. Never sees a model."""
