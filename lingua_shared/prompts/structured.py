"""The methods of the engine for prompts that are no list of passages. Each hands over to a module of this room."""

import json
from abc import abstractmethod
from collections.abc import Callable, Mapping, Sequence
from time import perf_counter
from typing import Any

from lingua_shared.errors import InvalidInputError, InvalidTypeError, OptionsError, short
from lingua_shared.inputs import as_question, check_text, checked_options
from lingua_shared.options import CompressionOptions
from lingua_shared.prompts.chats import Chat
from lingua_shared.prompts.code import Code
from lingua_shared.prompts.code_syntax import parse_program
from lingua_shared.prompts.data import Data
from lingua_shared.prompts.data_rules import DataRules
from lingua_shared.prompts.data_tree import DataNode
from lingua_shared.prompts.json_reading import json_text, read_json
from lingua_shared.prompts.messages import as_messages
from lingua_shared.prompts.result import ChatResult, DataResult, StructuredResult
from lingua_shared.prompts.shortening import Engine, Shortener
from lingua_shared.prompts.tags import read_tags
from lingua_shared.prompts.template import Template
from lingua_shared.prompts.yaml_reading import read_yaml, yaml_value
from lingua_shared.text.token_counting import Counter

_NO_TAG = "the prompt has no tag <llmlingua>, so nothing was shortened"


class StructuredPrompts(Engine):
    """Compresses chats, tagged prompts, data and source code with the texts' own engine."""

    @abstractmethod
    def _counter(self, options: CompressionOptions) -> Counter:
        """Return what counts tokens."""

    def compress_messages(
        self,
        messages: Sequence[Any],
        *,
        target_tokens: int,
        keep_last: int = 2,
        question: str | None = None,
        options: CompressionOptions | None = None,
        stable_prefix: bool = True,
    ) -> ChatResult:
        """Shorten the old messages of a chat, so that the list fits a budget.

        Messages of the roles system and developer, the last message of the user and the last `keep_last` messages are
        not touched. No message is dropped: roles, order, names, tool calls and their ids stay, so each result of a
        tool stays with its call. A list that fits comes back as it is.

        A message counts 3 tokens, its role, its texts, and its name, tool calls (as JSON) and ids; the list 3 more, as
        the chat models of OpenAI count. Images are not counted.

        Args:
            messages: dictionaries as the API of OpenAI takes them, messages of LangChain (`BaseMessage`) or of
                LlamaIndex (`ChatMessage`); not changed.
            target_tokens: largest number of tokens of the list.
            keep_last: number of messages at the end that are not touched.
            question: what decides what is kept. None: for a message, what the user asked before it; for a message of
                the user nothing, so surprisal decides; without `stable_prefix`, the last message of the user for all.
            options: how texts are shortened, without rate and target_tokens.
            stable_prefix: Keep what was shortened once as it is when the list grows, for a server's cache of prompts.
                Hand in the whole list each time, as it was before compression, with the same other arguments. Old
                messages are then shortened to a quarter, so that the budget lasts for a chat of about four times its
                size; after that it is an error. False: shorten all old messages anew in each call, the oldest most,
                as little as the budget allows.

        Raises:
            BudgetError: what is not touched, and what was shortened before, exceeds the budget.
            InvalidInputError, InvalidTypeError, OptionsError: a value handed in cannot be used.
            ModelLoadError: a model or tokenizer is not on this machine and cannot be downloaded.
        """
        chosen = _without_budget(options)
        for name, value in (("target_tokens", target_tokens), ("keep_last", keep_last)):
            _check_whole(name, value)
        shortener = Shortener(self, chosen, self._counter(chosen))
        chat = Chat(as_messages(messages), shortener, target_tokens, keep_last, as_question(question))
        return chat.compress(stable_prefix=stable_prefix)

    def compress_tagged(
        self, prompt: str, *, question: str | None = None, options: CompressionOptions | None = None
    ) -> StructuredResult:
        """Shorten the texts of a prompt that stand in tags.

        `<llmlingua rate=0.4>text</llmlingua>` keeps 40 percent of the text's tokens, `rate=0` nothing and
        `compress=False` all of it. Tags can stand inside tags; the innermost one counts. A tag without a rate takes
        that of the options. What is outside of tags, or in one with compress=False, comes back byte for byte; so does
        white space at both ends of a text.

        Args:
            prompt: the prompt with tags; "<" in its text is allowed.
            question: what is asked; None keeps what is surprising.
            options: `rate` is that of tags without one. `target_tokens` instead bounds the whole result: then a tag's
                rate is the most that is kept of it, and a tag without one takes what there is.

        Raises:
            BudgetError: what must stay is larger than `target_tokens`.
            InvalidInputError: a tag is wrong; the message names its line and column.
            InvalidTypeError, OptionsError: a value handed in cannot be used.
            ModelLoadError: a model or tokenizer is not on this machine and cannot be downloaded.
        """
        start = perf_counter()
        check_text(prompt, "the prompt")
        chosen = checked_options(options, CompressionOptions)
        shortener = Shortener(self, chosen, self._counter(chosen))
        template = Template(read_tags(prompt), shortener, as_question(question))
        text, parts = template.compress()
        whole = template.text(slot.text for slot in template.slots)
        notes = () if template.slots or whole != prompt else (_NO_TAG,)
        return StructuredResult(
            text=text,
            parts=tuple(part for part in parts if part.text != part.source),
            original_tokens=shortener.count(whole),
            compressed_tokens=shortener.count(text),
            seconds=perf_counter() - start,
            notes=(*shortener.notes, *notes),
        )

    def compress_json(
        self,
        data: Any,
        *,
        rules: DataRules | Mapping[str, Any],
        question: str | None = None,
        options: CompressionOptions | None = None,
    ) -> DataResult:
        """Shorten texts in JSON, and leave values out, where rules allow it.

        Keys, numbers, booleans, null and the layout stay as they are; each value keeps its type.

        Args:
            data: JSON as text, or Python values of JSON (dictionaries with texts as keys, lists, texts, numbers, bools,
                None); not changed.
            rules: `DataRules`, or only its rules: a rate, or a `DataRule`, for each JSONPath or key.
            question: what is asked; None keeps what is surprising.
            options: `target_tokens` bounds the whole result as text: then a rule's rate is the most that is kept.

        Raises:
            BudgetError: what must stay is larger than `target_tokens`.
            InvalidInputError, InvalidTypeError, OptionsError: a value handed in cannot be used.
            MissingPackageError: a rule is a JSONPath, and the package for it is not installed.
            ModelLoadError: a model or tokenizer is not on this machine and cannot be downloaded.
        """
        source = data if isinstance(data, str) else json_text(data)
        return self._compress_data(source, read_json, json.loads, _rules(rules), question, options)

    def compress_yaml(
        self,
        text: str,
        *,
        rules: DataRules | Mapping[str, Any],
        question: str | None = None,
        options: CompressionOptions | None = None,
    ) -> DataResult:
        """Shorten texts in YAML, and leave values out, where rules allow it; as `compress_json` does.

        Comments, anchors and the layout stay. A value with an anchor or alias is not left out.

        Args:
            text: one document of YAML.
            rules: see `compress_json`.
            question: what is asked; None keeps what is surprising.
            options: see `compress_json`.

        Raises:
            BudgetError: what must stay is larger than `target_tokens`.
            InvalidInputError, InvalidTypeError, OptionsError: a value handed in cannot be used.
            MissingPackageError: the package pyyaml, or that for a JSONPath, is not installed.
            ModelLoadError: a model or tokenizer is not on this machine and cannot be downloaded.
        """
        return self._compress_data(text, read_yaml, yaml_value, _rules(rules), question, options)

    def compress_code(
        self, source: str, *, language: str, question: str | None = None, options: CompressionOptions | None = None
    ) -> StructuredResult:
        """Leave out of source code what it can do without; what is left can be parsed.

        Comments go first, then docstrings, then bodies of definitions, the least relevant first and inner ones before
        outer ones, then statements at the top. A definition whose name is in the question goes last. A marker stands
        in place of a body; the result's parts list everything that was left out, with its name and line.

        Args:
            source: one file.
            language: "python", "javascript" or "java".
            question: what is asked; None leaves out what is least surprising.
            options: `rate` or `target_tokens` is the budget; what matches `protect` stays.

        Raises:
            BudgetError: what must stay is larger than the budget.
            InvalidInputError: the source cannot be parsed, or the language is unknown.
            InvalidTypeError, OptionsError: a value handed in cannot be used.
            MissingPackageError: the parser of the language is not installed.
            ModelLoadError: a model or tokenizer is not on this machine and cannot be downloaded.
        """
        start = perf_counter()
        check_text(source, "the source")
        chosen = checked_options(options, CompressionOptions)
        shortener = Shortener(self, chosen, self._counter(chosen))
        text, parts = Code(parse_program(source, language), shortener, as_question(question)).compress()
        return StructuredResult(
            text=text,
            parts=tuple(parts),
            original_tokens=shortener.count(source),
            compressed_tokens=shortener.count(text),
            seconds=perf_counter() - start,
            notes=tuple(shortener.notes),
        )

    def _compress_data(
        self,
        source: str,
        read: Callable[[str], DataNode],
        load: Callable[[str], Any],
        rules: DataRules,
        question: str | None,
        options: CompressionOptions | None,
    ) -> DataResult:
        start = perf_counter()
        check_text(source, "the data")
        chosen = checked_options(options, CompressionOptions)
        shortener = Shortener(self, chosen, self._counter(chosen))
        text, parts = Data(source, read(source), rules, shortener, as_question(question)).compress()
        return DataResult(
            text=text,
            value=load(text),
            parts=tuple(parts),
            original_tokens=shortener.count(source),
            compressed_tokens=shortener.count(text),
            seconds=perf_counter() - start,
            notes=tuple(shortener.notes),
        )


def _rules(rules: DataRules | Mapping[str, Any]) -> DataRules:
    return rules if isinstance(rules, DataRules) else DataRules.model_validate({"rules": rules})


def _without_budget(options: CompressionOptions | None) -> CompressionOptions:
    """Return the options, which must not set a budget of their own."""
    chosen = checked_options(options, CompressionOptions)
    for name in ("rate", "target_tokens"):
        if (value := getattr(chosen, name)) is not None:
            msg = f"options set {name}={short(value)}; leave it out and hand in target_tokens beside the options"
            raise OptionsError(msg)
    return chosen


def _check_whole(name: str, value: Any) -> None:
    if isinstance(value, bool) or not isinstance(value, int):
        msg = f"{name} is of type {type(value).__name__}; give a whole number"
        raise InvalidTypeError(msg)
    if value < 0:
        msg = f"{name} is {value}; give 0 or more"
        raise InvalidInputError(msg)
