"""Installs a wheel and an sdist into a clean environment, one after the other, and uses them: `make release-check`.

The environment has nothing but what the package asks for, in the versions of requirements.lock. What is used: both
adapters and the engine, the report, and the command `lingua`.
"""

import subprocess
import sys
import venv
from pathlib import Path
from tempfile import TemporaryDirectory

ROOT = Path(__file__).parent.parent
USE = """
import os, sys
os.environ["HF_HUB_OFFLINE"] = "1"
from langchain_core.documents import Document
from llama_index.core.schema import NodeWithScore, TextNode
import langchain_lingua, lingua_shared, llamaindex_lingua

for package in (langchain_lingua, lingua_shared, llamaindex_lingua):
    assert "site-packages" in package.__file__, package.__file__
assert lingua_shared.__version__ == sys.argv[1], lingua_shared.__version__
question = "Who built the mill?"
texts = ["The mill at Thorn was built by Ole Brandt. It is red.", "The ferry sails at noon. It takes cars."]
monitor = lingua_shared.CompressionMonitor(lingua_shared.price_of("gpt-5-mini"))
engine = lingua_shared.PromptCompressor(on_result=monitor)
nodes = [NodeWithScore(node=TextNode(text=text)) for text in texts]
nodes = llamaindex_lingua.LinguaPostprocessor(rate=0.5, compressor=engine).postprocess_nodes(nodes, query_str=question)
documents = [Document(text) for text in texts]
documents = langchain_lingua.LinguaCompressor(rate=0.5, compressor=engine).compress_documents(documents, question)
result = engine.compress(texts, question=question, options=lingua_shared.CompressionOptions(rate=0.5))
for text in (nodes[0].text, documents[0].page_content, result.text):
    assert "Ole Brandt" in text, text
assert "</html>" in result.to_html() and monitor.totals().calls == 3
print(monitor)
"""


def main(dist: Path) -> None:
    """Check the one wheel and the one sdist of a folder."""
    (wheel,), (sdist,) = dist.glob("*.whl"), dist.glob("*.tar.gz")
    version = wheel.name.split("-")[1]
    with TemporaryDirectory() as folder:
        environment = Path(folder) / "environment"
        venv.create(environment, with_pip=True)
        python = environment / "bin" / "python"
        versions = ["--constraint", str(ROOT / "requirements.lock")]
        _run(python, "-m", "pip", "install", "--quiet", *versions, f"{wheel.resolve()}[all]")
        _use(python, version, Path(folder))
        print(f"{wheel.name} works in a clean environment")
        _run(python, "-m", "pip", "install", "--quiet", "--force-reinstall", "--no-deps", str(sdist.resolve()))
        _use(python, version, Path(folder))
        print(f"{sdist.name} works in a clean environment")


def _use(python: Path, version: str, folder: Path) -> None:
    """Use what is installed, from a folder in which nothing of the repository lies."""
    _run(python, "-I", "-c", USE, version, folder=folder)
    lingua = python.parent / "lingua"
    text = folder / "mill.md"
    text.write_text("The mill at Thorn was built by Ole Brandt. The ferry sails at noon, and takes cars.")
    kept = _run(lingua, "compress", str(text), "--question", "Who built the mill?", "--rate", "0.6", folder=folder)
    if "Ole Brandt" not in kept:
        sys.exit(f"`lingua compress` kept {kept!r}")
    _run(lingua, "doctor", folder=folder)


def _run(program: Path, *arguments: str, folder: Path | None = None) -> str:
    """Return what a program writes; exit with its messages where it fails."""
    done = subprocess.run([program, *arguments], cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"{program.name} {' '.join(arguments)[:80]} failed:\n{done.stdout}\n{done.stderr}")
    return done.stdout


if __name__ == "__main__":
    main(Path(sys.argv[1]))
