"""From a recipe's data, whatever they are, to what a model is trained and judged on."""
