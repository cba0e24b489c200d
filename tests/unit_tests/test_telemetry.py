"""Spans of OpenTelemetry, read with its own SDK: counts and no text, and nothing at all where it is off."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from opentelemetry import trace
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from lingua_shared import CompressionOptions, LinguaError, PromptCompressor, PromptOptions, recover
from lingua_shared.agents.ranking import ranked
from lingua_shared.telemetry.spans import traced
from tests.fakes import OverlapScoring
from tests.service_parts import FERRY, LIGHT, LONG, QUESTION, client_of, service

ROOT = Path(__file__).parents[2]
_exporter = InMemorySpanExporter()


@pytest.fixture(name="spans")
def _spans() -> Iterator[InMemorySpanExporter]:
    """The exporter of a provider that is set once for the process, as OpenTelemetry wants it; empty at first."""
    provider = trace.get_tracer_provider()
    if not isinstance(provider, TracerProvider):
        provider = TracerProvider()
        trace.set_tracer_provider(provider)
    if not getattr(_spans, "is_set", False):
        provider.add_span_processor(SimpleSpanProcessor(_exporter))
        _spans.is_set = True  # type: ignore[attr-defined]
    _exporter.clear()
    yield _exporter
    _exporter.clear()


def named(spans: InMemorySpanExporter, name: str) -> list[ReadableSpan]:
    return [span for span in spans.get_finished_spans() if span.name == name]


def figures(span: ReadableSpan) -> dict[str, Any]:
    return {key.removeprefix("lingua."): value for key, value in (span.attributes or {}).items()}


def words_in(spans: InMemorySpanExporter) -> str:
    return "".join(span.to_json() for span in spans.get_finished_spans())


def test_a_compression(spans: InMemorySpanExporter, compressor: PromptCompressor) -> None:
    """The span has the counts of the result, and no word of passages or question."""
    result = compressor.compress([FERRY, LIGHT], question=QUESTION, options=CompressionOptions(rate=0.5))
    [span] = spans.get_finished_spans()
    assert span.name == "lingua.compress"
    assert figures(span) == {
        "method": "encoder",
        "passages": 2,
        "passages_kept": len(result.passages),
        "tokens_before": result.original_tokens,
        "tokens_after": result.compressed_tokens,
    }
    assert not any(word in words_in(spans) for word in ("ferry", "light", "Gull"))


def test_other_doors_of_the_engine(spans: InMemorySpanExporter, compressor: PromptCompressor) -> None:
    """A prompt has a span of its own, ranking one around that of the engine, recovery one with what it changed."""
    compressor.compress_prompt(instruction="Be short.", question=QUESTION, options=PromptOptions(rate=1))
    options = CompressionOptions(rate=0.5, include_source=True)
    result = compressor.compress([FERRY, LIGHT], question=QUESTION, options=options)
    made = recover("The light at Gull Point was built.", result)
    ranked(compressor, [FERRY, LIGHT], question=QUESTION, options=CompressionOptions())
    prompt, _, recovery, compression, ranking = spans.get_finished_spans()
    assert (prompt.name, figures(prompt)["passages"]) == ("lingua.compress", 2)
    assert (recovery.name, figures(recovery)["replacements"]) == ("lingua.recover", len(made.replacements))
    assert (ranking.name, figures(ranking)) == ("lingua.rank", {"passages": 2})
    assert compression.parent == ranking.get_span_context()


def test_an_error_is_named_without_its_message(spans: InMemorySpanExporter, compressor: PromptCompressor) -> None:
    """A message may hold what a caller handed in."""
    with pytest.raises(LinguaError):
        compressor.compress(["cabbages", 7], question=QUESTION)  # type: ignore[list-item]
    with pytest.raises(LinguaError):
        compressor.compress([LONG], question="", options=CompressionOptions(rate=0.1))
    with pytest.raises(KeyError), traced("lingua.test"):
        raise KeyError("cabbages")  # noqa: EM101
    *_, span = spans.get_finished_spans()
    assert (span.status.status_code, figures(span)) == (trace.StatusCode.ERROR, {"error.type": "KeyError"})
    assert span.events == ()
    assert "MissingQuestionError" in words_in(spans)
    assert "cabbages" not in words_in(spans)


async def test_the_proxy(spans: InMemorySpanExporter) -> None:
    """Shortening and forwarding belong to the trace of the request, also where another thread works."""

    async def upstream(_request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, json={"choices": [{"message": {"role": "assistant", "content": "In 1884."}}]})

    app = service(
        OverlapScoring(),
        transport=httpx.MockTransport(upstream),
        upstream="http://upstream/v1",
        message_min_tokens=40,
        warm_up=False,
    )
    body = {"messages": [{"role": "user", "content": f"{LONG}\n\n{QUESTION}"}]}
    async with client_of(app) as client:
        with traced("caller"):
            answer = await client.post("/v1/chat/completions", json=body)
    assert answer.status_code == 200
    [forward], [compress], [recovery] = (named(spans, f"lingua.{name}") for name in ("forward", "compress", "recover"))
    assert figures(forward) == {"status": 200}
    assert figures(compress)["tokens_before"] > figures(compress)["tokens_after"]
    assert len({span.parent.trace_id for span in (forward, compress, recovery) if span.parent is not None}) == 1
    assert all(span.parent is not None for span in (forward, compress, recovery))
    assert "sheep" not in words_in(spans)


async def test_an_upstream_server_that_is_away(spans: InMemorySpanExporter) -> None:
    """The span says which error it was."""

    async def upstream(_request: httpx.Request) -> httpx.Response:
        msg = "nobody listens"
        raise httpx.ConnectError(msg)

    app = service(transport=httpx.MockTransport(upstream), upstream="http://upstream/v1", warm_up=False)
    async with client_of(app) as client:
        answer = await client.post("/v1/chat/completions", json={"messages": []})
    assert answer.status_code == 502
    [span] = named(spans, "lingua.forward")
    assert figures(span) == {"error.type": "ConnectError"}


def test_nothing_is_imported_where_nobody_set_it_up() -> None:
    """A compression imports no OpenTelemetry, and works where there is none."""
    code = """
import json, sys
from lingua_shared import CompressionOptions, PromptCompressor
compressor, options = PromptCompressor(), CompressionOptions(rate=1)
compressor.compress("Fits.", options=options)
print(json.dumps([name for name in sys.modules if name.startswith("opentelemetry")]))
sys.modules["opentelemetry"] = sys.modules["opentelemetry.trace"] = None
assert compressor.compress("Fits.", options=options).text == "Fits."
"""
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert json.loads(done.stdout) == []
