"""The generated parts of documents that come from the code alone: options, methods, signals and the demo's output."""

import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from benchmarks.tables import table
from langchain_lingua import LinguaCompressor
from lingua_shared import CompressionOptions, ModelOptions, PromptOptions, RecoveryOptions
from lingua_shared.adapters.options import EngineOptions
from lingua_shared.adapters.provenance import ProvenanceOptions
from lingua_shared.compat.parameters import PromptParameters, described
from lingua_shared.compat.values import RANK_METHODS
from lingua_shared.methods import METHODS, RANKERS, SENTENCE_SCORERS, TOKEN_SCORERS, Signal
from llamaindex_lingua import LinguaPostprocessor

ROOT = Path(__file__).parents[1]
_TIMES = "Seconds:"
_ADAPTERS: Mapping[str, type[BaseModel]] = {"LlamaIndex": LinguaPostprocessor, "LangChain": LinguaCompressor}
_OF_FRAMEWORKS = ("callback_manager",)
"""Fields that the frameworks' base classes bring along."""


def options_table() -> str:
    """Return the table of the options that the engine and both adapters have."""
    return _options_table(CompressionOptions, ModelOptions)


def recovery_options_table() -> str:
    """Return the table of the options of recovery."""
    return _options_table(RecoveryOptions)


def prompt_options_table() -> str:
    """Return the table of the options of prompts."""
    return _options_table(PromptOptions)


def migration_table() -> str:
    """Return the table of llmlingua's parameters and what they are called here."""
    rows = [[f"`{name}`", ours, hint.replace("|", "\\|")] for name, ours, hint in described(PromptParameters)]
    return table(["llmlingua", "here", "what is different"], rows)


def rank_methods_table() -> str:
    """Return the table of llmlingua's rank methods."""
    rows = [[f"`{name}`", f'`rankers=("{one.ranker}",)`', one.hint] for name, one in RANK_METHODS.items()]
    return table(["llmlingua", "here", "what is different"], rows)


def _options_table(*kinds: type[BaseModel]) -> str:
    rows = [_option_row(name, field) for kind in kinds for name, field in kind.model_fields.items()]
    return table(["option", "default", "meaning"], rows)


def _option_row(name: str, field: FieldInfo) -> list[str]:
    default = "" if field.default is PydanticUndefined else f"`{json.dumps(field.default)}`"
    return [f"`{name}`", default, str(field.description)]


def adapter_options_table() -> str:
    """Return the table of the options that only the adapters have, and which adapter has them."""
    engine = CompressionOptions.model_fields.keys() | ModelOptions.model_fields.keys() | set(_OF_FRAMEWORKS)
    kinds: list[type[BaseModel]] = [EngineOptions, ProvenanceOptions, *_ADAPTERS.values()]
    own = [name for kind in kinds for name in kind.model_fields]
    rows = []
    for name in dict.fromkeys(own):
        having = {adapter: kind.model_fields[name] for adapter, kind in _ADAPTERS.items() if name in kind.model_fields}
        if name not in engine:
            option, _, meaning = _option_row(name, next(reversed(having.values())))
            defaults = dict.fromkeys(f"`{json.dumps(field.default)}`" for field in having.values())
            shown = next(iter(defaults)) if len(defaults) == 1 else _by_adapter(having)
            rows.append([option, " and ".join(having), shown, meaning])
    return table(["option", "adapter", "default", "meaning"], rows)


def _by_adapter(fields: Mapping[str, FieldInfo]) -> str:
    return ", ".join(f"{adapter} `{json.dumps(field.default)}`" for adapter, field in fields.items())


def methods_table() -> str:
    """Return what each method stands for."""
    rows = [
        [
            f"`{name}`",
            ", ".join(f"`{ranker}` {weight:g}" for ranker, weight in preset.ranker_weights.items()),
            f"`{preset.sentence_scorer}`" if preset.sentence_scorer else "none",
            f"`{preset.token_scorer}`",
            f"{preset.coarse_ratio:g}" + (f", and {preset.coarse_tokens} tokens" if preset.coarse_tokens else ""),
            f"{preset.budget_strength:g}",
            f"{preset.whole_share:g}",
            f"`{preset.budget_schedule}`",
            f"`{preset.unit}`",
        ]
        for name, preset in METHODS.items()
    ]
    options = ["`coarse_ratio`", "`budget_strength`", "`whole_share`", "`budget_schedule`", "`unit`"]
    return table(["method", "rankers and weights", "sentence scorer", "token scorer", *options], rows)


def rankers_table() -> str:
    """Return the table of the signals that rank passages."""
    return _signals_table("ranker", RANKERS)


def sentence_scorers_table() -> str:
    """Return the table of the signals that compare sentences."""
    return _signals_table("sentence scorer", SENTENCE_SCORERS)


def token_scorers_table() -> str:
    """Return the table of the signals that compare words."""
    return _signals_table("token scorer", TOKEN_SCORERS)


def _signals_table(title: str, signals: Mapping[str, Signal]) -> str:
    rows = [
        [
            f"`{name}`",
            signal.measures,
            f"`{signal.reads_with}`" if signal.reads_with else "none",
            "yes" if signal.needs_question else "no",
        ]
        for name, signal in signals.items()
    ]
    return table([title, "measures", "model (option)", "needs a question"], rows)


def demo_output() -> str:
    """Return what the demo prints: question, first passage, last passage and sums, without the measured times."""
    command = [sys.executable, str(ROOT / "examples" / "demo.py")]
    printed = subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT).stdout
    question, first, *middle, last, sums = printed.strip().split("\n\n")
    lasting = "\n".join(line for line in sums.splitlines() if not line.startswith(_TIMES))
    return "\n\n".join([f"```text\n{question}", first, f"({len(middle)} more)", last, f"{lasting}\n```"])
