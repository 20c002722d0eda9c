import os

# Before anything imports Keras or matplotlib: the backend is read once, and no test may depend on a display.
os.environ["KERAS_BACKEND"] = "jax"
os.environ.setdefault("MPLBACKEND", "agg")
