"""What tests of the service share: a service over a scorer without a model, and clients for it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
from fastapi import FastAPI

from lingua_shared import ModelOptions, PromptCompressor
from lingua_shared.service.app import create_app
from lingua_shared.service.settings import ServiceSettings
from tests.fakes import OverlapScoring

LIGHT = "The light at Gull Point was built in 1884. Its keeper grew tall cabbages. Nobody knows why he did so."
FERRY = "The ferry leaves at ten. The crossing takes an hour."
QUESTION = "When was the light at Gull Point built?"
BUILT = "The light at Gull Point was built in 1884."
LONG = " ".join([FERRY, LIGHT, *(f"Boat {n} carries {n * 7} sheep to the island of Orrisay." for n in range(60))])


def service(scoring: Any = None, *, transport: httpx.AsyncBaseTransport | None = None, **settings: Any) -> FastAPI:
    """A service that scores by shared words."""
    engine = PromptCompressor(ModelOptions(), scoring=scoring or OverlapScoring())
    return create_app(ServiceSettings(**settings), engine=engine, transport=transport)


@asynccontextmanager
async def client_of(app: FastAPI, **settings: Any) -> AsyncIterator[httpx.AsyncClient]:
    """A client of a service that has started."""
    async with app.router.lifespan_context(app):
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://lingua", **settings) as client:
            yield client
