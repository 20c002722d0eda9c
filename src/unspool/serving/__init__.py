"""A model behind HTTP: `unspool serve`, on the runtime, see docs/serving.md."""
