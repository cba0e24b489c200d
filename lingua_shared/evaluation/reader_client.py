"""Asks an OpenAI-compatible server, through the openai client, and keeps the answers so that nothing is asked twice."""

import hashlib
import json
import os
import sqlite3
from contextlib import closing
from pathlib import Path
from threading import Lock
from typing import Any

from lingua_shared.errors import LinguaError, MissingPackageError

KEY_VARIABLE = "READER_API_KEY"
"""Environment variable with the server's key, before OPENAI_API_KEY. It is sent, and written nowhere."""

ATTEMPTS = 5
"""How often a request is sent before the server counts as broken; the openai client waits longer each time."""

_REFUSED = (400, 413, 422)
_OPTIONAL = ("temperature", "seed", "max_tokens")
_NO_KEY = "none"  # servers without keys ignore it, and the client wants one
_SHOWN = 300


class ReaderError(LinguaError, RuntimeError):
    """The server cannot be used as it was asked; another question would not work either."""


class RefusedError(LinguaError, ValueError):
    """The server refused this one request, such as a prompt longer than its context window."""


class ReaderClient:
    """Sends chat requests to one server. Threads may share it."""

    def __init__(
        self, url: str | None, *, timeout: float = 120.0, attempts: int = ATTEMPTS, key: str | None = None
    ) -> None:
        """Remember where to ask.

        Args:
            url: address up to and with /v1; None is that of OpenAI, or OPENAI_BASE_URL.
            timeout: seconds that one answer may take.
            attempts: how often a request is sent at most.
            key: of the API; None takes READER_API_KEY or OPENAI_API_KEY where one is set.

        Raises:
            MissingPackageError: the package openai is not installed.
            ReaderError: the address does not begin with http:// or https://.
        """
        try:
            import openai  # noqa: PLC0415 - an extra
        except ImportError as error:
            msg = "this needs the package openai; install it with: pip install 'rag-lingua[verify]'"
            raise MissingPackageError(msg) from error
        if url is not None and not url.startswith(("http://", "https://")):
            msg = f"reader address {url!r} is none; give one such as http://127.0.0.1:8000/v1"
            raise ReaderError(msg)
        self._timeout = timeout
        key = key or os.environ.get(KEY_VARIABLE) or os.environ.get("OPENAI_API_KEY") or _NO_KEY
        self._client = openai.OpenAI(base_url=url, api_key=key, timeout=timeout, max_retries=attempts - 1)
        self._url = url or str(self._client.base_url)
        self._refused: frozenset[str] = frozenset()

    @property
    def url(self) -> str:
        """Address of the server."""
        return self._url

    def ask(self, body: dict[str, Any]) -> str:
        """Return the text of the answer. Faults that may pass are tried again by the client, with growing pauses.

        Raises:
            RefusedError: The server refused this request.
            ReaderError: The server cannot be reached or gives no answers.
        """
        import openai  # noqa: PLC0415 - an extra

        try:
            answer = self._completion(body)
        except openai.APIStatusError as error:
            raise self._fault(error) from error
        except openai.APITimeoutError as error:
            msg = f"{self._url}: no answer in {self._timeout:g} seconds (--reader-timeout)"
            raise ReaderError(msg) from error
        except openai.APIConnectionError as error:
            msg = f"{self._url}: no connection ({error.__cause__ or error}); start a server or correct --reader-url"
            raise ReaderError(msg) from error
        except (openai.APIError, ValueError) as error:
            raise self._no_answer(error) from error
        return self._text(answer)

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def _completion(self, body: dict[str, Any]) -> Any:
        """Ask, and ask again without parameters that the model does not take, as newer models of OpenAI."""
        import openai  # noqa: PLC0415 - an extra

        try:
            return self._client.chat.completions.create(**self._accepted(body))
        except openai.BadRequestError as error:
            said = error.response.text
            new = {name for name in _OPTIONAL if f"'{name}'" in said and "nsupported" in said} - self._refused
            if not new:
                raise
            self._refused |= new
        return self._completion(body)

    def _accepted(self, body: dict[str, Any]) -> dict[str, Any]:
        made = {name: value for name, value in body.items() if name not in self._refused}
        if "max_tokens" in self._refused and "max_tokens" in body:
            made["max_completion_tokens"] = body["max_tokens"]
        return made

    def _text(self, answer: Any) -> str:
        try:
            message = answer.choices[0].message
            said, refusal = message.content or "", getattr(message, "refusal", None)
        except (AttributeError, IndexError, TypeError) as error:
            raise self._no_answer(answer) from error
        if refusal and not said:
            msg = f"the model refuses to answer ({str(refusal)[:_SHOWN]})"
            raise RefusedError(msg)
        return str(said)

    def _no_answer(self, what: object) -> ReaderError:
        shown = str(what)[:_SHOWN]
        return ReaderError(f"{self._url}: an answer without choices ({shown}); is it an OpenAI-compatible server?")

    def _fault(self, error: Any) -> Exception:
        status = error.status_code
        message = f"HTTP status {status} ({error.response.text[:_SHOWN] or 'no text'})"
        if status in _REFUSED:
            return RefusedError(message)
        hints = {401: f"set {KEY_VARIABLE}", 403: f"set {KEY_VARIABLE}", 404: "does the address end in /v1?"}
        hint = hints.get(status, "look at the server, then run again")
        return ReaderError(f"{self._url}: {message}; {hint}, and is the model's name the server's?")


class AnswerCache:
    """Answers on disk, by what was asked (model, messages, parameters), whatever the server's address."""

    def __init__(self, path: Path) -> None:
        """Open the file, or create it."""
        path.parent.mkdir(parents=True, exist_ok=True)
        self._lock = Lock()
        self._connection = sqlite3.connect(path, check_same_thread=False)
        self._connection.execute("CREATE TABLE IF NOT EXISTS answers (key TEXT PRIMARY KEY, answer TEXT NOT NULL)")

    def get(self, body: dict[str, Any]) -> str | None:
        """Return the answer kept for a request; None if there is none."""
        with self._lock, closing(self._connection.cursor()) as cursor:
            row = cursor.execute("SELECT answer FROM answers WHERE key = ?", (_key(body),)).fetchone()
        return None if row is None else str(row[0])

    def put(self, body: dict[str, Any], answer: str) -> None:
        """Keep an answer."""
        with self._lock, self._connection:
            self._connection.execute("INSERT OR REPLACE INTO answers VALUES (?, ?)", (_key(body), answer))

    def close(self) -> None:
        """Close the file."""
        self._connection.close()


def _key(body: dict[str, Any]) -> str:
    return hashlib.sha256(json.dumps(body, sort_keys=True).encode("utf-8")).hexdigest()
