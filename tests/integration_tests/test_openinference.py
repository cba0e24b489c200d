"""OpenInference's instrumentation of LlamaIndex shows a compression as a reranker. Runs where that is installed."""

from collections.abc import Iterator
from typing import Any

import pytest
from llama_index.core.schema import NodeWithScore, TextNode

from lingua_shared import PromptCompressor
from llamaindex_lingua import LinguaPostprocessor
from tests.fakes import OverlapScoring
from tests.service_parts import FERRY, LIGHT, QUESTION

instrumentation = pytest.importorskip("openinference.instrumentation.llama_index")
trace = pytest.importorskip("opentelemetry.sdk.trace")
export = pytest.importorskip("opentelemetry.sdk.trace.export")
in_memory = pytest.importorskip("opentelemetry.sdk.trace.export.in_memory_span_exporter")


@pytest.fixture(name="spans")
def _spans() -> Iterator[Any]:
    """What is exported while a test runs."""
    exporter, provider = in_memory.InMemorySpanExporter(), trace.TracerProvider()
    provider.add_span_processor(export.SimpleSpanProcessor(exporter))
    instrumentor = instrumentation.LlamaIndexInstrumentor()
    instrumentor.instrument(tracer_provider=provider)
    yield exporter
    instrumentor.uninstrument()


@pytest.mark.filterwarnings("ignore")  # of the instrumentation
def test_a_compression_is_a_reranker(spans: Any) -> None:
    """The span names the model, the question, the nodes that came in and those that come out."""
    nodes = [NodeWithScore(node=TextNode(text=text)) for text in (FERRY, LIGHT)]
    engine = PromptCompressor(scoring=OverlapScoring())
    kept = LinguaPostprocessor(rate=0.5, compressor=engine).postprocess_nodes(nodes, query_str=QUESTION)
    found = [dict(span.attributes) for span in spans.get_finished_spans()]
    [span] = [one for one in found if one.get("openinference.span.kind") == "RERANKER"]
    assert span["reranker.model_name"] == "lingua-en"
    assert span["reranker.query"] == QUESTION
    assert span["reranker.input_documents.1.document.content"] == LIGHT
    assert span["reranker.output_documents.0.document.content"] == kept[0].text
