"""Endpoints of the engine: compress, rank, recover."""

from typing import Any

from fastapi import APIRouter, Request
from pydantic import ValidationError
from starlette.responses import Response

from lingua_shared.agents.ranking import best_first, ranking_options
from lingua_shared.compat.results import SEPARATOR, as_result
from lingua_shared.errors import InvalidInputError
from lingua_shared.options import CompressionOptions
from lingua_shared.recovery.recoverer import Recoverer
from lingua_shared.recovery.result import RecoveredAnswer
from lingua_shared.result import CompressionResult
from lingua_shared.service.bodies import (
    AnyRequest,
    CompressRequest,
    CompressResponse,
    MessagesRequest,
    MessagesResponse,
    RankRequest,
    RankResponse,
    RecoverRequest,
    RecoverResponse,
    SimpleRequest,
    SimpleResponse,
)
from lingua_shared.service.jobs import Job
from lingua_shared.service.message_routes import compressed_messages
from lingua_shared.service.problems import KNOWN, json_response
from lingua_shared.service.state import State, log_counts, state_of
from lingua_shared.telemetry.spans import traced

routes = APIRouter(responses=KNOWN)


@routes.post("/compress", response_model=SimpleResponse, tags=["compress"])
async def compress_simple(body: SimpleRequest, request: Request) -> Response:
    """Shorten texts, and return them as a prompt with the question behind them.

    `ratio` is the share to remove: 0.2 keeps 0.8 of the context's tokens. The question counts on both sides.
    """
    state = state_of(request)
    options = state.settings.options.model_copy(update={"rate": 1 - body.ratio, "target_tokens": None})
    result = await _compressed(state, request, body.context, body.question or None, None, options)
    count = state.engine._counter(options)  # noqa: SLF001
    prompt = SEPARATOR.join(part for part in (result.text, body.question) if part)
    before = count(options.separator.join(body.context) + (f"{SEPARATOR}{body.question}" if body.question else ""))
    made = as_result(prompt, original_tokens=before, compressed_tokens=count(prompt))
    return json_response({"data": {name: made[name] for name in _SIMPLE}})


_SIMPLE = ("compressed_prompt", "origin_tokens", "compressed_tokens", "ratio", "saving")


@routes.post("/v1/compress", response_model=CompressResponse | MessagesResponse, tags=["compress"])
async def compress(body: AnyRequest, request: Request) -> Response:
    """Shorten passages for a question, or long texts in the messages of a chat.

    A body with `messages` is of the form that LiteLLM's guardrail `headroom` speaks; every other one has `passages`.
    """
    if isinstance(body, MessagesRequest):
        return await compressed_messages(body, request)
    return await _compressed_passages(body, request)


async def _compressed_passages(body: CompressRequest, request: Request) -> Response:
    state = state_of(request)
    options = body.options.over(state.settings.options).model_copy(
        update={"include_source": body.include_source or body.report}
    )
    result = await _compressed(state, request, body.passages, body.question, body.titles, options)
    report = result.to_html() if body.report else None
    made = result.model_dump(mode="json")
    if not body.include_source:
        for passage in (*made["passages"], *made["dropped"]):
            passage["source"] = None
    return json_response({**made, "rate": result.rate, "report": report})


@routes.post("/v1/rank", response_model=RankResponse, tags=["rank"])
async def rank(body: RankRequest, request: Request) -> Response:
    """Order passages by their relevance to the question; nothing is shortened."""
    state = state_of(request)
    options = ranking_options(body.options.over(state.settings.options))
    with traced("lingua.rank") as note:
        note(passages=len(body.passages))
        result = await _compressed(state, request, body.passages, body.question, body.titles, options)
    passages = [
        {"index": one.index, "relevance": one.relevance, "tokens": one.original_tokens, "signals": one.signals}
        for one in best_first(result, body.top)
    ]
    return json_response(
        {
            "passages": passages,
            "method": result.method,
            "answerability": result.answerability,
            "notes": list(result.notes),
        }
    )


@routes.post("/v1/recover", response_model=RecoverResponse, tags=["recover"])
async def recover(body: RecoverRequest, request: Request) -> Response:
    """Put back into an answer what compression dropped from what the answer quotes."""
    result = _as_result(body.result)

    def work(_job: Job) -> RecoveredAnswer:
        return Recoverer(result, options=body.options).recover(body.answer)

    answer = await state_of(request).run(request, work)
    made = answer.model_dump(mode="json", include={"text", "replacements"})
    return json_response(made)


async def _compressed(
    state: State,
    request: Request,
    passages: list[str],
    question: str | None,
    titles: list[str | None] | None,
    options: CompressionOptions,
) -> CompressionResult:
    state.check_count(len(passages), "passages")

    def work(job: Job) -> CompressionResult:
        left = options.deadline_ms
        chosen = options if left is None else options.model_copy(update={"deadline_ms": job.left_ms(left)})
        return state.engine.compress(passages, question=question, options=chosen, titles=titles)

    result = await state.run(request, work, options.deadline_ms)
    log_counts(request, result.original_tokens, result.compressed_tokens, result.method, {"q": question, "p": passages})
    return result


def _as_result(record: dict[str, Any]) -> CompressionResult:
    """Return the result in a request; its recipe is not needed, and may be of another version."""
    try:
        return CompressionResult.model_validate({**record, "recipe": None})
    except ValidationError as error:
        first = error.errors()[0]
        msg = f"result.{'.'.join(map(str, first['loc']))}: {first['msg']}; hand in what /v1/compress returned"
        raise InvalidInputError(msg) from error
