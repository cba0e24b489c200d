"""Two small models for the notebooks, from installed packages: one embeds texts, one writes answers. No network."""
# ruff: noqa: E402 - the settings have to be made before the libraries are imported

import os
import warnings
from collections.abc import Iterator, Sequence
from functools import cache
from threading import Thread
from typing import Any

os.environ["HF_HUB_OFFLINE"] = "1"
os.environ["TOKENIZERS_PARALLELISM"] = "false"
os.environ["TQDM_DISABLE"] = "1"
warnings.filterwarnings("ignore", message="IProgress not found")  # of progress bars, which are off

import torch
import transformers
from sentence_transformers import SentenceTransformer
from transformers import AutoModelForCausalLM, AutoTokenizer, TextIteratorStreamer

from lingua_shared.scoring.catalog import find_model

transformers.logging.set_verbosity_error()  # type: ignore[no-untyped-call, unused-ignore]


@cache
def _embedder() -> Any:
    return SentenceTransformer(find_model("all-minilm-l6-v2").location, trust_remote_code=False)


@cache
def _writer() -> tuple[Any, Any]:
    source = find_model("smollm2-135m")
    where = {"gguf_file": source.gguf_file, "trust_remote_code": False}
    tokenizer = AutoTokenizer.from_pretrained(source.location, **where)
    return tokenizer, AutoModelForCausalLM.from_pretrained(source.location, dtype=torch.float32, **where)


def embed(texts: Sequence[str]) -> list[list[float]]:
    """Return a vector of length 1 for each text, from all-MiniLM-L6-v2."""
    vectors: list[list[float]] = _embedder().encode(list(texts), normalize_embeddings=True).tolist()
    return vectors


def write(prompt: str, *, most_tokens: int = 80) -> Iterator[str]:
    """Yield the pieces of an answer as SmolLM2-135M-Instruct writes them; greedy, so the same each time."""
    tokenizer, model = _writer()
    chat = [{"role": "user", "content": prompt}]
    inputs = tokenizer.apply_chat_template(chat, add_generation_prompt=True, return_tensors="pt", return_dict=True)
    streamer = TextIteratorStreamer(tokenizer, skip_prompt=True, skip_special_tokens=True)
    settings = {**inputs, "streamer": streamer, "max_new_tokens": most_tokens, "do_sample": False}
    thread = Thread(target=model.generate, kwargs=settings)
    thread.start()
    yield from (piece for piece in streamer if piece)
    thread.join()


def answer(prompt: str, *, most_tokens: int = 80) -> str:
    """Return the whole answer of the same model."""
    return "".join(write(prompt, most_tokens=most_tokens))


def count_tokens(text: str) -> int:
    """Return how many tokens a text has for the model that writes."""
    return len(_writer()[0](text)["input_ids"])
