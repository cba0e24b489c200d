"""Questions with their answers (FAQ). A question is support that each sentence of its answer needs."""

from collections.abc import Sequence
from itertools import pairwise

import regex as re

from lingua_shared.text.structure.formats.markdown_signs import signs
from lingua_shared.text.structure.formats.plain import add_blocks
from lingua_shared.text.structure.part import Line, Part
from lingua_shared.text.structure.wrapped import SHORT, add_wrapped, wrapped_sentences

_NUMBER = r"(?:[ \t]?#?\d{1,3}(?:\.\d{1,3})?)?"
_ASKED = re.compile(
    rf"[ \t]*(?:\*\*|__)?(?i:Q|Question|Frage|Pregunta|Domanda|Pergunta|Vraag|Вопрос|問|问){_NUMBER}"
    r"[ \t]?[:.)：\-–][ \t*_]*(?=\S)"
)
_ANSWERED = re.compile(
    rf"[ \t]*(?:\*\*|__)?(?i:A|Answer|Ans|Antwort|Respuesta|Réponse|R|Risposta|Resposta|Antwoord|Ответ|答){_NUMBER}"
    r"[ \t]?[:.)：\-–](?:[ \t*_]*(?=\S)|\s*$)"
)
_LINE = re.compile(r"[ \t]*(?:\d{1,3}(?:\.\d{1,3}){0,3}[.)]?[ \t]+)?[\p{Lu}\p{Lo}¿][^\n]{5,200}[?？؟]\s*$")


def parse_questions(part: Part) -> bool:
    """Add questions and answers, with labels or as lines that end with a question mark before a paragraph."""
    lines = part.lines()
    if signs([line.text for line in lines]).strong:
        return False
    asked = [number for number, line in enumerate(lines) if _ASKED.match(line.text)]
    if asked and any(_ANSWERED.match(line.text) for line in lines[asked[0] :]):
        _add_all(part, lines, asked, labelled=True)
        return True
    asked = [number for number, line in enumerate(lines) if _is_question(lines, number)]
    paragraphs = 1 + sum(line.is_blank and not other.is_blank for line, other in pairwise(lines))
    if len(asked) < 2 or 6 * len(asked) < paragraphs or (len(asked) == 2 and paragraphs > 6):
        return False
    _add_all(part, lines, asked, labelled=False)
    return True


def _is_question(lines: Sequence[Line], at: int) -> bool:
    """Whether a line is one question, begins a paragraph, and has an answer below it."""
    if not _LINE.match(lines[at].text) or (at and not lines[at - 1].is_blank):
        return False
    behind = next((line for line in lines[at + 1 : at + 3] if not line.is_blank), None)
    if behind is None or _LINE.match(behind.text) or behind.text.lstrip()[:1] in '"“„«—–':
        return False
    text = lines[at].text
    return len(wrapped_sentences(text, 0, len(text))) == 1


def _add_all(part: Part, lines: Sequence[Line], asked: Sequence[int], *, labelled: bool) -> None:
    if any(not line.is_blank for line in lines[: asked[0]]):
        add_blocks(part.inner(part.start, lines[asked[0]].start))
    for first, last in zip(asked, [*asked[1:], len(lines)], strict=True):
        answer = first + 1
        while labelled and answer < last and not _ANSWERED.match(lines[answer].text):
            answer += 1
        _add_pair(part, lines[first:last], answer - first, labelled=labelled)


def _add_pair(part: Part, lines: Sequence[Line], answer: int, *, labelled: bool) -> None:
    """Add a question and its answer; a question without an answer is content."""
    start, end = lines[0].start, lines[-1].end
    if answer == len(lines) or all(line.is_blank for line in lines[answer:]):
        part.add(start, end, "question")
        return
    middle = lines[answer].start
    question = part.add(start, middle, "question", role="support")
    match = _ANSWERED.match(lines[answer].text) if labelled else None
    body = middle + (match.end() if match else 0)
    text = part.draft.text
    if body == end or len(wrapped_sentences(text, body, end)) == 1 or (match and end - middle <= SHORT):
        part.add(middle, end, "answer", needs=(question,))
        return
    needs: tuple[int, ...] = (question,)
    if match and text[middle:body].strip():
        needs = (part.add(middle, body, "list_marker", role="support", needs=needs), question)
    if "\n\n" in text[body:end].strip() or "\n-" in text[body:end] or "\n*" in text[body:end]:
        add_blocks(part.inner(body, end, needs=needs), is_whole=match is None)
    else:
        add_wrapped(part, body, end, "answer", needs=needs)
