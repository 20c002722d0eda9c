"""Labels and predictions in, scores with intervals out; baselines; comparison. Sees arrays, never a model."""
