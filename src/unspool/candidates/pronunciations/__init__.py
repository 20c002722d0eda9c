"""Joint n-grams of letters and phonemes: a model of pronunciations that is fitted by counting."""
