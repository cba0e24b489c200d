"""What a user of the command line can put right: printed without a traceback."""


class UsageError(Exception):
    """A command cannot be carried out as given; the message says what came, what is allowed and what to do."""
