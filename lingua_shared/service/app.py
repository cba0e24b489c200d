"""Puts the service together: endpoints, queue, keys, figures, page. `lingua serve` runs it."""

import asyncio
import logging
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
from fastapi import FastAPI, Request
from starlette.responses import HTMLResponse, Response

from lingua_shared.compressor import PromptCompressor
from lingua_shared.errors import LinguaError
from lingua_shared.service import engine_routes, message_routes, proxy
from lingua_shared.service.gate import Gate
from lingua_shared.service.metrics import CONTENT_TYPE
from lingua_shared.service.page import page, policy
from lingua_shared.service.problems import add_handlers, json_response
from lingua_shared.service.settings import SETTINGS_VARIABLE, UPSTREAM_KEY_VARIABLE, ServiceSettings, start_log
from lingua_shared.service.state import State, made_state, state_of

_ABOUT = "Makes retrieved text and long chats shorter before a language model reads them."
_log = logging.getLogger("lingua.service")


def create_app(
    settings: ServiceSettings | None = None,
    *,
    engine: PromptCompressor | None = None,
    transport: httpx.AsyncBaseTransport | None = None,
) -> FastAPI:
    """Return the service as an ASGI application.

    Args:
        settings: how it runs; None is `ServiceSettings()`.
        engine: compresses; None builds one with the models of the settings.
        transport: carries requests to the upstream server, such as `httpx.ASGITransport`; None is the network.

    Raises:
        InvalidInputError: the file of keys cannot be used.
    """
    from lingua_shared import __version__  # noqa: PLC0415 - the package imports this module's neighbours

    state = made_state(settings or ServiceSettings(), engine)
    keys = state.settings.api_keys()
    state.has_keys, state.upstream_key = bool(keys), os.environ.get(UPSTREAM_KEY_VARIABLE, "")

    @asynccontextmanager
    async def life(_app: FastAPI) -> AsyncIterator[None]:
        state.jobs.open()
        async with _upstream(state, transport):
            start = asyncio.create_task(_start(state))
            yield
            state.is_ready, state.why = False, "the service is stopping"
            start.cancel()
            state.jobs.close()

    app = FastAPI(title="Lingua", version=__version__, description=_ABOUT, lifespan=life, redoc_url=None)
    app.state.lingua = state
    for routes in (engine_routes.routes, message_routes.routes, proxy.routes):
        app.include_router(routes)
    _add_small_routes(app)
    add_handlers(app)
    max_bytes = int(state.settings.max_body_mb * 1024 * 1024)
    app.add_middleware(Gate, keys=keys, max_body_bytes=max_bytes, metrics=state.metrics)
    return app


def from_environment() -> FastAPI:
    """Return the service of a further process, with the settings that the first one handed over."""
    start_log()
    return create_app(ServiceSettings.model_validate_json(os.environ.get(SETTINGS_VARIABLE, "{}")))


@asynccontextmanager
async def _upstream(state: State, transport: httpx.AsyncBaseTransport | None) -> AsyncIterator[None]:
    if state.settings.upstream is None:
        yield
        return
    base = state.settings.upstream.rstrip("/") + "/"
    timeout = httpx.Timeout(state.settings.upstream_seconds, connect=10.0)
    async with httpx.AsyncClient(base_url=base, timeout=timeout, transport=transport) as client:
        state.upstream = client
        yield


async def _start(state: State) -> None:
    if not state.settings.warm_up:
        state.is_ready, state.why = True, ""
        return
    try:
        await state.warm_up()
    except LinguaError as error:
        _log.error("the models cannot be loaded: %s", error)
    else:
        _log.info("ready")


def _add_small_routes(app: FastAPI) -> None:
    @app.get("/healthz", tags=["state"])
    async def healthz() -> dict[str, str]:
        """Say that the process answers."""
        return {"status": "ok"}

    @app.get("/readyz", tags=["state"], responses={503: {"description": "Not ready; the answer says why."}})
    async def readyz(request: Request) -> Response:
        """Say whether models are loaded and requests are taken."""
        state = state_of(request)
        why = {} if state.is_ready else {"why": state.why}
        return json_response(
            {"status": "ready" if state.is_ready else "not ready", **why}, 200 if state.is_ready else 503
        )

    @app.get("/metrics", tags=["state"], response_class=Response)
    async def metrics(request: Request) -> Response:
        """Return the figures of this process in the form of Prometheus."""
        return Response(state_of(request).metrics.text(), media_type=CONTENT_TYPE)

    @app.get("/", response_class=HTMLResponse, include_in_schema=False)
    async def start_page() -> Response:
        """Return a page to try the service."""
        return HTMLResponse(page(), headers={"Content-Security-Policy": policy(), "X-Content-Type-Options": "nosniff"})
