"""What holds for every request, whatever the text and the options."""

import re
from bisect import bisect_left, bisect_right
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import chain, pairwise
from typing import Any

import pytest
import regex
from hypothesis import assume, given, reject
from hypothesis import strategies as st

from lingua_shared import BudgetError, CompressionOptions, CompressionResult, ModelOptions, PromptCompressor
from lingua_shared.methods import METHODS
from lingua_shared.text.entities import find_entities
from lingua_shared.text.segments import segment
from lingua_shared.text.token_counting import make_counter
from tests.fakes import OverlapScoring

WORDS = [
    "the",
    "keeper",
    "of",
    "lighthouse",
    "walked",
    "slowly",
    "along",
    "a",
    "cold",
    "shore",
    "while",
    "seven",
    "boats",
    "waited",
    "for",
    "tide",
    "and",
    "wind",
    "to",
    "turn",
    "again",
    "before",
    "night",
    "came",
    "over",
    "small",
    "harbour",
    "where",
    "people",
    "sang",
    "old",
    "songs",
    "about",
    "storms",
]
NAMES = [
    "Gull Point",
    "Ann Lee",
    "4 July 1871",
    "12 kg",
    "$3.5 million",
    "https://example.org/a",
    "x_1",
    "1871",
    "Paris",
]
WILD = [
    *" \n\t.!?,\x00\x1c\x85\u00a0\u3000\u2028\u200d\ufe0f\u0301\u0600",
    "\r\n",
    "👩🏽‍🚀",
    "🇩🇪",
    "e\u0301",
    " \u0301x ",
    "กำลังไป",
    "東京は雨。",
    "한국 ",
    "שלום ",
    "مرحبا ",
    "नमस्ते। ",
    "Gull Point ",
    "lighthouse ",
]


def sentence_of(words: list[str]) -> str:
    return f"{words[0].capitalize()} {' '.join(words[1:])}.".replace(" .", ".")


plain_passages = st.lists(
    st.lists(
        st.lists(st.sampled_from(WORDS + NAMES), min_size=2, max_size=12).map(sentence_of), min_size=1, max_size=5
    ).map(" ".join),
    min_size=1,
    max_size=6,
)
wild_passages = st.lists(
    st.lists(st.sampled_from(WILD + WORDS) | st.characters(exclude_categories=["Cs"]), max_size=25).map("".join),
    max_size=5,
)
any_passages = plain_passages | wild_passages
questions = st.sampled_from(["Where is the lighthouse?", "Who is Ann Lee?", "東京?", "7", "boats at night in 1871"])
tokenizers = st.sampled_from(
    ["cl100k_base", "o200k_base", len, str.split, lambda text: len(text.encode()), lambda text: len(text) // 3]
)
amounts: st.SearchStrategy[dict[str, Any]] = st.one_of(
    st.fixed_dictionaries({"rate": st.floats(0.01, 1)}),
    st.fixed_dictionaries({"target_tokens": st.integers(0, 150)}),
    st.just({}),
)
shapes = st.fixed_dictionaries(
    {},
    optional={
        "unit": st.sampled_from(["passage", "sentence", "word"]),
        "order": st.sampled_from(["original", "relevance", "edges"]),
        "coarse_ratio": st.floats(1, 4),
        "method": st.sampled_from(sorted(METHODS)),
        "budget_schedule": st.sampled_from(["compete", "linear", "uniform"]),
        "budget_delta": st.floats(0, 1),
        "budget_strength": st.floats(0, 1),
        "whole_share": st.floats(0, 1),
        "max_passages": st.integers(1, 4),
        "separator": st.sampled_from(["\n\n", " ", "", "\n---\n", "。", "\n"]),
        "tokenizer": tokenizers,
    },
)
forces = st.fixed_dictionaries(
    {},
    optional={
        "force_words": st.lists(st.sampled_from(["the", "LEE", "東京", "shore", "kg", ""]), max_size=2),
        "keep_digits": st.booleans(),
        "keep_first_sentence": st.booleans(),
    },
)


@dataclass
class Request:
    """Everything that `compress` is called with."""

    passages: list[str]
    question: str
    options: dict[str, Any]
    headers: list[str] | None = None
    scoring: OverlapScoring = field(default_factory=OverlapScoring)

    def compress(self) -> CompressionResult:
        """Compress; an example whose forced parts do not fit is passed over."""
        try:
            return self.compress_or_raise()
        except BudgetError:
            reject()

    def compress_or_raise(self) -> CompressionResult:
        compressor = PromptCompressor(ModelOptions(), scoring=self.scoring)
        options = CompressionOptions(**self.options)
        return compressor.compress(self.passages, question=self.question, options=options, headers=self.headers)

    @property
    def separator(self) -> str:
        return str(self.options.get("separator", "\n\n"))

    def count(self, text: str) -> int:
        return make_counter(self.options.get("tokenizer", "cl100k_base"))(text)

    @property
    def budget(self) -> int:
        headers = self.headers or [""] * len(self.passages)
        text = self.separator.join(header + passage for header, passage in zip(headers, self.passages, strict=True))
        if "target_tokens" in self.options:
            return int(self.options["target_tokens"])
        return int(self.options.get("rate", 0.5) * self.count(text) + 1e-9)


@st.composite
def requests(draw: st.DrawFn, /, passages: Any = any_passages, **fixed: Any) -> Request:
    texts = draw(passages)
    headers = draw(
        st.none() | st.lists(st.sampled_from(["", "Title: ", "東京:\n"]), min_size=len(texts), max_size=len(texts))
    )
    options = {**draw(amounts), **draw(shapes), **draw(forces), **fixed}
    return Request(texts, draw(questions), options, headers)


# The budget


@given(requests(plain_passages, tokenizer=lambda text: len(text) // 3) | requests())
def test_never_over_the_budget(request: Request) -> None:
    """The final text, counted with the target tokenizer, is within the budget."""
    result = request.compress()
    assert request.count(result.text) <= request.budget or result.text == ""


@given(
    requests(plain_passages, max_passages=None),
    st.sampled_from(
        [len, lambda text: len(text) % 7, lambda text: sum(map(ord, text)) % 50, lambda text: hash(text) % 2]
    ),
)
def test_never_over_the_budget_of_a_tokenizer_that_makes_no_sense(request: Request, tokenizer: Any) -> None:
    """Even where more text may count less, the final text is within the budget."""
    request.options["tokenizer"] = tokenizer
    result = request.compress()
    assert request.count(result.text) <= request.budget or result.text == ""


@given(
    requests(
        st.lists(plain_passages.map(" ".join), min_size=2, max_size=5),
        unit="word",
        max_passages=None,
        force_words=[],
        keep_digits=False,
        keep_first_sentence=False,
    ),
    st.integers(40, 200),
)
def test_the_budget_is_used(request: Request, target_tokens: int) -> None:
    """With words as units, at least 90 % of the budget is used, where words are small against it."""
    request.options.pop("rate", None)
    request.options.update(target_tokens=target_tokens, tokenizer="cl100k_base")
    result = request.compress()
    assume(result.original_tokens > target_tokens)
    assert result.compressed_tokens >= 0.9 * target_tokens


@given(requests())
def test_counts_are_those_of_the_texts(request: Request) -> None:
    """Every count in the result is the target tokenizer's of that text."""
    result = request.compress()
    assert result.compressed_tokens == request.count(result.text)
    assert [p.compressed_tokens for p in result.passages] == [request.count(p.text) for p in result.passages]
    facts = [*result.passages, *result.dropped]
    assert [p.original_tokens for p in facts] == [request.count(request.passages[p.index]) for p in facts]
    assert 0 <= result.rate <= 1


@given(requests(), st.sampled_from(["passage", "sentence", "word"]))
def test_what_fits_comes_back_unchanged(request: Request, unit: str) -> None:
    """A text within the budget is returned as it is, unscored, in the order handed in."""
    request.options.update(unit=unit, max_passages=None, target_tokens=100_000, rate=None)
    result = request.compress_or_raise()
    assert [p.text for p in result.passages] == request.passages
    assert [p.index for p in result.passages] == list(range(len(request.passages)))
    assert (result.dropped, result.notes, request.scoring.opened) == ((), (), 0)


@given(requests())
def test_a_rate_of_one_is_the_identity(request: Request) -> None:
    """At rate 1 the text is the passages joined by the separator, byte for byte."""
    request.headers = None
    request.options.update(rate=1, target_tokens=None, max_passages=None)
    result = request.compress_or_raise()
    assert result.text.encode() == request.separator.join(request.passages).encode()
    assert result.compressed_tokens == result.original_tokens


@given(requests())
def test_compressing_again_changes_nothing(request: Request) -> None:
    """What came out, put in again with the same target, comes out the same."""
    request.options.update(target_tokens=request.budget, rate=None)
    first = request.compress()
    assume(first.compressed_tokens <= request.options["target_tokens"])
    headers = request.headers and [request.headers[p.index] for p in first.passages]
    second = Request([p.text for p in first.passages], request.question, request.options, headers).compress()
    assert second.text == first.text
    assert second.notes == ()


# Slices


@given(requests())
def test_each_span_is_a_slice_in_order(request: Request) -> None:
    """Spans lie inside the source, in order, apart from each other, and start and end with a visible character."""
    for passage in request.compress().passages:
        source, spans = request.passages[passage.index], passage.spans
        assert all(0 <= span.start <= span.end <= len(source) for span in spans)
        assert all(before.end < after.start for before, after in pairwise(spans))
        if [tuple(span[:2]) for span in spans] != [(0, len(source))]:
            assert passage.text == passage.text.strip() or regex.match(r"\s\p{M}", passage.text)


@given(requests())
def test_the_text_of_a_passage_is_its_slices(request: Request) -> None:
    """Between two slices stands nothing, or a space or line break, or the marker of gaps."""
    request.options["gap_marker"] = "[...]"
    for passage in request.compress().passages:
        slices = [request.passages[passage.index][start:end] for start, end, _ in passage.spans]
        assert len(passage.gaps) == len(slices) - 1
        assert "".join(chain(*zip(slices, [*passage.gaps, ""], strict=True))) == passage.text
        assert set(passage.gaps) <= {"", " ", "\n", " [...] ", "[...] ", "[...]\n", "\n[...]\n"}


@given(requests(plain_passages))
def test_words_of_a_spaced_script_never_run_together(request: Request) -> None:
    """In English, the words that came out are words that went in."""
    for passage in request.compress().passages:
        slices = [request.passages[passage.index][start:end] for start, end, _ in passage.spans]
        assert passage.text.split() == [word for piece in slices for word in piece.split()]
        assert set(passage.text.split()) <= set(request.passages[passage.index].split())


@given(requests())
def test_the_text_is_the_passages_joined(request: Request) -> None:
    """The text is each passage behind its header, joined by the separator."""
    result = request.compress()
    headers = request.headers or [""] * len(request.passages)
    assert result.text == request.separator.join(headers[p.index] + p.text for p in result.passages)


@given(requests())
def test_words_are_never_cut(request: Request) -> None:
    """A span starts and ends at borders of words, but for white space around it."""
    for passage in request.compress().passages:
        source = request.passages[passage.index]
        borders = segment(source).words
        for start, end, _ in passage.spans:
            assert source[borders[bisect_right(borders, start) - 1] : start].strip() == ""
            assert source[end : borders[bisect_left(borders, end)]].strip() == ""


@given(requests(wild_passages))
def test_graphemes_are_never_cut(request: Request) -> None:
    """No span starts or ends inside what a reader sees as one character."""
    for passage in request.compress().passages:
        source = request.passages[passage.index]
        between_graphemes = {0} | {match.end() for match in regex.finditer(r"\X", source)}
        assert {border for span in passage.spans for border in span[:2]} <= between_graphemes


@given(requests())
def test_entities_are_kept_whole_or_dropped_whole(request: Request) -> None:
    """Of a name, number or id, all characters are kept or none."""
    for passage in request.compress().passages:
        source = request.passages[passage.index]
        kept = {i for start, end, _ in passage.spans for i in range(start, end)}
        for start, end in find_entities(source):
            inside = [i in kept for i in range(start, end)]
            assert all(inside) or not any(inside)


# Units


@given(requests(plain_passages, unit="passage", force_words=["the"], keep_digits=True, on_empty="note"))
def test_whole_passages(request: Request) -> None:
    """With unit="passage" each kept passage is whole."""
    result = request.compress()
    assert [p.text for p in result.passages] == [request.passages[p.index] for p in result.passages]


@given(requests(plain_passages, unit="sentence", force_words=["the"], keep_digits=True, on_empty="note"))
def test_only_one_unit_is_cut(request: Request) -> None:
    """With unit="sentence" each span is made of whole units, but for white space around them and one unit."""
    cut = set()
    for passage in request.compress().passages:
        source = request.passages[passage.index]
        borders = segment(source).sentences
        for start, end, _ in passage.spans:
            first, last = bisect_right(borders, start) - 1, bisect_left(borders, end)
            cut |= {(passage.index, first)} if source[borders[first] : start].strip() else set()
            cut |= {(passage.index, last - 1)} if source[end : borders[last]].strip() else set()
    assert len(cut) <= 1


# Passages


@given(requests())
def test_each_passage_is_kept_or_dropped(request: Request) -> None:
    """Indices of what was kept and what was dropped are those of all passages, each once."""
    result = request.compress()
    indices = [p.index for p in (*result.passages, *result.dropped)]
    assert sorted(indices) == list(range(len(request.passages)))


@given(requests(), st.integers(1, 4))
def test_no_more_passages_than_allowed(request: Request, most: int) -> None:
    """max_passages bounds the passages in the text, whatever the budget."""
    request.options["max_passages"] = most
    assert len(request.compress().passages) <= most


@given(requests(plain_passages, rate=0.6, target_tokens=None), st.sampled_from(["original", "relevance", "edges"]))
def test_the_order_asked_for(request: Request, order: str) -> None:
    """Passages come as handed in, by relevance, or with the best at both ends."""
    request.options["order"] = order
    result = request.compress()
    assume(request.scoring.opened)
    ranking = [p.index for p in sorted(result.passages, key=lambda p: (-(p.relevance or 0), p.index))]
    edges: list[int | None] = [None] * len(ranking)
    for place, index in enumerate(ranking):
        edges[place // 2 if place % 2 == 0 else -1 - place // 2] = index
    expected = {"original": sorted(ranking), "relevance": ranking, "edges": edges}
    assert [p.index for p in result.passages] == expected[order]


@given(requests())
def test_dropped_passages_come_by_relevance(request: Request) -> None:
    """What was dropped is listed, most relevant first; copies come last."""
    dropped = [(-(p.relevance or 0), p.index) for p in request.compress().dropped if p.copy_of is None]
    assert dropped == sorted(dropped)


@given(requests(), st.booleans())
def test_sources(request: Request, include: bool) -> None:  # noqa: FBT001 - drawn
    """The result holds the passages handed in, unless it shall not."""
    request.options["include_source"] = include
    result = request.compress()
    for passage in (*result.passages, *result.dropped):
        assert passage.source == (request.passages[passage.index] if include else None)


# What is forced


@given(requests(), st.data())
def test_kept_passages_are_whole_or_an_error_says_why_not(request: Request, data: st.DataObject) -> None:
    """A passage to keep is in the text, byte for byte, or the error names what it needs and the budget."""
    assume(request.passages)
    keep = data.draw(st.sets(st.integers(0, len(request.passages) - 1), max_size=2))
    request.options.update(keep_passages=keep, max_passages=None)
    try:
        result = request.compress_or_raise()
    except BudgetError as error:
        needed, budget = map(int, re.findall(r"needs (\d+) tokens, but the budget is (\d+);", str(error))[0])
        assert needed > budget == request.budget
    else:
        texts = {p.index: p.text for p in result.passages}
        assert {index: texts.get(index) for index in keep} == {index: request.passages[index] for index in keep}


@given(requests(plain_passages, unit="word", keep_passages=()), st.sampled_from(["the", "Lee", "shore", "1871"]))
def test_forced_words_are_kept(request: Request, word: str) -> None:
    """Each occurrence of a forced word in a kept passage is kept."""
    request.options["force_words"] = [word.upper()]
    pattern = re.compile(rf"\b{word}\b", flags=re.IGNORECASE)
    for passage in request.compress().passages:
        kept = {i for start, end, _ in passage.spans for i in range(start, end)}
        hits = pattern.finditer(request.passages[passage.index])
        assert [hit.span() for hit in hits if not kept.issuperset(range(*hit.span()))] == []


@given(requests(unit="word", keep_digits=True))
def test_digits_are_kept(request: Request) -> None:
    """Each digit of a kept passage is kept."""
    for passage in request.compress().passages:
        kept = {i for start, end, _ in passage.spans for i in range(start, end)}
        source = request.passages[passage.index]
        assert [i for i, character in enumerate(source) if character.isdecimal() and i not in kept] == []


@given(requests(keep_first_sentence=True, on_empty="note"))
def test_first_sentences_are_kept(request: Request) -> None:
    """The first sentence of a kept passage is kept, but for white space around it."""
    for passage in request.compress().passages:
        source = request.passages[passage.index]
        first = source[slice(*segment(source).sentences[:2])]
        assert passage.text.lstrip().startswith(first.strip())


@given(requests(plain_passages))
def test_scores_handed_in_decide(request: Request) -> None:
    """The ranker "given" ranks by the caller's scores alone."""
    scores = [(index * 7) % 5 + index / 100 for index in range(len(request.passages))]
    options = CompressionOptions(rate=0.6, rankers=("given",), unit="passage", order="relevance")
    compressor = PromptCompressor(scoring=OverlapScoring())
    result = compressor.compress(request.passages, question="Who?", options=options, scores=scores)
    for group in (result.passages, [p for p in result.dropped if p.copy_of is None]):
        assert [p.index for p in group] == sorted((p.index for p in group), key=lambda index: -scores[index])
        assert [p.signals for p in group] == [{"given": scores[p.index]} for p in group]


# The result as a whole


@given(requests())
def test_equal_requests_have_equal_results(request: Request) -> None:
    """Nothing but the seconds differs between two runs."""
    first, second = (request.compress().model_dump(exclude={"seconds"}) for _ in range(2))
    assert first == second


@given(requests())
def test_a_result_survives_json(request: Request) -> None:
    """A result written as JSON and read back is the same."""
    result = request.compress()
    assert CompressionResult.model_validate_json(result.model_dump_json()) == result


@given(requests())
def test_what_is_handed_in_is_not_changed(request: Request) -> None:
    """The caller's lists and options are as they were."""
    passages, headers = list(request.passages), request.headers and list(request.headers)
    options = CompressionOptions(**request.options)
    before = options.model_copy(deep=True)
    with suppress(BudgetError):
        PromptCompressor(scoring=request.scoring).compress(
            request.passages, question=request.question, options=options, headers=request.headers
        )
    assert (request.passages, request.headers, options) == (passages, headers, before)


@given(requests())
def test_relevance_is_there_where_something_was_scored(request: Request) -> None:
    """Every passage has a finite relevance, kept or dropped; None only where nothing was scored."""
    result = request.compress()
    relevances = [p.relevance for p in (*result.passages, *result.dropped)]
    if request.scoring.opened:
        assert all(isinstance(relevance, float) and relevance - relevance == 0 for relevance in relevances)
    else:
        assert relevances == [None] * len(relevances)


@given(requests(), st.sampled_from(["\ud800", "\udfff"]), st.data())
def test_lone_surrogates_are_refused(request: Request, surrogate: str, data: st.DataObject) -> None:
    """Wherever a lone surrogate stands, the error names the passage."""
    assume(request.passages)
    index = data.draw(st.integers(0, len(request.passages) - 1))
    request.passages[index] += surrogate
    with pytest.raises(ValueError, match=f"passage {index} holds the lone surrogate"):
        request.compress_or_raise()
