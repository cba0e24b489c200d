"""Each page in a headless browser, checked by axe for screen readers and keyboards, on a light and on a dark screen."""

import json
import re
import subprocess
from collections.abc import Callable
from importlib.resources import files
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest

from lingua_shared import CompressionOptions, PromptCompressor
from lingua_shared.evaluation.arms import FULL, LABELS, OURS
from lingua_shared.evaluation.measures import RIGHT
from lingua_shared.evaluation.page import page as evaluation_page
from lingua_shared.evaluation.trial import Outcome, Row
from lingua_shared.evaluation.verdict import verdict
from lingua_shared.service.page import page as service_page
from tests.fakes import OverlapScoring
from tests.unit_tests.test_report import BROWSER

LIGHT = "The light at Gull Point was built in 1884. Its keeper grew tall cabbages. Nobody knows why he did so."
POLICY = re.compile(r"<meta http-equiv=\"Content-Security-Policy\"[^>]*>")
RUN = """
axe.run(document, {resultTypes: ["violations"]}).then(found => {
  const shown = document.createElement("pre");
  shown.id = "axe";
  shown.textContent = encodeURIComponent(JSON.stringify({
    dark: matchMedia("(prefers-color-scheme: dark)").matches,
    passes: found.passes.length,
    violations: found.violations.map(one => [one.id, one.help, one.nodes.map(node => node.html.slice(0, 200))]),
  }));
  document.body.append(shown);
});
"""


def report() -> str:
    """A report with what is kept and what is dropped, and an answer that was restored."""
    options = CompressionOptions(target_tokens=14)
    engine = PromptCompressor(scoring=OverlapScoring())
    question = "When was the light at Gull Point built?"
    return engine.compress(["The ferry leaves at ten.", LIGHT], question=question, options=options).to_html()


def evaluation() -> str:
    """The page of an evaluation with a reader, a lost answer and a fault."""
    outcomes = {name: Outcome(1.0, 100, 0.1, "1884", float(name != OURS), 1.0) for name in LABELS}
    outcomes[FULL] = Outcome(1.0, 400, 0.0, "1884", 1.0, 1.0)
    rows = [Row("a", "Which?", ("1884",), outcomes), Row("b", "Who?", ("Ada",), None, "HTTP status 500")]
    found = verdict(rows, acceptable_loss=0.05, measure=RIGHT)
    return evaluation_page(found, rows, source="questions.jsonl", options="rate=0.5", reader="tiny")


def checked(html: str, folder: Path, *flags: str) -> dict[str, Any]:
    """What axe finds in a page; its policy, which lets no other script run, is taken out for it."""
    axe = files("axe_core_python").joinpath("axe.min.js").read_text(encoding="utf-8").replace("</script", "<\\/script")
    path = folder / "page.html"
    assert "</body>" in html
    scripts = f"<script>{axe}</script><script>{RUN}</script>"
    path.write_text(POLICY.sub("", html).replace("</body>", f"{scripts}</body>"), encoding="utf-8")
    command = [str(BROWSER), "--headless", "--no-sandbox", "--disable-gpu", "--virtual-time-budget=20000", *flags]
    done = subprocess.run(
        [*command, "--dump-dom", path.as_uri()], capture_output=True, text=True, check=True, timeout=120
    )
    found = re.search(r'<pre id="axe">([^<]*)</pre>', done.stdout)
    assert found, done.stderr[-1000:]
    whole: dict[str, Any] = json.loads(unquote(found[1]))
    return whole


@pytest.mark.skipif(BROWSER is None, reason="there is no browser")
@pytest.mark.parametrize("is_dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("page", [report, evaluation, service_page])
def test_axe_finds_nothing(page: Callable[[], str], is_dark: bool, tmp_path: Path) -> None:  # noqa: FBT001 - a case
    """No violation of any rule; the screen is as dark as asked for."""
    flags = ("--blink-settings=preferredColorScheme=0",) if is_dark else ("--blink-settings=preferredColorScheme=1",)
    found = checked(page(), tmp_path, *flags)
    assert found["passes"] > 10
    assert found["dark"] is is_dark
    assert found["violations"] == []


@pytest.mark.skipif(BROWSER is None, reason="there is no browser")
def test_axe_would_find_something(tmp_path: Path) -> None:
    """A page without a language, a title and the name of a button."""
    found = checked("<html><body><main><button></button></main></body></html>", tmp_path)
    assert {"button-name", "document-title", "html-has-lang"} <= {name for name, *_ in found["violations"]}
