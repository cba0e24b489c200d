"""The command that lists a project's calls of llmlingua. None of the code that it reads is run."""

from pathlib import Path

import pytest

from lingua_shared.compat.__main__ import main
from lingua_shared.compat.check import find_calls

OLD = """
import llmlingua as ll
from llmlingua import PromptCompressor as Compressor
from llama_index.postprocessor.longllmlingua import LongLLMLinguaPostprocessor
from langchain_community.document_compressors.llmlingua_filter import LLMLinguaCompressor

class Service:
    def __init__(self):
        self.compressor = Compressor("gpt2", use_llmlingua2=True, device_map="balanced")
        self.other: object = ll.PromptCompressor()

    def run(self, texts, budget):
        self.compressor.compress_prompt(texts, ratio=0.5)
        self.other(texts, "", "why?", 0.5, context_budget="__import__('os')", high_priority_bonus=budget)
        self.other.compress_prompt(
            texts, question="why?", rank_method="longllmlingua", condition_in_question="before"
        )
        self.other.structured_compress_prompt(texts, reorder_context="sort", **budget)
        self.other.compress_json({}, {}, rate=0.4)
        self.other.compress_prompt_llmlingua2(texts, chunk_end_tokens=["."])
        self.compressor.compress_prompt(texts, question="why?", token_to_word="first")
        Compressor(use_llmlingua2=True).compress_prompt(texts, keep_split=True)
        Compressor().compress_prompt(texts, rate=0.5)
        texts.compress_prompt(1)
        return self.other.recover("a", "b", "c")

LongLLMLinguaPostprocessor(target_token=300).postprocess_nodes([])
LLMLinguaCompressor(model_name="gpt2", open_api_config={"k": 1})
"""


def test_calls_are_found(tmp_path: Path) -> None:
    """Imports, constructors and methods, with the line and what to write; methods of other objects are not."""
    (tmp_path / "old.py").write_text(OLD)
    found = {(one.line, one.found): one.write for one in find_calls(tmp_path)}
    wanted = ("lingua ", "Lingua", "Compressor(", "self.compressor.", "self.other(", "self.other.")
    lines = [line.removesuffix("texts.compress_prompt(1)") for line in OLD.splitlines()]
    assert {line for line, _ in found} == {i for i, line in enumerate(lines, 1) if any(w in line for w in wanted)}
    expected = {
        "import llmlingua": "from lingua_shared.compat import PromptCompressor",
        "from llmlingua import PromptCompressor": "from lingua_shared.compat import PromptCompressor",
        "Compressor(...)": "device_map='balanced' is one device here",
        "self.compressor.compress_prompt(...)": "ratio is rate",
        "self.other(...)": "never run as code",
        "self.other.compress_prompt(...)": 'write rankers=("contrastive",)',
        "self.other.structured_compress_prompt(...)": "reorder_context does nothing for tagged prompts",
        "self.other.compress_json(...)": "rate does nothing for JSON",
        "self.other.compress_prompt_llmlingua2(...)": "chunk_end_tokens does nothing",
        "Compressor().compress_prompt(...)": "no change",
        "Compressor(use_llmlingua2=True).compress_prompt(...)": "keep_split does nothing with LLMLingua-2",
        "self.other.recover(...)": "no change",
        "LongLLMLinguaPostprocessor(...)": "LongLLMLinguaPostprocessor.from_llmlingua(...)",
        "LLMLinguaCompressor(...)": "LongLLMLinguaCompressor.from_llmlingua(...); open_api_config does nothing",
    }
    by_call: dict[str, list[str]] = {}
    for (_, call), write in found.items():
        by_call.setdefault(call, []).append(write)
    assert len(by_call["self.compressor.compress_prompt(...)"]) == 2
    assert by_call["self.compressor.compress_prompt(...)"][1].startswith("question does nothing with LLMLingua-2")
    assert {call: any(part in write for write in by_call.get(call, [])) for call, part in expected.items()} == (
        dict.fromkeys(expected, True)
    )


def test_other_files_are_left_alone(tmp_path: Path) -> None:
    """Files without llmlingua, files of other kinds, and folders of installed packages."""
    (tmp_path / "new.py").write_text(
        "from lingua_shared import PromptCompressor\nPromptCompressor().compress_prompt()\n"
    )
    (tmp_path / "notes.md").write_text("from llmlingua import PromptCompressor")
    (tmp_path / "venv").mkdir()
    (tmp_path / "venv" / "old.py").write_text(OLD)
    assert list(find_calls(tmp_path)) == []


@pytest.mark.parametrize("content", [b"def f(:\n", b"\x00", b"\xff\xfe = 1\n"])
def test_what_cannot_be_parsed_is_said(tmp_path: Path, content: bytes) -> None:
    """The other files are still read."""
    (tmp_path / "a.py").write_bytes(content)
    (tmp_path / "b.py").write_text("import llmlingua\n")
    first, second = find_calls(tmp_path)
    assert (first.path.name, first.found) == ("a.py", "cannot be parsed")
    assert (second.path.name, second.line) == ("b.py", 1)


def test_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """One line a place, and their number; a path that is not there ends with status 2."""
    file = tmp_path / "old.py"
    file.write_text("import llmlingua\nllmlingua.PromptCompressor()\n")
    assert main(["check", str(file)]) == 0
    assert capsys.readouterr().out == (
        f"{file}:1: import llmlingua -> from lingua_shared.compat import PromptCompressor\n"
        f"{file}:2: llmlingua.PromptCompressor(...) -> from lingua_shared.compat import PromptCompressor\n"
        "2 places use llmlingua\n"
    )
    with pytest.raises(SystemExit) as ended:
        main(["check", str(tmp_path / "gone")])
    assert ended.value.code == 2
    assert "gone" in capsys.readouterr().err
