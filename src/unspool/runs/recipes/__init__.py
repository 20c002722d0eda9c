"""Recipes: as values, as TOML files, in words, with their defaults."""
