"""A search for the settings of a recipe, or of a network for a file, by validation loss: on Optuna."""
