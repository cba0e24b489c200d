"""The report: what it says of a result, and that it runs nothing of what it shows."""

import json
import re
import shutil
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lingua_shared import CompressionOptions, CompressionResult, PromptCompressor, PromptOptions, recover
from lingua_shared.report.characters import plain, shown
from lingua_shared.report.pieces import LEVELS, Pieces, answer_parts
from tests.fakes import OverlapScoring

LIGHT = "The light at Gull Point was built in 1884. Its keeper grew tall cabbages. Nobody knows why he did so."
FERRY = "The ferry leaves at ten. The crossing takes an hour."
PASSAGES = [FERRY, LIGHT, "Cabbages need water. They grow in rows.", LIGHT]
QUESTION = "When was the light at Gull Point built?"
HOSTILE = (
    "<script>document.title = 'owned'</script><img src=x onerror=\"document.title='owned'\"> </div></details>"
    "<style>*{display:none}</style><a href='javascript:alert(1)'>link</a> <!-- {{ 7 * 7 }} {% raw %} \x1b]0;title\x07"
    "\x1b[2J \u202egnp.exe\u202c \u2066x\u2069 \u200b \U000e0041 \x00 \ufeff ]]> &lt;b&gt; &#60; light"
)
BROWSER = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
BIDI_CONTROLS = re.compile("[\u202a-\u202e\u2066-\u2069]")


def compressed(passages: list[str], question: str = QUESTION, **options: object) -> CompressionResult:
    compressor = PromptCompressor(scoring=OverlapScoring())
    chosen = CompressionOptions.model_validate({"target_tokens": 14, **options})
    return compressor.compress(passages, question=question, options=chosen)


class Page(HTMLParser):
    """What a browser would find in a page."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str, str]] = []
        self.kept: list[str] = []
        self.dropped: list[str] = []
        self._inside: list[str] = []
        self.text = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [(tag, name, value or "") for name, value in attrs]
        kind = tag if tag in ("del", "script", "style") else "kept" if ("class", "kept") in _first_words(attrs) else ""
        if tag in ("span", "del", "script", "style"):
            self._inside.append(kind)
        if kind == "kept" and tag == "span":
            self.kept.append("")
        if tag == "del":
            self.dropped.append("")

    def handle_endtag(self, tag: str) -> None:
        if tag in ("span", "del", "script", "style"):
            self._inside.pop()

    def handle_data(self, data: str) -> None:
        if "script" in self._inside or "style" in self._inside:
            return
        self.text += data
        if "kept" in self._inside:
            self.kept[-1] += data
        elif "del" in self._inside:
            self.dropped[-1] += data


def _first_words(attrs: list[tuple[str, str | None]]) -> list[tuple[str, str]]:
    return [(name, (value or "").partition(" ")[0]) for name, value in attrs]


def test_the_page_shows_kept_and_dropped_text() -> None:
    """Of a passage that was cut, kept and dropped pieces tile the source; a dropped one is there as dropped."""
    result = compressed(PASSAGES)
    page = Page(result.to_html())
    [kept] = result.passages
    assert kept.index == 1
    assert kept.text in page.kept
    assert [kept.text, LIGHT.removeprefix(kept.text)] == [page.kept[-1], page.dropped[1]]
    assert FERRY in page.dropped
    assert page.text.count("same as 1") == 1


def test_the_page_shows_the_figures() -> None:
    """Tokens, rate, passages, relevance, places and seconds of each step stand in the page."""
    result = compressed(PASSAGES)
    text = " ".join(Page(result.to_html()).text.split())
    kept = result.passages[0]
    for figure in (
        f"{result.compressed_tokens} of {result.original_tokens}",
        f"{result.rate:.1%}",
        "1 of 4",
        f"relevance {kept.relevance:.2f}",
        f"{kept.compressed_tokens} of {kept.original_tokens} tokens",
        "1. in the text",
        *(f"{name} {seconds:.3f}" for name, seconds in result.seconds.items()),
    ):
        assert figure in text
    assert result.text in Page(result.to_html()).text


def test_the_page_is_one_file_and_asks_for_nothing() -> None:
    """No element loads anything, and the page's policy forbids all but its own style and script."""
    html = compressed(PASSAGES).to_html()
    page = Page(html)
    assert [a for a in page.attributes if a[1] in ("src", "href", "style", "action", "data") and a[2][:1] != "#"] == []
    assert not {"link", "img", "iframe", "object", "embed", "base", "form"} & set(page.tags)
    assert re.search(r"default-src 'none'; style-src 'sha256-\S+'; script-src 'sha256-\S+';", html)
    assert "://" not in html


def test_hostile_text_is_shown_and_not_obeyed() -> None:
    """Tags, attributes, template code and controls of passages and question are text of the page."""
    result = compressed([HOSTILE, *PASSAGES], f"{QUESTION} {HOSTILE}", target_tokens=400, score_when_fitting=True)
    html = result.to_html()
    page, harmless = Page(html), Page(compressed(PASSAGES).to_html())
    assert set(page.tags) <= {*harmless.tags, "del"}
    assert page.tags.count("script") == page.tags.count("style") == 1
    assert [name for _, name, _ in page.attributes if name.startswith("on")] == []
    assert "<script>document.title = 'owned'</script>" in page.text
    assert "{{ 7 * 7 }} {% raw %}" in page.text
    assert not BIDI_CONTROLS.search(html)
    assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f\u200b\ufeff\U000e0041]", html)
    assert {"U+202E", "U+001B", "U+0000", "U+E0041"} <= set(re.findall(r"U\+[0-9A-F]+", page.text))


@pytest.mark.skipif(BROWSER is None, reason="needs Chromium")
def test_hostile_text_is_not_obeyed_by_a_browser(tmp_path: Path) -> None:
    """In a browser the page's own script runs, and nothing of a passage."""
    file = tmp_path / "report.html"
    compressed([HOSTILE, *PASSAGES], HOSTILE, target_tokens=400, score_when_fitting=True).to_html(file)
    command = [str(BROWSER), "--headless", "--no-sandbox", "--disable-gpu", "--virtual-time-budget=2000", "--dump-dom"]
    done = subprocess.run([*command, file.as_uri()], capture_output=True, text=True, check=True, timeout=60)
    page = Page(done.stdout)
    assert "<title>Compression report</title>" in done.stdout
    assert ("div", "hidden", "") not in page.attributes
    assert ("section", "hidden", "") in page.attributes


def test_a_terminal_gets_no_control_characters() -> None:
    """Whatever a passage holds, what is written to a terminal has only the colours of the report."""
    text = compressed([HOSTILE], HOSTILE, target_tokens=400, score_when_fitting=True).render(color=True)
    assert re.findall(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e]", re.sub(r"\x1b\[[\d;]*m", "", text)) == []
    assert "<U+202E>gnp.exe" in text


@given(st.text(st.characters(codec=None), max_size=60))
def test_ordinary_characters_stay(text: str) -> None:
    """Hidden characters get names; everything else is there in its order."""
    parts = list(shown(text))
    rest = "".join(part for part, name in parts if name is None)
    assert "\r" not in plain(text)
    assert [c for c in rest if c.isalnum()] == [c for c in text if c.isalnum()]


def test_emoji_and_scripts_with_joiners_stay() -> None:
    """Joiners that ordinary text needs are no hidden characters."""
    text = "👩🏽\u200d🚀 می\u200cخواهم a\tb\nc"
    assert plain(text) == text


def test_colours_of_a_terminal() -> None:
    """With colours, dropped text is there and faded; without, […] stands for it."""
    result = compressed([LIGHT, FERRY])
    faded, bare = result.render(color=True, width=200), result.render(color=False, width=200)
    assert re.search(r"\x1b\[2m[^\x1b]*Nobody knows why", faded)
    assert "\x1b" not in bare
    assert "Nobody knows" not in bare
    assert "built in 1884. […]" in bare
    assert f"{result.compressed_tokens} of {result.original_tokens}" in bare


def test_lines_of_a_terminal_have_its_width() -> None:
    """No line is longer than asked."""
    assert max(map(len, compressed(PASSAGES).render(color=False, width=60).splitlines())) <= 60


def test_a_notebook_gets_a_frame() -> None:
    """In a notebook the page stands in a frame that cannot reach the notebook, below a line that says the figures."""
    result = compressed(PASSAGES)
    page = Page(result._repr_html_())
    assert page.tags == ["p", "iframe"]
    assert ("iframe", "sandbox", "allow-scripts") in page.attributes
    assert [value for _, name, value in page.attributes if name == "srcdoc"] == [result.to_html()]


def test_show_writes_to_the_terminal_where_there_is_no_browser(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """On a machine without a browser, `show` prints the report."""
    monkeypatch.setattr("webbrowser._tryorder", [])
    result = compressed(PASSAGES)
    result.show()
    assert capsys.readouterr().out.strip() == result.render(color=False)


def test_to_html_writes_a_file(tmp_path: Path) -> None:
    """The page is written where asked, and returned."""
    file = tmp_path / "report.html"
    html = compressed(PASSAGES).to_html(file)
    assert file.read_text(encoding="utf-8") == html


@pytest.mark.parametrize("passages", [[], [""], ["  \n"], [LIGHT, ""]])
def test_empty_results_have_a_report(passages: list[str]) -> None:
    """Where there is nothing to show, the report says so."""
    result = compressed(passages, score_when_fitting=True)
    assert "</html>" in result.to_html()
    assert result.render(color=False)


def test_a_result_without_sources_shows_what_was_kept() -> None:
    """Where the result does not hold the passages, kept text is shown, and the page says what it lacks."""
    result = compressed(PASSAGES, include_source=False)
    page = Page(result.to_html())
    assert page.kept[-1] == result.passages[0].text
    assert "does not hold the text" in page.text


def test_a_prompt_shows_the_roles_of_its_parts() -> None:
    """The parts of a prompt are named by what they are."""
    prompt = PromptCompressor(scoring=OverlapScoring()).compress_prompt(
        instruction="Answer the question.", demonstrations=[FERRY], question=QUESTION, options=PromptOptions(rate=1)
    )
    assert {"instruction", "demonstration", "question"} <= set(re.findall(r"\w+", Page(prompt.to_html()).text))


def test_an_answer_shows_what_was_restored(tmp_path: Path) -> None:
    """Each restored part is a link to the passage that it comes from; hostile answers are text."""
    source = "The light at Gull Point was first lit on a clear night in March 1884 by <b>Ada</b>."
    result = compressed([FERRY, source], unit="word", target_tokens=12, keep_digits=True)
    kept = result.passages[0].text
    restored = recover(f"<i>\u202e {kept}", result)
    assert restored.replacements
    html = result.to_html(tmp_path / "report.html", answer=restored)
    page = Page(html)
    links = [value for tag, name, value in page.attributes if (tag, name) == ("a", "href")]
    assert links[1:] == [f"#passage-{one.passage}" for one in restored.replacements]
    assert "".join(plain(part) for part, _ in answer_parts(restored)) == plain(restored.text)
    assert "i" not in page.tags
    assert "\u202e" not in html


def test_pieces_tile_the_source() -> None:
    """The pieces of each passage are its source, and importance has its steps."""
    result = compressed(PASSAGES, target_tokens=45)
    for one in Pieces(result).passages:
        assert "".join(piece.text for piece in one.pieces) == one.passage.source
        assert all(0 <= piece.level <= LEVELS for piece in one.pieces)
    levels = [piece.level for one in Pieces(result).passages for piece in one.pieces]
    assert max(levels) == LEVELS


def test_what_the_model_reads_tiles_the_text() -> None:
    """The parts of the second view are the text, headers included, each kept passage one of them."""
    result = PromptCompressor(scoring=OverlapScoring()).compress(
        [FERRY, LIGHT], question=QUESTION, options=CompressionOptions(target_tokens=40), headers=["A: ", "B: "]
    )
    read = Pieces(result).read
    assert "".join(text for text, _ in read) == result.text
    assert {index: text for text, index in read if index is not None} == {p.index: p.text for p in result.passages}


def test_the_page_grows_with_the_passages() -> None:
    """Many passages take a page of about their size, with one closed element for each dropped one."""
    result = compressed([f"{LIGHT} Passage number {i}." for i in range(200)], rate=0.1, target_tokens=None)
    html = result.to_html()
    assert html.count("<details class=") == 200
    assert html.count(" open>") == len(result.passages)
    assert len(html) < 2000 * 200 + 40_000


def test_importing_the_engine_loads_no_library_of_the_report() -> None:
    """Only a report that is asked for loads Jinja and rich."""
    code = "import sys, json, lingua_shared; print(json.dumps([m for m in ('jinja2', 'rich') if m in sys.modules]))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert json.loads(done.stdout) == []
