"""Collects instructions with the target's responses, from files or an OpenAI-compatible endpoint. Knows no model.

A line of a file is an object with an `instruction`, and with a `response` where the target was asked before.
"""

import hashlib
import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from lingua_shared.training.distillation.endpoint import Endpoint, answer_of, ask_all
from lingua_shared.training.distillation.stages import BadRecordError, Record, StageOutput, parsed, raw_lines, text_of
from lingua_shared.training.records import refuse_test_file

_log = logging.getLogger(__name__)


def collect(paths: Sequence[Path], output: StageOutput) -> list[Record]:
    """Write the pairs of files, and return the instructions that have no response and are not done yet.

    Bad lines are rejected. An instruction that occurs again counts once.

    Args:
        paths: JSON lines, plain or gzip.
        output: where pairs are written.
    """
    open_ones: dict[str, Record] = {}
    for path in paths:
        refuse_test_file(path)
        for name, line in raw_lines(path):
            try:
                record = _record(line)
            except BadRecordError as reason:
                if name not in output.done:
                    output.reject(name, str(reason))
                continue
            if record["id"] in output.done:
                continue
            if "response" in record:
                output.write(record)
            else:
                open_ones[record["id"]] = record
    return list(open_ones.values())


def ask(records: Sequence[Record], output: StageOutput, endpoint: Endpoint, client: Any = None) -> int:
    """Ask the target for the responses to instructions, write each as it comes in, and return how many requests failed.

    A failed request is asked again by the next run. A response that was cut at the limit of tokens is taken, with
    `is_cut`; a refusal and an empty response are rejected.

    Args:
        records: what `collect` returned.
        output: where pairs are written.
        endpoint: how to ask.
        client: an `openai.AsyncOpenAI`; None makes one.
    """
    silent: list[str] = []

    def answered(record: Record, completion: Any) -> Record:
        found = _answered(record, completion)
        if endpoint.with_logprobs and "logprobs" not in found:
            silent.append(record["id"])
        return found

    failed = ask_all(records, output, endpoint, answered, client)
    if silent:
        _log.warning(
            "%d of %d responses came without the log-probabilities that were asked for, so the report cannot compare "
            "with them; use a server that sends them, or give the report a local --target",
            len(silent), len(records),
        )  # fmt: skip
    return failed


def reject_open(records: Sequence[Record], output: StageOutput) -> None:
    """Reject instructions without a response, where there is no target to ask."""
    for record in records:
        output.reject(record["id"], "no response, and no --url to ask for one")


def _answered(record: Record, completion: Any) -> Record:
    text = answer_of(completion, allow_cut=True)
    choice = completion.choices[0]
    more: Record = {"is_cut": True} if choice.finish_reason == "length" else {}
    content = getattr(getattr(choice, "logprobs", None), "content", None)
    if content:
        more["logprobs"] = _characters(content)
    return {**record, "response": text, **more}


def _characters(content: Sequence[Any]) -> list[list[Any]]:
    """Return text and log-probability of each token; tokens that are parts of one character are one."""
    found: list[list[Any]] = []
    pending, total = b"", 0.0
    for one in content:
        pending += bytes(one.bytes) if one.bytes else one.token.encode("utf-8", "replace")
        total += float(one.logprob)
        try:
            text = pending.decode("utf-8")
        except UnicodeDecodeError:
            continue
        found.append([text, total])
        pending, total = b"", 0.0
    return found


def _record(line: bytes) -> Record:
    found = parsed(line)
    record: Record = {"instruction": text_of(found, "instruction", "instruction").strip()}
    if found.get("response") is not None:
        record["response"] = text_of(found, "response", "response").strip()
    if found.get("is_cut") is True:
        record["is_cut"] = True
    if found.get("logprobs") is not None:
        record["logprobs"] = _logprobs(found["logprobs"])
    named = "\0".join((record["instruction"], record.get("response", "")))
    return {"id": hashlib.sha256(named.encode()).hexdigest()[:20], **record}


def _logprobs(found: Any) -> list[list[Any]]:
    try:
        return [[str(token), float(value)] for token, value in found]
    except (TypeError, ValueError) as error:
        raise BadRecordError("field 'logprobs' is no list of [token, log-probability]") from error  # noqa: EM101
