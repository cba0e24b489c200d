"""Writes a trained classifier as a folder to publish: weights in safetensors, tokenizer and a model card."""

import json
from pathlib import Path
from typing import Any

import torch
import transformers

from lingua_shared.scoring.classifier.reader import load_classifier

_CARD = """---
library_name: transformers
pipeline_tag: token-classification
base_model: {trunk}
---

# Token classifier for prompt compression

The probability of label 1 (`keep`) says whether a word stays when a text is shortened (LLMLingua-2, arXiv 2403.12968).
Trained by `python -m lingua_shared.training.distillation`.

```python
from lingua_shared import CompressionOptions, ModelOptions, PromptCompressor

compressor = PromptCompressor(ModelOptions(classifier_model="{name}"))
result = compressor.compress("your text", options=CompressionOptions(method="llmlingua2", rate=0.5))
```

## Training

{settings}

## Figures on held-out texts

{figures}
"""


def export(fitted: Path, figures: dict[str, Any], settings: dict[str, Any], folder: Path, *, dtype: str) -> None:
    """Write a folder that `ModelOptions(classifier_model=...)` loads; it is checked by loading it.

    Args:
        fitted: folder of the model that `fit` wrote.
        figures: for the card.
        settings: for the card.
        folder: the folder to write.
        dtype: precision of the weights: "float32", "float16" or "bfloat16".

    Raises:
        UnsupportedModelError: the model is no token classifier with two labels.
    """
    precision: torch.dtype = getattr(torch, dtype)
    model = transformers.AutoModelForTokenClassification.from_pretrained(
        fitted, dtype=precision, trust_remote_code=False
    )
    model.save_pretrained(folder)
    transformers.AutoTokenizer.from_pretrained(fitted, trust_remote_code=False).save_pretrained(folder)
    trunk = str(settings.get("trunk", ""))
    # A path on the machine that trained the model says nothing to others.
    shown = {**settings, "trunk": Path(trunk).name if Path(trunk).exists() else trunk}
    card = _CARD.format(trunk=shown["trunk"], name=folder.name, settings=_fenced(shown), figures=_fenced(figures))
    (folder / "README.md").write_text(card, encoding="utf-8")
    load_classifier(
        str(folder), dtype=torch.float32, device=torch.device("cpu"), batch_tokens=1024, local_files_only=True
    )


def _fenced(values: dict[str, Any]) -> str:
    return f"```json\n{json.dumps(values, indent=2, ensure_ascii=False)}\n```"
