"""Errors that a user of the command line can correct; they are printed without a traceback."""


class UsageError(Exception):
    """A command cannot be carried out as given. The message says what came, what is allowed and what to do."""
