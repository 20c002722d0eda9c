"""The recipes that come with the package: readable experiments, one TOML file each."""
