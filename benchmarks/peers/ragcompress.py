"""ragcompress 0.1.0 with its attention scorer: the sentences that the question's tokens attend to most.

Its default scorer is a cross-encoder that only a model hub has. The attention scorer takes any causal model, here the
small one of these benchmarks, and reads all passages at once.
"""

from types import SimpleNamespace
from typing import Any

from _prepare import causal_model, prepare
from _worker import Compress, serve

REQUIREMENTS = (
    "torch==2.13.0",
    "transformers==5.23.0",
    "sentence-transformers==6.2.0",
    "tiktoken==0.14.0",
    "ragcompress[attention]==0.1.0",
)
LABEL = "ragcompress 0.1.0, attention scorer"
NEEDS_QUESTION = True
NEEDS_GOLD = False
RATES = True


def load(settings: dict[str, Any]) -> Compress:
    """Load the small model; return the function that answers requests."""
    prepare(settings)
    from ragcompress import Chunk, Compressor, FixedBudget  # noqa: PLC0415 - see serve: this script has that name, too
    from ragcompress.scoring import AttentionScorer  # noqa: PLC0415
    from ragcompress.utils.tokens import count_tokens  # noqa: PLC0415
    from transformers import AutoModel, AutoTokenizer  # noqa: PLC0415

    folder = causal_model(settings)
    model = AutoModel.from_pretrained(folder, attn_implementation="eager")
    tokenizer = AutoTokenizer.from_pretrained(folder)
    window = model.config.max_position_embeddings
    scorer = AttentionScorer(LastAttention(model), tokenizer, max_length=window)

    def compress(request: dict[str, Any]) -> dict[str, Any]:
        budget = max(1, int(request["rate"] * count_tokens("\n\n".join(request["passages"]))))
        chunks = [Chunk(doc_id=str(i), chunk_id=str(i), text=text) for i, text in enumerate(request["passages"])]
        result = Compressor(scorer, FixedBudget(max_tokens=budget)).compress(request["question"], chunks)
        return {"text": result.text, "ranking": None}

    return compress


class LastAttention:
    """A causal model that keeps the attention of its last layer only, the one that the scorer reads.

    Asked for attentions, transformers keeps those of all layers: gigabytes for a prompt of 3,000 tokens.
    """

    def __init__(self, model: Any) -> None:
        """Watch the model's last layer."""
        self._model = model
        model.layers[-1].self_attn.register_forward_hook(self._keep)

    def _keep(self, _layer: Any, _inputs: Any, outputs: Any) -> None:
        self._weights = outputs[1]

    def parameters(self) -> Any:
        """Return the model's parameters."""
        return self._model.parameters()

    def eval(self) -> "LastAttention":
        """Set the model to evaluation."""
        self._model.eval()
        return self

    def __call__(self, *, output_attentions: bool, **inputs: Any) -> SimpleNamespace:  # noqa: ARG002
        """Read the inputs; the scorer always asks for attentions."""
        self._model(**inputs, use_cache=False)
        return SimpleNamespace(attentions=(self._weights,))


if __name__ == "__main__":
    serve(load)
