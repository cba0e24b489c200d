"""What holds for every prompt with tags: protected text, rates, budget, places of errors."""

from dataclasses import dataclass, field
from random import Random

import pytest

from lingua_shared import BudgetError, CompressionOptions, InvalidInputError, ModelOptions, PromptCompressor
from lingua_shared.prompts.result import StructuredResult
from tests.chats import COUNT, text
from tests.fakes import OverlapScoring
from tests.prompt_cases import cases, seeded

COMPRESSOR = PromptCompressor(ModelOptions(), scoring=OverlapScoring())


@dataclass
class Tagged:
    """A random prompt: what is written, and its texts, each with where it begins and its rate (None: the options')."""

    written: str = ""
    texts: list[tuple[int, str, float | None]] = field(default_factory=list)

    def add(self, random: Random, rate: float | None, depth: int) -> None:
        """Add texts at a rate, and tags among them."""
        for _ in range(random.randint(1, 3)):
            piece = random.choice((text(random), "  a < b\n", "<b>bold</b> <llm rate=3> </a>", "\n\n", " 1 <"))
            self.texts.append((len(self.written), piece, rate))
            self.written += piece
            if depth == 3 or random.random() < 0.3:
                return
            inner, tag = random_tag(random)
            self.written += tag
            self.add(random, inner, depth + 1)
            self.written += random.choice(("</llmlingua>", "</llmlingua >"))

    def check(self, result: StructuredResult) -> None:
        """Check that parts stand in their places at their rates, and that all else is byte for byte there."""
        position, parts = 0, {part.place: part for part in result.parts}
        for start, piece, rate in self.texts:
            core = piece if rate == 0 else piece.strip()
            first = piece.index(core)
            part = parts.pop(place(self.written, start + first), None)
            shown = piece
            if part is not None:
                assert (part.source, rate == 1) == (core, False)
                shown = piece[:first] + part.text + piece[first + len(core) :]
                assert part.compressed_tokens <= (1 if rate is None else rate) * part.original_tokens + 1e-9
                assert all(core[span.start : span.end] in part.text for span in part.spans)
            assert result.text.startswith(shown, position)
            position += len(shown)
        assert (position, parts) == (len(result.text), {})


def place(written: str, position: int) -> str:
    lines = written[:position].split("\n")
    return f"line {len(lines)}, column {len(lines[-1]) + 1}"


def random_tag(random: Random) -> tuple[float | None, str]:
    rate = round(random.uniform(0.1, 0.9), 2)
    return random.choice(
        (
            (rate, f"<llmlingua rate={rate}>"),
            (rate, f"<llmlingua, rate = '{rate}', compress=True>"),
            (1.0, f"<llmlingua, compress=False, rate={rate}>"),
            (1.0, '<llmlingua compress="false">'),
            (0.0, "<llmlingua rate=0>"),
            (None, "<llmlingua>"),
        )
    )


def tagged_prompt(random: Random) -> Tagged:
    tagged = Tagged()
    tagged.add(random, 1.0, 0)
    return tagged


def test_random_tags() -> None:
    """Each text keeps at most its share, made of slices; all else is byte for byte the same."""
    random, shortened = seeded("tags"), 0
    for _ in range(number := cases(14)):
        tagged, rate = tagged_prompt(random), random.choice((None, 0.3))
        options = CompressionOptions(rate=rate)
        result = COMPRESSOR.compress_tagged(tagged.written, question="Where is the bridge?", options=options)
        tagged.texts = [(start, piece, (rate or 0.5) if one is None else one) for start, piece, one in tagged.texts]
        tagged.check(result)
        assert result.compressed_tokens == COUNT(result.text)
        assert result.original_tokens == COUNT("".join(piece for _, piece, _ in tagged.texts))
        shortened += len(result.parts)
    assert shortened > number


def test_random_budgets() -> None:
    """The whole prompt is within its budget; an error says that it cannot be, where literal text alone exceeds it."""
    random, met = seeded("budgets"), 0
    for _ in range(number := cases(14)):
        tagged = tagged_prompt(random)
        budget = int(COUNT(tagged.written) * random.uniform(0.1, 1.0))
        literal = [piece if rate == 1 else spaces_around(piece) for _, piece, rate in tagged.texts if rate != 0]
        try:
            result = COMPRESSOR.compress_tagged(tagged.written, options=CompressionOptions(target_tokens=budget))
        except BudgetError:
            assert COUNT("".join(literal)) > budget
            continue
        met += 1
        assert COUNT(result.text) <= budget
        tagged.check(result)
    assert met > number // 4


def spaces_around(piece: str) -> str:
    core = piece.strip()
    return piece[: piece.index(core)] + piece[piece.index(core) + len(core) :]


def test_text_without_tags_is_returned_with_a_note() -> None:
    """Nothing is shortened outside of tags."""
    result = COMPRESSOR.compress_tagged("a < b and <llmlinguas>")
    assert (result.text, result.parts) == ("a < b and <llmlinguas>", ())
    assert result.notes == ("the prompt has no tag <llmlingua>, so nothing was shortened",)


@pytest.mark.parametrize(
    ("prompt", "message"),
    [
        ("one\n two <llmlingua rate=0.4>three", "line 2, column 6 is not closed"),
        ("one</llmlingua>", "line 1, column 4 closes nothing"),
        ("<llmlingua rate=1.5>a</llmlingua>", r"line 1, column 1 has rate='1.5'; a rate is a number from 0 to 1"),
        ("<llmlingua rate=nan>a</llmlingua>", "a rate is a number from 0 to 1"),
        ("<llmlingua rate=>a</llmlingua>", "has 'rate=', which is no attribute"),
        ("<llmlingua share=1>a</llmlingua>", "unknown attribute 'share'; allowed are rate and compress"),
        ("<llmlingua rate=1 rate=1>a</llmlingua>", "names twice 'rate'"),
        ("<llmlingua compress=no>a</llmlingua>", "has compress='no'; allowed are True and False"),
        ("<llmlingua rate=1 a</llmlingua>", 'has no ">" at its end'),
        ("<llmlingua>a</llmlingua rate=1>", "closes a text and has attributes"),
    ],
)
def test_wrong_tags_are_named_with_their_place(prompt: str, message: str) -> None:
    """The error says where the tag is and what is wrong with it."""
    with pytest.raises(InvalidInputError, match=message):
        COMPRESSOR.compress_tagged(prompt)
