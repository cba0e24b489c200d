"""The encoder's network: a bidirectional trunk that reads question and passage together, with three heads.

A model's folder holds the trunk's `config.json`, its `tokenizer.json`, and `model.safetensors` with matrices in 8 or
4 bits, which takes a quarter of the size of float32 or less.
"""

import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file, save_file
from torch import Tensor, nn
from transformers import AutoConfig, AutoModel

from lingua_shared.scoring.encoder.calibration import SETTINGS
from lingua_shared.scoring.encoder.quantization import dequantize, quantize

WEIGHTS = "model.safetensors"
SUPPORT, ANSWER = 0, 1
"""Columns of the token head: the token is part of a supporting sentence; it is part of the answer."""


class EncoderModel(nn.Module):
    """Predicts the relevance of a passage, and for each token a support logit and an answer logit, in one pass."""

    trunk: Any

    def __init__(self, trunk: nn.Module) -> None:
        """Put untrained heads on a trunk.

        Args:
            trunk: a transformers encoder such as `BertModel`, without its pooler.
        """
        super().__init__()
        self.trunk = trunk
        width = int(self.trunk.config.hidden_size)
        self.relevance = nn.Linear(width, 1)
        self.tokens = nn.Linear(width, 2)

    def forward(self, input_ids: Tensor, attention_mask: Tensor, token_type_ids: Tensor) -> tuple[Tensor, Tensor]:
        """Run a batch of pairs.

        Args:
            input_ids: shape (pairs, length).
            attention_mask: 1 for a token and 0 for padding, shape (pairs, length).
            token_type_ids: token types of the trunk, shape (pairs, length).

        Returns:
            Relevance logits, float32, shape (pairs,), and token logits, float32, shape (pairs, length, 2).
        """
        states = self.trunk(
            input_ids=input_ids, attention_mask=attention_mask, token_type_ids=token_type_ids
        ).last_hidden_state
        return self.relevance(states[:, 0]).squeeze(-1).float(), self.tokens(states).float()


def new_model(folder: str | Path, *, keep_layers: tuple[int, ...] | None = None) -> EncoderModel:
    """Return a model with untrained heads on a pretrained trunk.

    Args:
        folder: transformers folder of a BERT-like encoder. Its dropout is switched off, which makes training on a CPU
            twice as fast.
        keep_layers: indices of the layers to keep, from 0; None keeps all.
    """
    trunk = AutoModel.from_pretrained(
        folder,
        add_pooling_layer=False,
        hidden_dropout_prob=0.0,
        attention_probs_dropout_prob=0.0,
        dtype=torch.float32,
        trust_remote_code=False,
    )
    if keep_layers is not None:
        trunk.encoder.layer = nn.ModuleList(trunk.encoder.layer[i] for i in keep_layers)
        trunk.config.num_hidden_layers = len(keep_layers)
    return EncoderModel(trunk)


def save_model(model: EncoderModel, tokenizer: Path, folder: Path, settings: Mapping[str, Any]) -> None:
    """Write a model into a folder.

    Args:
        model: the network.
        tokenizer: `tokenizer.json` of its trunk.
        folder: the folder to write to; created if missing.
        settings: settings to store with it, such as its calibration.
    """
    folder.mkdir(parents=True, exist_ok=True)
    stored: dict[str, Tensor] = {}
    for name, weight in model.state_dict().items():
        stored |= quantize(name, weight.detach().float().cpu())
    save_file(stored, folder / WEIGHTS)
    config = model.trunk.config.to_dict()
    config.pop("_name_or_path", None)  # a path on the machine that trained the model
    (folder / "config.json").write_text(json.dumps(config, indent=2, sort_keys=True) + "\n", encoding="utf-8")
    if tokenizer != folder / "tokenizer.json":
        shutil.copy(tokenizer, folder / "tokenizer.json")
    (folder / SETTINGS).write_text(json.dumps(dict(settings), indent=2) + "\n", encoding="utf-8")


def load_model(folder: Path, *, trust_remote_code: bool = False) -> EncoderModel:
    """Load a model that `save_model` wrote, in float32.

    Args:
        folder: the model's folder.
        trust_remote_code: whether Python code in the folder may run; if not, a model that needs it is refused.
    """
    config = AutoConfig.from_pretrained(folder, trust_remote_code=trust_remote_code)
    trunk = AutoModel.from_config(
        config, add_pooling_layer=False, dtype=torch.float32, trust_remote_code=trust_remote_code
    )
    model = EncoderModel(trunk)
    model.load_state_dict(dequantize(load_file(folder / WEIGHTS)))
    return model.eval()


def local_folder(location: str, *, local_files_only: bool, revision: str | None = None) -> Path:
    """Return the folder of a model: `location` itself if it is one, else what the hub has under this id.

    Args:
        location: a folder or a hub id.
        local_files_only: whether to use downloaded files only.
        revision: branch, tag or commit of the hub repository; None is its main branch.
    """
    if Path(location).is_dir():
        return Path(location)
    from huggingface_hub import snapshot_download  # noqa: PLC0415 - only for hub ids

    return Path(snapshot_download(location, revision=revision, local_files_only=local_files_only))
