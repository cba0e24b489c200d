"""A scorer without a model, for tests of everything but the scorers: words shared with the question are relevant."""

import re
from collections.abc import Collection, Sequence

import numpy as np

from lingua_shared.errors import InvalidInputError
from lingua_shared.scoring.protocol import AnswerSigns, Request, SegmentRequest, SentenceScores, TokenScores
from lingua_shared.text.segments import segment


class OverlapScoring:
    """Implements `Scoring`; counts how many requests were opened."""

    device_name = "fake"

    def __init__(self) -> None:
        self.opened = 0
        self.prepared: list[tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]] = []

    def open(self, request: Request) -> "OverlapScores":
        self.opened += 1
        return OverlapScores(request)

    def read_segments(self, request: SegmentRequest) -> "OverlapReader":
        self.opened += 1
        return OverlapReader(request)

    def prepare(self, passages: Sequence[str], rankers: Sequence[str], token_scorers: Sequence[str]) -> None:
        self.prepared += [(tuple(passages), tuple(rankers), tuple(token_scorers))]


class OverlapScores:
    """Implements `Scores`: relevance is the number of the question's words in a passage, by any ranker's name."""

    def __init__(self, request: Request) -> None:
        self._request = request
        self._asked = set(re.findall(r"\w+", (request.question or "").lower()))

    def relevances(self, ranker: str, passages: Sequence[int]) -> np.ndarray:
        if ranker == "given":
            if self._request.given_scores is None:
                msg = 'the ranker "given" needs scores'
                raise InvalidInputError(msg)
            return np.asarray(self._request.given_scores)[list(passages)]
        words = [re.findall(r"\w+", self._request.passages[i].lower()) for i in passages]
        return np.asarray([sum(word in self._asked for word in found) for found in words], dtype=np.float64)

    def token_scores(self, scorer: str, passages: Sequence[int]) -> list[TokenScores]:
        return [self._tokens(self._request.passages[i]) for i in passages]

    def sentence_scores(self, scorer: str, passages: Sequence[int]) -> list[SentenceScores]:
        texts = [self._request.passages[i] for i in passages]
        return [SentenceScores.of_tokens(segment(text).sentences, self._tokens(text)) for text in texts]

    def span_scores(self, scorer: str, passage: int, spans: Sequence[tuple[int, int]]) -> list[float]:
        [tokens] = self.token_scores(scorer, [passage])
        return [tokens.mean(start, end) for start, end in spans]

    def segment_reader(self, scorer: str, passages: Sequence[int]) -> "OverlapReader":
        texts = tuple(self._request.passages[i] for i in passages)
        return OverlapReader(SegmentRequest(texts, self._request.question))

    def probabilities(self) -> np.ndarray | None:
        return None

    def answer_signs(self, passages: Sequence[int]) -> AnswerSigns:
        relevances = self.relevances("", passages)
        return AnswerSigns("fake", relevances, relevances, self.token_scores("", passages))

    def notes(self) -> tuple[str, ...]:
        return ()

    def _tokens(self, passage: str) -> TokenScores:
        return word_scores(passage, self._asked)


def word_scores(text: str, asked: Collection[str]) -> TokenScores:
    """Score words and marks of a text: 1 for words that are asked for, less for others, by their length."""
    found = list(re.finditer(r"\w+|[^\w\s]", text))
    values = [1.0 if m.group().lower() in asked else len(m.group()) / 100 for m in found]
    return TokenScores(
        np.asarray([m.start() for m in found], dtype=np.int64),
        np.asarray([m.end() for m in found], dtype=np.int64),
        np.asarray(values, dtype=np.float32),
    )


class OverlapReader:
    """Implements `SegmentReader`: a word that was kept before is worth nothing the second time.

    It records which segments were read, and which tokens were kept, as (text, first, last) and (text, tokens).
    """

    def __init__(self, request: SegmentRequest) -> None:
        asked = set(re.findall(r"\w+", (request.question or "").lower()))
        self._texts = request.texts
        self._scores = [word_scores(text, asked) for text in request.texts]
        self._known: set[str] = set()
        self.segments: list[tuple[int, int, int]] = []
        self.kept: list[tuple[int, tuple[int, ...]]] = []

    def tokens(self, text: int) -> tuple[np.ndarray, np.ndarray]:
        return self._scores[text].starts, self._scores[text].ends

    def scores(self, text: int, first: int, last: int) -> TokenScores:
        self.segments.append((text, first, last))
        of_text = self._scores[text]
        starts, ends = of_text.starts[first:last], of_text.ends[first:last]
        words = [self._texts[text][a:b].lower() for a, b in zip(starts, ends, strict=True)]
        values = [
            0.0 if word in self._known else value for word, value in zip(words, of_text.values[first:last], strict=True)
        ]
        return TokenScores(starts, ends, np.asarray(values, dtype=np.float32))

    def keep(self, text: int, tokens: Sequence[int]) -> None:
        self.kept.append((text, tuple(tokens)))
        starts, ends = self.tokens(text)
        self._known |= {self._texts[text][starts[i] : ends[i]].lower() for i in tokens}

    def notes(self) -> tuple[str, ...]:
        return ()
