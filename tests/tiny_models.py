"""Tiny models with random weights and real tokenizers, saved to a folder: what a hub would hand out, in kilobytes."""

from pathlib import Path
from typing import Any

import torch
from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, trainers
from tokenizers.processors import TemplateProcessing
from transformers import (
    AutoModelForCausalLM,
    AutoTokenizer,
    BertConfig,
    BertForSequenceClassification,
    BertForTokenClassification,
    BertModel,
    Gemma2Config,
    Gemma2ForCausalLM,
    GPT2Config,
    GPT2LMHeadModel,
    LlamaConfig,
    LlamaForCausalLM,
    MistralConfig,
    MistralForCausalLM,
    OPTConfig,
    OPTForCausalLM,
    PreTrainedTokenizerFast,
    Qwen2Config,
    Qwen2ForCausalLM,
    XLMRobertaConfig,
    XLMRobertaForTokenClassification,
    XLMRobertaModel,
)

from lingua_shared.options import ModelOptions
from lingua_shared.scoring.causal.model import CausalModel
from lingua_shared.scoring.encoder.model import new_model, save_model

SPREAD = 0.3
"""Deviation of the random weights: with the usual 0.02 so small a model hardly looks at what stands before a token."""

CORPUS = [
    "The lighthouse at Gull Point was built in 1871 by Ada Marsh.",
    "Who built the lighthouse at Gull Point? The keeper wrote it down on 3 May 1872.",
    "A ferry left the harbour at 10 pm; the fare was $3.50, the crossing took 42 minutes.",
    "We can get the answer to this question in the given documents.",
    "東京都は日本の首都です。今天天气很好。Überraschung, señor 😀",
]


def byte_level_tokenizer() -> PreTrainedTokenizerFast:
    """BPE over bytes, as GPT-2 and SmolLM have: no token is put in front."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(vocab_size=400, special_tokens=["<end>"], initial_alphabet=alphabet)
    tokenizer.train_from_iterator(CORPUS, trainer)
    return PreTrainedTokenizerFast(tokenizer_object=tokenizer, bos_token="<end>", eos_token="<end>")


def sentencepiece_tokenizer() -> PreTrainedTokenizerFast:
    """Unigram pieces that carry the space before a word, as Llama 2 and Gemma have; puts a BOS token in front."""
    tokenizer = Tokenizer(models.Unigram())
    tokenizer.normalizer = normalizers.Sequence([])
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    tokenizer.decoder = decoders.Metaspace()
    trainer = trainers.UnigramTrainer(vocab_size=300, special_tokens=["<unk>", "<s>"], unk_token="<unk>")
    tokenizer.train_from_iterator(CORPUS, trainer)
    tokenizer.post_processor = TemplateProcessing(single="<s> $A", special_tokens=[("<s>", 1)])
    return PreTrainedTokenizerFast(tokenizer_object=tokenizer, bos_token="<s>", unk_token="<unk>")


def word_tokenizer() -> PreTrainedTokenizerFast:
    """Whole words and punctuation marks, the rest unknown."""
    tokenizer = Tokenizer(models.WordLevel(unk_token="[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer.train_from_iterator(CORPUS, trainers.WordLevelTrainer(special_tokens=["[UNK]"]))
    return PreTrainedTokenizerFast(tokenizer_object=tokenizer, unk_token="[UNK]")


def save(folder: Path, name: str) -> Path:
    """Save one of the models, with its tokenizer, and return its folder."""
    torch.manual_seed(0)
    model, tokenizer = _BUILDERS[name]()
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


def _llama() -> tuple[Any, PreTrainedTokenizerFast]:
    tokenizer = sentencepiece_tokenizer()
    config = LlamaConfig(
        vocab_size=len(tokenizer), hidden_size=32, intermediate_size=64, num_hidden_layers=2, num_attention_heads=4,
        num_key_value_heads=2, max_position_embeddings=256, bos_token_id=1, eos_token_id=1, pad_token_id=1,
        initializer_range=SPREAD,
    )  # fmt: skip
    return LlamaForCausalLM(config), tokenizer


def _gpt2() -> tuple[Any, PreTrainedTokenizerFast]:
    tokenizer = byte_level_tokenizer()
    config = GPT2Config(
        vocab_size=len(tokenizer), n_positions=256, n_embd=32, n_layer=2, n_head=4, bos_token_id=0, eos_token_id=0,
        initializer_range=SPREAD,
    )  # fmt: skip
    return GPT2LMHeadModel(config), tokenizer


def _gemma2() -> tuple[Any, PreTrainedTokenizerFast]:
    tokenizer = sentencepiece_tokenizer()
    config = Gemma2Config(
        vocab_size=len(tokenizer), hidden_size=32, intermediate_size=64, num_hidden_layers=2, num_attention_heads=4,
        num_key_value_heads=2, head_dim=8, max_position_embeddings=256, final_logit_softcapping=3.0, sliding_window=64,
        bos_token_id=1, eos_token_id=1, pad_token_id=1, initializer_range=SPREAD,
    )  # fmt: skip
    return Gemma2ForCausalLM(config), tokenizer


def _opt() -> tuple[Any, PreTrainedTokenizerFast]:
    tokenizer = word_tokenizer()
    config = OPTConfig(
        vocab_size=len(tokenizer), hidden_size=32, ffn_dim=64, num_hidden_layers=2, num_attention_heads=4,
        max_position_embeddings=256, word_embed_proj_dim=16, bos_token_id=0, eos_token_id=0, pad_token_id=0,
        init_std=SPREAD,
    )  # fmt: skip
    return OPTForCausalLM(config), tokenizer


def _mistral() -> tuple[Any, PreTrainedTokenizerFast]:
    """Every layer looks back 24 tokens."""
    tokenizer = sentencepiece_tokenizer()
    config = MistralConfig(
        vocab_size=len(tokenizer), hidden_size=32, intermediate_size=64, num_hidden_layers=2, num_attention_heads=4,
        num_key_value_heads=2, max_position_embeddings=256, sliding_window=24, bos_token_id=1, eos_token_id=1,
        pad_token_id=1, initializer_range=SPREAD,
    )  # fmt: skip
    return MistralForCausalLM(config), tokenizer


def _qwen2() -> tuple[Any, PreTrainedTokenizerFast]:
    """The first layer looks back to the beginning, the second one 24 tokens."""
    tokenizer = sentencepiece_tokenizer()
    config = Qwen2Config(
        vocab_size=len(tokenizer), hidden_size=32, intermediate_size=64, num_hidden_layers=2, num_attention_heads=4,
        num_key_value_heads=2, max_position_embeddings=256, use_sliding_window=True, sliding_window=24,
        max_window_layers=1, bos_token_id=1, eos_token_id=1, pad_token_id=1, initializer_range=SPREAD,
    )  # fmt: skip
    return Qwen2ForCausalLM(config), tokenizer


_BUILDERS = {"llama": _llama, "gpt2": _gpt2, "gemma2": _gemma2, "opt": _opt, "mistral": _mistral, "qwen2": _qwen2}
SLIDING = ("mistral", "qwen2")
"""Models that look back a few tokens only."""

NAMES = tuple(name for name in _BUILDERS if name not in SLIDING)


def options(folder: Path, name: str = "llama", **others: Any) -> ModelOptions:
    """Options that name tiny models in a folder; those that are not there yet are saved there."""
    savers: dict[str, tuple[str, Any]] = {
        "model": (name, lambda path: save(path, name)),
        "embedding_model": ("embedder", save_embedder),
        "cross_encoder_model": ("cross", save_cross_encoder),
        "classifier_model": ("classifier", save_classifier),
    }
    for file, save_it in savers.values():
        if not (folder / file).exists():
            save_it(folder / file)
    names = {option: str(folder / file) for option, (file, _) in savers.items()}
    return ModelOptions(**{**names, "device": "cpu", "dtype": "float32", **others})


def load(folder: Path, *, batch_tokens: int = 512) -> CausalModel:
    """Load a saved model for reading."""
    model = AutoModelForCausalLM.from_pretrained(folder).eval()
    return CausalModel(model, AutoTokenizer.from_pretrained(folder), batch_tokens=batch_tokens)


def save_embedder(folder: Path, *, window: int = 24, pooling: str = "mean") -> Path:
    """Save a tiny bi-encoder that reads `window` tokens, for sentence-transformers; `pooling` is "mean" or "cls"."""
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer import modules

    torch.manual_seed(0)
    inner = _save_bert(folder / "bert", labels=None)
    word = modules.Transformer(str(inner), max_seq_length=window)
    SentenceTransformer(modules=[word, modules.Pooling(word.get_embedding_dimension(), pooling)]).save(str(folder))
    return folder


def dense() -> Any:
    """A layer that some bi-encoders have behind the pooling."""
    from sentence_transformers.sentence_transformer import modules

    torch.manual_seed(0)
    return modules.Dense(32, 32)


def save_cross_encoder(folder: Path) -> Path:
    """Save a tiny cross-encoder with one output."""
    torch.manual_seed(0)
    return _save_bert(folder, labels=1)


def save_trunk(folder: Path, *, pieces: bool = False) -> Path:
    """Save a tiny trunk of two layers for the encoder: BERT with whole words, or XLM-R with pieces of words."""
    torch.manual_seed(0)
    if not pieces:
        return _save_bert(folder, labels=None, window=256, layers=2)
    tokenizer = sentencepiece_tokenizer()
    tokenizer.add_special_tokens({"eos_token": "</s>", "pad_token": "<pad>"})
    config = XLMRobertaConfig(
        vocab_size=len(tokenizer), hidden_size=32, num_hidden_layers=2, num_attention_heads=2, intermediate_size=32,
        max_position_embeddings=256 + len(tokenizer), type_vocab_size=1, pad_token_id=tokenizer.pad_token_id,
        initializer_range=SPREAD,
    )  # fmt: skip
    XLMRobertaModel(config).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


def save_encoder(folder: Path) -> Path:
    """Save a tiny encoder that no one trained, in the form of `ModelOptions.encoder_model`."""
    trunk = save_trunk(folder.with_name(f"{folder.name}-trunk"))
    save_model(new_model(trunk), trunk / "tokenizer.json", folder, {"calibration": {"slope": 1.0, "offset": 0.0}})
    return folder


def save_classifier(folder: Path, name: str = "bert", *, labels: int = 2) -> Path:
    """Save a tiny token classifier of the class of one of the published ones: "bert" or "xlmr"."""
    torch.manual_seed(0)
    if name == "bert":
        tokenizer = wordpiece_tokenizer()
        config = BertConfig(
            vocab_size=len(tokenizer), hidden_size=32, num_hidden_layers=2, num_attention_heads=2,
            intermediate_size=32, max_position_embeddings=48, pad_token_id=tokenizer.pad_token_id,
            initializer_range=SPREAD, num_labels=labels,
        )  # fmt: skip
        BertForTokenClassification(config).save_pretrained(folder)
    else:
        tokenizer = xlmr_tokenizer()
        config = XLMRobertaConfig(
            vocab_size=len(tokenizer), hidden_size=32, num_hidden_layers=2, num_attention_heads=2,
            intermediate_size=32, max_position_embeddings=48 + tokenizer.pad_token_id + 1, type_vocab_size=1,
            pad_token_id=tokenizer.pad_token_id, initializer_range=SPREAD, num_labels=labels,
        )  # fmt: skip
        XLMRobertaForTokenClassification(config).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


def wordpiece_tokenizer() -> PreTrainedTokenizerFast:
    """Pieces of words with [CLS] before a text and [SEP] behind it, as mBERT has."""
    tokenizer = Tokenizer(models.WordPiece(unk_token="[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]"]
    tokenizer.train_from_iterator(CORPUS, trainers.WordPieceTrainer(vocab_size=200, special_tokens=special))
    around = [(name, tokenizer.token_to_id(name)) for name in ("[CLS]", "[SEP]")]
    tokenizer.post_processor = TemplateProcessing("[CLS] $A [SEP]", "[CLS] $A [SEP] $B [SEP]", around)
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, pad_token="[PAD]", unk_token="[UNK]", cls_token="[CLS]", sep_token="[SEP]"
    )


def xlmr_tokenizer() -> PreTrainedTokenizerFast:
    """Unigram pieces with <s> before a text and </s> behind it, as XLM-R has."""
    tokenizer = Tokenizer(models.Unigram())
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    special = ["<s>", "<pad>", "</s>", "<unk>"]
    trainer = trainers.UnigramTrainer(vocab_size=300, special_tokens=special, unk_token="<unk>")
    tokenizer.train_from_iterator(CORPUS, trainer)
    tokenizer.post_processor = TemplateProcessing("<s> $A </s>", special_tokens=[("<s>", 0), ("</s>", 2)])
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, bos_token="<s>", eos_token="</s>", pad_token="<pad>", unk_token="<unk>",
        cls_token="<s>", sep_token="</s>",
    )  # fmt: skip


def _save_bert(folder: Path, *, labels: int | None, window: int = 64, layers: int = 1) -> Path:
    tokenizer = word_tokenizer()
    tokenizer.add_special_tokens({"cls_token": "[CLS]", "sep_token": "[SEP]", "pad_token": "[PAD]"})
    around = [(name, tokenizer.convert_tokens_to_ids(name)) for name in ("[CLS]", "[SEP]")]
    tokenizer.backend_tokenizer.post_processor = TemplateProcessing("[CLS] $A [SEP]", "[CLS] $A [SEP] $B [SEP]", around)
    config = BertConfig(
        vocab_size=len(tokenizer), hidden_size=32, num_hidden_layers=layers, num_attention_heads=2,
        intermediate_size=32, max_position_embeddings=window, pad_token_id=tokenizer.pad_token_id,
        initializer_range=SPREAD,
        **({"num_labels": labels} if labels else {}),
    )  # fmt: skip
    model = BertForSequenceClassification(config) if labels else BertModel(config)
    tokenizer.model_max_length = window
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder
