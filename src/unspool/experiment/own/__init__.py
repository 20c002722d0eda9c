"""People's own files: a file in, a model out; the model at work on another file, and what it is judged by."""
