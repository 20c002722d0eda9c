"""Where sequences come in: named datasets, vocabulary, splits and padding."""
