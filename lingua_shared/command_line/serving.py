"""`lingua serve`: the engine behind HTTP, as a service, as a guardrail of LiteLLM, and as a proxy."""

import os
from typing import Annotated

from cyclopts import Group, Parameter

from lingua_shared.command_line.faults import DONE
from lingua_shared.command_line.flags import (
    Compression,
    Flags,
    Models,
    compression_options,
    flags_of,
    model_options,
)
from lingua_shared.prompts.packages import load_package
from lingua_shared.service.settings import SETTINGS_VARIABLE, ServiceSettings, start_log

SERVICE = Group("Service", sort_key=1)


@flags_of(ServiceSettings, group=SERVICE, omit=("options", "models"))
class ServiceFlags(Flags):
    """How the service runs."""


Service = Annotated[ServiceFlags | None, Parameter(name="*")]


def serve(*, service: Service = None, options: Compression = None, models: Models = None) -> int:
    """Serve the engine over HTTP.

    There is a page to try it at /, and a description of all endpoints at /docs. Stop it with Ctrl-C. Keys of clients
    come from the variable LINGUA_API_KEYS or --api-key-file, the key of --upstream from LINGUA_UPSTREAM_KEY.
    """
    uvicorn = load_package("uvicorn", distribution="uvicorn", what="lingua serve", extra="service")
    load_package("fastapi", distribution="fastapi", what="lingua serve", extra="service")
    said = service.said() if service else {}
    settings = ServiceSettings(**said, options=compression_options(options), models=model_options(models))
    settings.api_keys()  # a file that cannot be read is an error here, not in a worker
    os.environ[SETTINGS_VARIABLE] = settings.model_dump_json(exclude_unset=True)
    start_log()
    uvicorn.run(
        "lingua_shared.service.app:from_environment",
        factory=True,
        host=settings.host,
        port=settings.port,
        workers=settings.workers,
        access_log=False,  # its lines hold queries, which may hold text
        log_config=None,
        server_header=False,
        timeout_graceful_shutdown=settings.grace_seconds,
    )
    return DONE
