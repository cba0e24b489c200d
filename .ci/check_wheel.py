"""Checks a wheel: python .ci/check_wheel.py FILE.whl. Run by `make build`, with the Python that has the dependencies.

The wheel must hold the encoders with the notices of the models they were trained from, its description must have no
link that only works in the repository, and a copy in a clean folder must import, compress, show a report
and run the command.
"""

import re
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from zipfile import ZipFile

WEIGHTS = ("LICENSE-*", "config.json", "model.safetensors", "tokenizer.json")
RELATIVE_LINK = re.compile(r"\]\((?!https?://|#)[^)]*\)")
USE = """
import os, sys
os.environ["HF_HUB_OFFLINE"] = "1"
sys.path.insert(0, sys.argv[1])
import langchain_lingua, lingua_shared, llamaindex_lingua
for package in (langchain_lingua, lingua_shared, llamaindex_lingua):
    assert package.__file__.startswith(sys.argv[1]), package.__file__
options = lingua_shared.CompressionOptions(rate=0.6, unit="sentence")
for question, passage in (
    ("Who built the mill?", "The mill at Thorn was built by Ole Brandt. The ferry sails at noon, and takes cars."),
    ("Wer baute die Mühle?", "Die Mühle in Thorn baute Ole Brandt. Die Fähre geht um zwölf und nimmt Autos mit."),
):
    result = lingua_shared.PromptCompressor().compress([passage], question=question, options=options)
    assert "Ole Brandt" in result.text and result.rate <= 0.6, result.text
    print(f"{result.model}: {result.text}")
    assert "</html>" in result.to_html()
from lingua_shared.command_line.app import run
from lingua_shared.evaluation import page
assert run(["models"]) == 0
"""


def main(path: Path) -> None:
    with ZipFile(path) as wheel, TemporaryDirectory() as folder:
        wheel.extractall(folder)
        _check_files(Path(folder))
        subprocess.run([sys.executable, "-I", "-W", "error", "-c", USE, folder], cwd=folder, check=True)
    print(f"{path.name} is complete and works")


def _check_files(folder: Path) -> None:
    """Exit with a message where a file is missing, or a link of the description is relative."""
    encoders = [path for path in (folder / "lingua_shared" / "weights").iterdir() if path.is_dir()]
    missing = [f"{encoder.name}/{name}" for encoder in encoders for name in WEIGHTS if not any(encoder.glob(name))]
    (metadata,) = folder.glob("*.dist-info")
    notices = {file.name for file in (metadata / "licenses").rglob("LICENSE*")}
    wanted = {"LICENSE", *(file.name for encoder in encoders for file in encoder.glob("LICENSE-*"))}
    links = RELATIVE_LINK.findall((metadata / "METADATA").read_text(encoding="utf-8"))
    if len(encoders) != 2 or missing or notices != wanted or links:
        sys.exit(f"encoders: {len(encoders)} of 2; missing: {missing}, {wanted - notices}; relative links: {links}")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
