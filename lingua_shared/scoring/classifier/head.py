"""A token classifier that is a small head on an encoder of the package, which reads the text with an empty question.

The encoder's weights stay as they are, so the head takes some hundred kilobytes. Knows models; no text.
"""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import torch
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from lingua_shared.scoring.encoder.model import load_model
from lingua_shared.scoring.encoder.pairs import WINDOW

WORDS = "words.safetensors"
"""File of the head, beside the encoder's own files."""

_WIDTH = 128
_HEADS = 4


class WordHead(nn.Module):
    """Reads the states of three layers of a trunk with one narrow transformer layer of its own."""

    def __init__(self, width: int) -> None:
        """Start untrained.

        Args:
            width: of the states of all three layers together.
        """
        super().__init__()
        self.narrow = nn.Linear(width, _WIDTH)
        self.layer = nn.TransformerEncoderLayer(
            _WIDTH, _HEADS, 2 * _WIDTH, dropout=0.0, activation="gelu", batch_first=True, norm_first=True
        )
        self.norm = nn.LayerNorm(_WIDTH)
        self.keep = nn.Linear(_WIDTH, 1)

    def forward(self, states: Tensor, is_padding: Tensor) -> Tensor:
        """Return the logit of each token to be kept, shape (texts, length).

        Args:
            states: shape (texts, length, width).
            is_padding: shape (texts, length).
        """
        found = self.layer(self.narrow(states), src_key_padding_mask=is_padding)
        kept: Tensor = self.keep(self.norm(found))
        return kept[..., 0]


class HeadOnEncoder(nn.Module):
    """The trunk of an encoder with a head on the states of its tokens."""

    trunk: Any

    def __init__(self, trunk: nn.Module) -> None:
        """Put an untrained head on a trunk."""
        super().__init__()
        self.trunk = trunk
        self.config = SimpleNamespace(num_labels=2)
        deepest = int(self.trunk.config.num_hidden_layers)
        self._layers = (3 * deepest // 8, 6 * deepest // 8, deepest)
        self.head = WordHead(len(self._layers) * int(self.trunk.config.hidden_size))

    def states(self, input_ids: Tensor, attention_mask: Tensor) -> Tensor:
        """Return the states of tokens of three layers side by side, shape (texts, length, width).

        The first two tokens are those of an empty question.
        """
        types = torch.zeros_like(input_ids)
        types[:, 2:] = 1
        layers = self.trunk(
            input_ids=input_ids, attention_mask=attention_mask, token_type_ids=types, output_hidden_states=True
        ).hidden_states
        return torch.cat([layers[i] for i in self._layers], dim=-1)

    def forward(self, input_ids: Tensor, attention_mask: Tensor) -> SimpleNamespace:
        """Return `logits` of the two labels, shape (texts, length, 2)."""
        keep = self.head(self.states(input_ids, attention_mask), attention_mask == 0)
        return SimpleNamespace(logits=torch.stack([torch.zeros_like(keep), keep], dim=-1))


def new_head(folder: Path) -> HeadOnEncoder:
    """Return an untrained head on the encoder in a folder, which must be of BERT's form."""
    return HeadOnEncoder(load_model(folder).trunk)


def load_head(folder: Path) -> HeadOnEncoder:
    """Return the head in a folder, on the encoder beside it."""
    model = new_head(folder)
    model.head.load_state_dict({name: value.float() for name, value in load_file(folder / WORDS).items()})
    return model.eval()


def save_head(head: WordHead, path: Path) -> None:
    """Write the head in half precision."""
    weights = {name: value.detach().half().cpu().contiguous() for name, value in head.state_dict().items()}
    save_file(weights, path)


def head_tokenizer(folder: Path) -> tuple[Any, tuple[list[int], list[int]]]:
    """Return the tokenizer of the encoder in a folder, and the ids before a text and behind it."""
    import transformers  # noqa: PLC0415

    tokenizer = transformers.PreTrainedTokenizerFast(
        tokenizer_file=str(folder / "tokenizer.json"),
        cls_token="[CLS]",  # noqa: S106 - no password
        sep_token="[SEP]",  # noqa: S106
        pad_token="[PAD]",  # noqa: S106
        unk_token="[UNK]",  # noqa: S106
        model_max_length=WINDOW,
    )
    start, end = tokenizer.cls_token_id, tokenizer.sep_token_id
    return tokenizer, ([start, end], [end])
