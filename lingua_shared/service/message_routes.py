"""The contract that LiteLLM's guardrail `headroom` speaks: messages in, as many messages out, whole texts on demand."""

from typing import Any

from fastapi import APIRouter, Query, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from lingua_shared.agents.chat import ChatRules, ShortenedChat, shorten_chat
from lingua_shared.agents.once import NO_POINTER, OnceCompressor, Pointer
from lingua_shared.service.bodies import ExpandRequest, MessagesConfig, MessagesRequest, RetrieveResponse
from lingua_shared.service.jobs import Job
from lingua_shared.service.problems import KNOWN, ProblemError, json_response
from lingua_shared.service.state import State, log_counts, owner_in, state_of

RETRIEVE = Pointer("headroom_retrieve", "hash")
"""The tool that LiteLLM gives the model where an answer lists hashes."""

BYPASS = ("x-headroom-bypass", "x-lingua-bypass")

routes = APIRouter(responses={**KNOWN, 404: {"description": "There is no such text, or no longer."}})


@routes.get("/v1/retrieve/{hash}", response_model=RetrieveResponse, tags=["messages"])
@routes.get("/v1/expand/{hash}", response_model=RetrieveResponse, tags=["messages"])
async def retrieve(request: Request, hash: str, query: str | None = Query(None)) -> Response:  # noqa: A002, ARG001
    """Return the whole text of a hash, byte for byte, to the client whose text it was; `query` does nothing."""
    return await _whole_text(request, hash)


@routes.post("/v1/expand", response_model=RetrieveResponse, tags=["messages"])
async def expand(body: ExpandRequest, request: Request) -> Response:
    """Return the whole text of a hash, byte for byte, to the client whose text it was."""
    return await _whole_text(request, body.hash)


async def _whole_text(request: Request, key: str) -> Response:
    state = state_of(request)
    text = await run_in_threadpool(state.once.expand, key, owner=owner_in(request))  # behind no compression
    if text is None:
        raise ProblemError(404, "unknown", "there is no text of this hash, or no longer")
    return json_response({"hash": key.strip().lower(), "original_content": text})


def is_bypassed(request: Request) -> bool:
    """Whether a client asks for its messages as they are."""
    return any(request.headers.get(name, "").lower() == "true" for name in BYPASS)


async def compressed_messages(body: MessagesRequest, request: Request) -> Response:
    """Answer a request with messages."""
    state, config = state_of(request), body.config
    state.check_count(len(body.messages), "messages")
    rules = rules_of(config, owner_in(request), RETRIEVE if config.mode == "ccr" else NO_POINTER)
    if is_bypassed(request):
        rules = ChatRules(roles=frozenset())
    done = await shortened(state, request, body.messages, rules, config.min_tokens_to_compress)
    before, after = done.original_tokens, done.compressed_tokens
    return json_response(
        {
            "messages": done.messages,
            "tokens_before": before,
            "tokens_after": after,
            "tokens_saved": before - after,
            "compression_ratio": after / before if before else 1.0,
            "transforms_applied": sorted({f"lingua:{method}" for method in done.methods}),
            "ccr_hashes": list(dict.fromkeys(done.keys)) if config.mode == "ccr" else [],
        }
    )


def rules_of(config: MessagesConfig, owner: str, pointer: Pointer) -> ChatRules:
    """Return what may be shortened."""
    roles = {"tool", "user"} if config.compress_user_messages else {"tool"}
    return ChatRules(frozenset(roles), config.frozen_message_count, pointer, config.target_ratio, owner)


async def shortened(
    state: State, request: Request, messages: list[dict[str, Any]], rules: ChatRules, min_tokens: int | None = None
) -> ShortenedChat:
    """Return the messages with long texts shortened, in the queue.

    Args:
        state: the service.
        request: whose client may go.
        messages: of a chat.
        rules: what may be shortened.
        min_tokens: texts of fewer tokens stay as they are; None is the service's number.
    """
    once = state.once.with_min_tokens(min_tokens)

    def work(job: Job) -> ShortenedChat:
        return shorten_chat(messages, _in_time(once, job), rules)

    done = await state.run(request, work, once.options.deadline_ms)
    methods = ",".join(sorted(set(done.methods))) or "nothing"
    log_counts(request, done.original_tokens, done.compressed_tokens, methods, {"messages": messages})
    return done


def _in_time(once: OnceCompressor, job: Job) -> OnceCompressor:
    """Return what shortens within what is left of the deadline."""
    left = once.options.deadline_ms
    return once if left is None else once.within(job.left_ms(left))
