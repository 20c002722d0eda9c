"""The one exception for what a user can put right."""


class UserError(Exception):
    """Something the user gave is wrong; the message says what, where, and what to do.

    The command line prints the message alone and exits with 1; a traceback would only hide it.
    """
