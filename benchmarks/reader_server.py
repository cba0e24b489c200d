"""A small OpenAI-compatible server for one causal model, for tests and for machines without a network.

It answers `POST /v1/chat/completions` (greedy decoding, no streaming) and `GET /v1/models`, one request at a time.
"""

import argparse
import json
import time
from collections.abc import Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Lock
from typing import Any

import torch
import transformers

from lingua_shared.scoring.catalog import find_model

COMPLETIONS = "/v1/chat/completions"
MODELS = "/v1/models"
_DEFAULT_TOKENS = 64


class RequestError(Exception):
    """A request that is refused, with an HTTP status."""

    def __init__(self, status: int, message: str) -> None:
        """Remember the status and the message."""
        super().__init__(message)
        self.status = status


class ChatModel:
    """A causal model that answers chats; one answer at a time, whichever thread asks."""

    def __init__(self, name: str, model: Any, tokenizer: Any) -> None:
        """Wrap a transformers model and its tokenizer under the name by which clients ask for it."""
        self.name = name
        self._model = model.eval()
        self._tokenizer = tokenizer
        self._lock = Lock()

    @property
    def window(self) -> int | None:
        """Return the most tokens of prompt and answer together; None if the model does not say."""
        window: int | None = getattr(self._model.config.get_text_config(), "max_position_embeddings", None)
        return window

    def complete(self, messages: Sequence[dict[str, str]], max_tokens: int) -> dict[str, Any]:
        """Return the answer's text, why it ended, and the tokens of prompt and answer."""
        ids = self._encode(messages)
        prompt_tokens = ids.shape[1]
        if self.window is not None and prompt_tokens + max_tokens > self.window:
            msg = f"prompt of {prompt_tokens} tokens and {max_tokens} of answer do not fit a window of {self.window}"
            raise RequestError(400, msg)
        with self._lock, torch.inference_mode():
            made = self._model.generate(
                ids.to(self._model.device),
                attention_mask=torch.ones_like(ids).to(self._model.device),
                generation_config=self._greedy(max_tokens),
            )[0, prompt_tokens:]
        return {
            "text": self._tokenizer.decode(made, skip_special_tokens=True).strip(),
            "finish_reason": "length" if len(made) == max_tokens else "stop",
            "usage": {
                "prompt_tokens": prompt_tokens,
                "completion_tokens": len(made),
                "total_tokens": prompt_tokens + len(made),
            },
        }

    def _encode(self, messages: Sequence[dict[str, str]]) -> torch.Tensor:
        """Return token ids, shape (1, tokens), by the model's chat template; without one, of the plain texts."""
        template = self._tokenizer.chat_template
        if template:
            prompt = self._tokenizer.apply_chat_template(messages, tokenize=False, add_generation_prompt=True)
        else:
            prompt = "\n\n".join(message["content"] for message in messages)
        ids: torch.Tensor = self._tokenizer(prompt, add_special_tokens=not template, return_tensors="pt")["input_ids"]
        return ids

    def _greedy(self, max_tokens: int) -> transformers.GenerationConfig:
        """Return greedy settings with the model's own end tokens, and none of its sampling settings."""
        own = self._model.generation_config
        ends = own.eos_token_id if own.eos_token_id is not None else self._tokenizer.eos_token_id
        first_end = ends[0] if isinstance(ends, list) else ends
        return transformers.GenerationConfig(
            do_sample=False, max_new_tokens=max_tokens, eos_token_id=ends, pad_token_id=first_end
        )


def load(name: str, *, served_as: str | None = None) -> ChatModel:
    """Load a model by catalog name, folder, GGUF file or hub id; a path is served under its last part."""
    source = find_model(name)
    options: dict[str, Any] = {"gguf_file": source.gguf_file} if source.gguf_file else {}
    tokenizer = transformers.AutoTokenizer.from_pretrained(source.location, **options)
    if source.gguf_file and hasattr(transformers, "GgufConfig"):
        # Unpacked weights: kernels for packed ones would have to be downloaded.
        options["quantization_config"] = transformers.GgufConfig(dequantize=True)
    model = transformers.AutoModelForCausalLM.from_pretrained(source.location, dtype="auto", **options)
    name = Path(name).name if Path(name).exists() else name
    return ChatModel(served_as or name, model.to("cuda" if torch.cuda.is_available() else "cpu"), tokenizer)


class ReaderServer(ThreadingHTTPServer):
    """The HTTP server; it counts the completions that were requested."""

    daemon_threads = True

    def __init__(self, chat_model: ChatModel, *, port: int, host: str = "127.0.0.1") -> None:
        """Bind to a port; port 0 takes a free one."""
        super().__init__((host, port), _Handler)
        self.chat_model = chat_model
        self.requests = 0

    @property
    def url(self) -> str:
        """Return the address for clients, up to and with /v1."""
        return f"http://{self.server_address[0]!s}:{self.server_address[1]}/v1"


class _Handler(BaseHTTPRequestHandler):
    server: ReaderServer

    def do_GET(self) -> None:
        """List the one model."""
        if self.path == MODELS:
            model = {"id": self.server.chat_model.name, "object": "model", "owned_by": "local"}
            self._send(200, {"object": "list", "data": [model]})
        else:
            self._send(404, _error(f"nothing at {self.path}; there are {MODELS} and {COMPLETIONS}"))

    def do_POST(self) -> None:
        """Answer one chat."""
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        try:
            self._send(200, self._complete(body))
        except RequestError as error:
            self._send(error.status, _error(str(error)))

    def _complete(self, body: bytes) -> dict[str, Any]:
        if self.path != COMPLETIONS:
            raise RequestError(404, f"nothing at {self.path}; there are {MODELS} and {COMPLETIONS}")
        self.server.requests += 1
        request = _checked(body, self.server.chat_model.name)
        done = self.server.chat_model.complete(request["messages"], request.get("max_tokens", _DEFAULT_TOKENS))
        message = {"role": "assistant", "content": done["text"]}
        return {
            "id": f"chatcmpl-{self.server.requests}",
            "object": "chat.completion",
            "created": int(time.time()),
            "model": self.server.chat_model.name,
            "choices": [{"index": 0, "message": message, "finish_reason": done["finish_reason"]}],
            "usage": done["usage"],
        }

    def _send(self, status: int, content: dict[str, Any]) -> None:
        body = json.dumps(content).encode("utf-8")
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - named by the standard library
        """Write no line per request."""


def _error(message: str) -> dict[str, Any]:
    return {"error": {"message": message}}


def _checked(body: bytes, name: str) -> dict[str, Any]:
    """Return the request, or say what is wrong with it."""
    try:
        request = json.loads(body)
    except ValueError as error:
        raise RequestError(400, f"the request is not JSON: {error}") from error
    if not isinstance(request, dict) or not _is_chat(request.get("messages")):
        raise RequestError(400, "a request is an object with `messages`, a list of {role, content} of strings")
    if request.get("model") != name:
        raise RequestError(404, f"model {request.get('model')!r} is not here; this server has {name!r}")
    if request.get("temperature", 0) != 0 or request.get("stream"):
        raise RequestError(400, "this server answers greedily and in one piece; send temperature 0 and no stream")
    tokens = request.get("max_tokens", _DEFAULT_TOKENS)
    if not isinstance(tokens, int) or tokens < 1:
        raise RequestError(400, f"max_tokens is {tokens!r}; give a whole number from 1")
    return request


def _is_chat(messages: object) -> bool:
    return (
        isinstance(messages, list)
        and bool(messages)
        and all(
            isinstance(m, dict) and isinstance(m.get("role"), str) and isinstance(m.get("content"), str)
            for m in messages
        )
    )


def main() -> None:
    """Serve until interrupted."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.reader_server", description=__doc__)
    parser.add_argument("--model", required=True, help="catalog name, folder, GGUF file or hub id")
    parser.add_argument(
        "--name", help="name by which clients ask for it; without it, what --model says, of a path its last part"
    )
    parser.add_argument("--port", type=int, default=8000)
    parser.add_argument("--threads", type=int, help="threads of torch; without it, torch decides")
    arguments = parser.parse_args()
    if arguments.threads:
        torch.set_num_threads(arguments.threads)
    server = ReaderServer(load(arguments.model, served_as=arguments.name), port=arguments.port)
    print(f"{server.chat_model.name} at {server.url}", flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
