"""Asks an OpenAI-compatible server and keeps its answers, so that no question is asked twice.

Knows HTTP and the chat format; nothing of sets, systems or measures.
"""

import hashlib
import json
import os
import sqlite3
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from contextlib import closing
from email.message import Message
from http.client import HTTPException
from pathlib import Path
from threading import Lock
from typing import Any

from benchmarks.errors import UsageError

KEY_VARIABLE = "READER_API_KEY"
"""Environment variable with the server's key, for servers that ask for one. It is sent, and written nowhere."""

_REFUSED = (400, 413, 422)
_PASSING = (429, 500, 502, 503, 504)
_LONGEST_PAUSE = 60.0


class ReaderError(UsageError):
    """The server cannot be used as it was asked; another question would fare no better."""


class RefusedError(Exception):
    """The server refused this one request, such as a prompt longer than its window."""


class _PassingError(Exception):
    """A fault that may be gone at the next attempt, with the pause that the server asked for, if any."""

    def __init__(self, message: str, pause: float = 0.0) -> None:
        super().__init__(message)
        self.pause = pause


class ReaderClient:
    """Sends chat requests to one server. Holds no state of a request, so threads can share it."""

    def __init__(
        self, url: str, *, timeout: float = 120.0, attempts: int = 5, sleep: Callable[[float], None] = time.sleep
    ) -> None:
        """Remember where to ask; `url` is the address up to and with /v1.

        Raises:
            ReaderError: the address is not one of http or https.
        """
        if not url.startswith(("http://", "https://")):
            msg = f"reader address {url!r} is none; give one such as http://127.0.0.1:8000/v1"
            raise ReaderError(msg)
        self._url = f"{url.rstrip('/')}/chat/completions"
        self._timeout = timeout
        self._attempts = attempts
        self._sleep = sleep

    def ask(self, body: dict[str, Any]) -> str:
        """Return the text of the answer; faults that may pass are tried again, each time after twice the pause.

        Raises:
            RefusedError: the server refused this request.
            ReaderError: the server cannot be reached or gives no answers.
        """
        attempt = 1
        while True:
            try:
                return self._answer_text(self._send(body))
            except _PassingError as error:
                if attempt >= self._attempts:
                    msg = f"{self._url}: {error}, {attempt} times; look at the server, then run again"
                    raise ReaderError(msg) from error
                self._sleep(min(max(2.0 ** (attempt - 1), error.pause), _LONGEST_PAUSE))
            attempt += 1

    def _send(self, body: dict[str, Any]) -> bytes:
        headers = {"Content-Type": "application/json"}
        if os.environ.get(KEY_VARIABLE):
            headers["Authorization"] = f"Bearer {os.environ[KEY_VARIABLE]}"
        data = json.dumps(body).encode("utf-8")
        request = urllib.request.Request(self._url, data=data, headers=headers)  # noqa: S310 - http or https, see above
        try:
            with urllib.request.urlopen(request, timeout=self._timeout) as response:  # noqa: S310
                content: bytes = response.read()
                return content
        except urllib.error.HTTPError as error:
            with error:
                raise self._http_fault(error) from error
        except (urllib.error.URLError, OSError, HTTPException) as error:
            raise self._connection_fault(error) from error

    def _http_fault(self, error: urllib.error.HTTPError) -> Exception:
        said = error.read(2000).decode("utf-8", "replace").strip()
        message = f"HTTP status {error.code} ({said[:300] or 'no text'})"
        if error.code in _PASSING:
            return _PassingError(message, _asked_pause(error.headers))
        if error.code in _REFUSED:
            return RefusedError(message)
        hints = {401: f"set {KEY_VARIABLE}", 403: f"set {KEY_VARIABLE}", 404: "see if the address ends in /v1"}
        hint = hints.get(error.code, "see whether it is an OpenAI-compatible server")
        return ReaderError(f"{self._url}: {message}; {hint}, and whether the model's name is the server's")

    def _connection_fault(self, error: Exception) -> Exception:
        reason = getattr(error, "reason", error)
        if isinstance(reason, TimeoutError):
            return _PassingError(f"no answer in {self._timeout:g} seconds (--reader-timeout)")
        if isinstance(error, urllib.error.URLError):
            return ReaderError(f"{self._url}: no server there ({reason}); start one or correct --reader-url")
        return _PassingError(f"the connection broke ({type(reason).__name__}: {reason})")

    def _answer_text(self, content: bytes) -> str:
        try:
            text = json.loads(content)["choices"][0]["message"]["content"]
        except (ValueError, LookupError, TypeError) as error:
            shown = content[:200].decode("utf-8", "replace")
            msg = f"{self._url}: an answer without choices ({shown!r}); see whether it is an OpenAI-compatible server"
            raise ReaderError(msg) from error
        return text or ""


class AnswerCache:
    """Answers on disk, by what was asked: the model's name, the messages and the parameters, not the address."""

    def __init__(self, path: Path) -> None:
        """Open the file, or make it."""
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


def _asked_pause(headers: Message) -> float:
    """Seconds that the server asks to wait; 0 if it does not say so in seconds."""
    asked = headers.get("Retry-After", "")
    return float(asked) if asked.isdecimal() else 0.0
