"""The front door: `train`, `search`, `load`, `compare` and `inspect`."""
