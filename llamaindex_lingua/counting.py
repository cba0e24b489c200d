"""Counts what a prompt shows of nodes beside what the engine counts: nodes without text, white space around texts."""

from collections.abc import Sequence

from lingua_shared import CompressionOptions, CompressionResult
from lingua_shared.text.token_counting import make_counter
from llamaindex_lingua.passages import NodePassage


def options_beside(
    without_text: Sequence[NodePassage], options: CompressionOptions, *, count_metadata: bool
) -> CompressionOptions:
    """Return options whose `target_tokens` leaves room for nodes without text, which stand behind the others.

    Args:
        without_text: such nodes; a prompt can show their metadata.
        options: the options of the request; a `rate` stays, as it is a share of the other nodes.
        count_metadata: whether metadata counts.
    """
    if options.target_tokens is None or not without_text:
        return options
    shown = ["", *_shown(without_text, count_metadata=count_metadata)]
    tokens = make_counter(options.tokenizer)(options.separator.join(shown))
    return options.model_copy(update={"target_tokens": max(options.target_tokens - tokens, 0)})


def fit_as_they_are(
    passages: Sequence[NodePassage], result: CompressionResult, options: CompressionOptions, *, count_metadata: bool
) -> bool:
    """Whether nothing has to be taken off the nodes, not even the white space around their texts.

    Args:
        passages: the nodes with text; the engine read their texts without that white space.
        result: what the engine kept.
        options: the options that the engine got.
        count_metadata: whether metadata counts.
    """
    if result.dropped or any(kept.text != passages[kept.index].text for kept in result.passages):
        return False
    if options.target_tokens is None:
        return True
    shown = _shown([passages[kept.index] for kept in result.passages], count_metadata=count_metadata)
    return make_counter(options.tokenizer)(options.separator.join(shown)) <= options.target_tokens


def _shown(passages: Sequence[NodePassage], *, count_metadata: bool) -> list[str]:
    return [passage.render(passage.content) if count_metadata else passage.content for passage in passages]
