"""What a service is started with. Knows no web framework."""

import logging
import os
from pathlib import Path
from typing import Literal

from pydantic import ConfigDict, Field, FiniteFloat

from lingua_shared.agents.once import DEFAULT_RATE, MIN_TOKENS
from lingua_shared.errors import InvalidInputError, reason, short_name
from lingua_shared.inputs import OptionsModel, Whole
from lingua_shared.options import CompressionOptions, ModelOptions

KEYS_VARIABLE = "LINGUA_API_KEYS"
UPSTREAM_KEY_VARIABLE = "LINGUA_UPSTREAM_KEY"
SETTINGS_VARIABLE = "LINGUA_SERVICE_SETTINGS"
"""Hands the settings to further processes of the same service."""


class ServiceSettings(OptionsModel):
    """How a service runs. Keys are no part of it: they come from the environment or from a file.

    Example:
        >>> ServiceSettings(port=9000).queue
        32
    """

    model_config = ConfigDict(extra="forbid")

    host: str = Field(default="127.0.0.1", description="Address to listen on; 0.0.0.0 is all of this machine's.")
    port: Whole = Field(default=8080, ge=0, le=65535, description="Port to listen on; 0 takes a free one.")
    workers: Whole = Field(default=1, ge=1, description="Processes; each loads its own models.")
    threads: Whole = Field(default=1, ge=1, description="Compressions at the same time in each process.")
    queue: Whole = Field(
        default=32, ge=0, description="Requests that may wait in each process; further ones are answered with 429."
    )
    max_body_mb: FiniteFloat = Field(default=8.0, gt=0, description="Largest body of a request, in MB.")
    max_passages: Whole = Field(default=1000, ge=1, description="Most passages, or messages, of a request.")
    timeout_seconds: FiniteFloat = Field(
        default=60.0, gt=0, description="Longest time for a compression, waiting included; then the answer is 504."
    )
    grace_seconds: Whole = Field(default=20, ge=0, description="Time for running requests when the service is stopped.")
    api_key_file: str | None = Field(
        default=None,
        description=f"File with a client's key on each line. None: the keys in the variable {KEYS_VARIABLE}, divided "
        "by commas; where there are none, everyone is served.",
    )
    store_file: str | None = Field(
        default=None, description="SQLite file for whole texts of what was shortened. None: in memory."
    )
    store_mb: FiniteFloat = Field(default=256.0, gt=0, description="Largest size of all whole texts, in MB.")
    message_rate: float = Field(
        default=DEFAULT_RATE, gt=0, le=1, description="Share of the tokens of a long text in a message to keep."
    )
    message_min_tokens: Whole = Field(
        default=MIN_TOKENS, ge=1, description="Texts of messages with fewer tokens stay as they are."
    )
    upstream: str | None = Field(
        default=None,
        pattern=r"^https?://\S+$",
        description="Address of a server with the API of OpenAI, up to and with /v1, for /v1/chat/completions.",
    )
    upstream_seconds: FiniteFloat = Field(
        default=600.0, gt=0, description="Longest wait for the upstream server's next bytes."
    )
    on_failure: Literal["open", "closed"] = Field(
        default="open",
        description="What the proxy does where compression fails or the queue is full: forward the messages as they "
        'are ("open"), or answer with the error ("closed").',
    )
    recover_answers: bool = Field(
        default=True,
        description="Whether the proxy puts names and dates that compression dropped from what an answer quotes back "
        "into the answer. A request can say otherwise.",
    )
    log_prompts: bool = Field(default=False, description="Write the texts of requests into the log.")
    warm_up: bool = Field(default=True, description="Load the models when the service starts.")
    options: CompressionOptions = Field(default_factory=CompressionOptions, description="Defaults of requests.")
    models: ModelOptions = Field(default_factory=ModelOptions, description="The models.")

    def api_keys(self) -> tuple[str, ...]:
        """Return the keys of clients; none serves everyone.

        Raises:
            InvalidInputError: the file cannot be read, or holds no key.
        """
        if self.api_key_file is None:
            return _parts(os.environ.get(KEYS_VARIABLE, "").replace(",", "\n"))
        try:
            keys = _parts(Path(self.api_key_file).read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            msg = f"the file of keys {short_name(self.api_key_file)} cannot be read: {reason(error)}"
            raise InvalidInputError(msg) from error
        if not keys:
            msg = f"the file of keys {short_name(self.api_key_file)} holds no key; write one on each line"
            raise InvalidInputError(msg)
        return keys


def start_log(level: int = logging.INFO) -> None:
    """Write the log of this process to standard error.

    Args:
        level: the lowest that is written, whatever a library says of its own log.
    """
    logging.basicConfig(level=level, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    for handler in logging.getLogger().handlers:
        handler.setLevel(level)
    logging.getLogger("httpx").setLevel(logging.WARNING)  # it writes a line for each request


def _parts(text: str) -> tuple[str, ...]:
    return tuple(line.strip() for line in text.splitlines() if line.strip())
