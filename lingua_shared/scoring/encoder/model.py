"""The network of the encoder: a bidirectional trunk that reads question and passage together, and two heads.

Its folder holds the trunk's `config.json`, `tokenizer.json`, and `model.safetensors` with matrices in 8 or 4 bits,
which makes the file a quarter as large or less.
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
from lingua_shared.scoring.encoder.quantization import pack, unpack

WEIGHTS = "model.safetensors"
EVIDENCE, ANSWER = 0, 1
"""Columns of the token head: part of a sentence that answers; part of the answer itself."""


class EvidenceModel(nn.Module):
    """Relevance of a passage, and the log-odds of each of its tokens to be evidence and to be answer, in one pass."""

    trunk: Any

    def __init__(self, trunk: nn.Module) -> None:
        """Put new heads on a trunk.

        Args:
            trunk: a transformers encoder such as `BertModel` without its pooler.
        """
        super().__init__()
        self.trunk = trunk
        width = int(self.trunk.config.hidden_size)
        self.relevance = nn.Linear(width, 1)
        self.tokens = nn.Linear(width, 2)

    def forward(self, input_ids: Tensor, attention_mask: Tensor, token_type_ids: Tensor) -> tuple[Tensor, Tensor]:
        """Read pairs.

        Args:
            input_ids: shape (pairs, length).
            attention_mask: 1 where there is a token, shape (pairs, length).
            token_type_ids: of the trunk, shape (pairs, length).

        Returns:
            Log-odds that the passage answers, shape (pairs,), and of each token, shape (pairs, length, 2): float32.
        """
        states = self.trunk(
            input_ids=input_ids, attention_mask=attention_mask, token_type_ids=token_type_ids
        ).last_hidden_state
        return self.relevance(states[:, 0]).squeeze(-1).float(), self.tokens(states).float()


def new_model(folder: str | Path, *, keep_layers: tuple[int, ...] | None = None) -> EvidenceModel:
    """Return a model with untrained heads on the trunk of a transformers folder.

    Args:
        folder: a BERT-like encoder; dropout is switched off, which makes training on a CPU twice as fast.
        keep_layers: numbers of the layers to keep, from 0; None keeps all.
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
    return EvidenceModel(trunk)


def save_model(model: EvidenceModel, tokenizer: Path, folder: Path, settings: Mapping[str, Any]) -> None:
    """Write a model into a folder.

    Args:
        model: the network.
        tokenizer: `tokenizer.json` of its trunk.
        folder: where to; made if need be.
        settings: what else belongs to it, such as the calibration.
    """
    folder.mkdir(parents=True, exist_ok=True)
    packed: dict[str, Tensor] = {}
    for name, weight in model.state_dict().items():
        packed |= pack(name, weight.detach().float().cpu())
    save_file(packed, folder / WEIGHTS)
    config = model.trunk.config.to_dict()
    config.pop("_name_or_path", None)  # a path of the machine that trained
    (folder / "config.json").write_text(json.dumps(config, indent=2, sort_keys=True) + "\n", encoding="utf-8")
    if tokenizer != folder / "tokenizer.json":
        shutil.copy(tokenizer, folder / "tokenizer.json")
    (folder / SETTINGS).write_text(json.dumps(dict(settings), indent=2) + "\n", encoding="utf-8")


def load_model(folder: Path, *, trust_remote_code: bool = False) -> EvidenceModel:
    """Read a model that `save_model` wrote, in float32.

    Args:
        folder: the folder.
        trust_remote_code: whether Python code in the folder may be run; if not, a model that needs it is refused.
    """
    config = AutoConfig.from_pretrained(folder, trust_remote_code=trust_remote_code)
    trunk = AutoModel.from_config(
        config, add_pooling_layer=False, dtype=torch.float32, trust_remote_code=trust_remote_code
    )
    model = EvidenceModel(trunk)
    model.load_state_dict(unpack(load_file(folder / WEIGHTS)))
    return model.eval()


def local_folder(location: str, *, local_files_only: bool) -> Path:
    """Return the folder of a model: the location itself, or what a hub has under it, fetched if need be."""
    if Path(location).is_dir():
        return Path(location)
    from huggingface_hub import snapshot_download  # noqa: PLC0415 - only for hub ids

    return Path(snapshot_download(location, local_files_only=local_files_only))
