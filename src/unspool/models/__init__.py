"""The shapes of sequence model: a frozen config describes each, a function builds the Keras model."""
