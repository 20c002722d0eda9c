"""The compiled training loop, with the arguments and the callbacks of Keras."""
