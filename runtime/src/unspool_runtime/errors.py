"""What goes wrong, each as one sentence that says what to do."""


class ModelError(ValueError):
    """A file holds no model that can be used: damaged, altered, of another version, or of no known kind."""


class InputError(ValueError):
    """An input is not what the model reads, or the model cannot do what is asked of it."""
