"""What can go wrong in a command, and its exit codes."""

DONE = 0
FAILED = 1
"""Something could not be done; the message says what."""
WRONG_USE = 2
"""The command cannot be understood, or an option has a value that is not allowed."""
INTERRUPTED = 130
CLOSED_PIPE = 141


class CommandError(Exception):
    """A command cannot go on; the message says why and what to do.

    Attributes:
        code: the exit code.
    """

    def __init__(self, message: str, *, code: int = FAILED) -> None:
        """Hold the message and the exit code."""
        super().__init__(message)
        self.code = code
