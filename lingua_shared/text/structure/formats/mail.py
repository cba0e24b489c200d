"""E-mails: fields of the header, attributions ("On ... wrote:"), quoted text, signature.

A field is a unit; sender and subject are the path of what follows. Quoted lines need the attribution above them.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import regex as re

from lingua_shared.text.structure.formats.markdown_signs import has_markup
from lingua_shared.text.structure.formats.plain import add_blocks
from lingua_shared.text.structure.part import Line, Part
from lingua_shared.text.structure.wrapped import add_wrapped

_FROM = "from|von|de|da|van|från|fra|od|от|expéditeur"
_SUBJECT = "subject|betreff|objet|asunto|oggetto|assunto|onderwerp|ämne|emne|temat|тема"
_OTHERS = (
    "to|cc|bcc|date|sent|reply-to|sender|message-id|in-reply-to|references|return-path|received|delivered-to|mime-version|"
    "content-type|content-transfer-encoding|list-id|user-agent|importance|attachments?|"
    "an|datum|gesendet|kopie|à|envoyé|para|enviado|fecha|cc|a|inviato|data|aan|verzonden|till|skickat|кому|дата|"
    "x-[a-z\\-]{1,40}|list-[a-z\\-]{1,40}|dkim-[a-z\\-]{1,40}|arc-[a-z\\-]{1,40}"
)
_FIELD = re.compile(
    rf"[ \t]*[*_]{{0,2}}(?i:(?P<from>{_FROM})|(?P<subject>{_SUBJECT})|{_OTHERS})"
    r"[*_]{0,2}[ \t]?:[*_]{0,2}(?:[ \t]|$)"
)
_FOLDED = re.compile(r"[ \t]+\S")
_ORIGINAL = re.compile(
    r"[ \t]*(?:-{2,}[ \t]?[\p{L} ]{5,40}[ \t]?-{2,}|Begin forwarded message:|_{10,}|From \S+@\S+ .*)\s*$"
)
_ATTRIBUTION = re.compile(
    r"[ \t>]*(?:(?:(?:On|Am|Le|El|Il|Em|Op|Den|W dniu)[ ]|\d{1,4}[-./]\d)(?=.{0,100}[\d@<]).{1,200}"
    r"|.{1,60}(?:writes|wrote|schrieb|a écrit|escribió))[ ]?:\s*$"
)
_QUOTED = re.compile(r"[ \t]{0,3}>")
_QUOTE = re.compile(r"[ \t]{0,3}(?:> ?)+")
_SIGNATURE = re.compile(r"-- ?\r?\n?$")


def parse_mail(part: Part) -> bool:
    """Add the units of one or several e-mails: it has a header with sender or subject, or a quote with attribution."""
    lines = part.lines()
    headers = _headers(lines)
    if not headers and has_markup([line.text for line in lines]):
        return False
    if not headers and not any(_attribution(lines, number) for number in range(len(lines))):
        return False
    mail = _Mail(part, lines)
    at = 0
    for first, last in [*headers, (len(lines), len(lines))]:
        mail.add_body(at, first)
        mail.add_header(first, last)
        at = last
    return True


def _headers(lines: Sequence[Line]) -> list[tuple[int, int]]:
    """Return the headers: two fields or more in successive lines, of which one is the sender or the subject."""
    found, at = [], 0
    while at < len(lines):
        last, fields, known = at, 0, set()
        while last < len(lines) and (match := _FIELD.match(lines[last].text)):
            fields, last = fields + 1, last + 1
            known |= {name for name, value in match.groupdict().items() if value}
            while last < len(lines) and _FOLDED.match(lines[last].text) and not _FIELD.match(lines[last].text):
                last += 1
        if fields > 1 and known:
            found.append((at - 1 if at and _ORIGINAL.match(lines[at - 1].text) else at, last))
        at = max(last, at + 1)
    return found


def _attribution(lines: Sequence[Line], at: int) -> int:
    """Return how many lines an attribution takes that begins at a line, with quoted lines behind it; 0 without."""
    for count in (1, 2):
        behind = at + count
        text = "".join(line.text.rstrip("\n") + " " for line in lines[at:behind])
        if behind >= len(lines) or not _ATTRIBUTION.match(text.rstrip()):
            continue
        if lines[behind].is_blank and behind + 1 < len(lines):
            behind += 1
        depth = _depth(lines[at])
        if _depth(lines[behind]) > depth:
            return count
    return 0


def _depth(line: Line) -> int:
    match = _QUOTE.match(line.text)
    return match.group().count(">") if match else 0


@dataclass
class _Mail:
    """Adds the parts of e-mails; `path` has the subject and the sender of the one that is read."""

    part: Part
    lines: Sequence[Line]
    path: tuple[int, ...] = ()

    def add_header(self, first: int, last: int) -> None:
        """Add fields, each with the folded lines behind it."""
        lines, at = self.lines, first
        sender: list[int] = []
        subject: list[int] = []
        while at < last:
            end = at + 1
            match = _FIELD.match(lines[at].text)
            while match and end < last and not _FIELD.match(lines[end].text):
                end += 1
            if match:
                number = self.part.add(lines[at].start, lines[end - 1].end, "field")
                subject += [number] if match["subject"] else []
                sender += [number] if match["from"] else []
            elif not lines[at].is_blank:
                self.part.add(lines[at].start, lines[at].end, "markup", role="support")
            at = end
        self.path = (*sender, *subject)

    def add_body(self, at: int, last: int) -> None:
        """Add what stands between two headers: text, quotes with their attributions, signature."""
        while at < last:
            count = _attribution(self.lines, at)
            if count:
                start, end = self.lines[at].start, self.lines[at + count - 1].end
                number = self.part.add(start, end, "lead_in", role="support", path=self.path)
                at = self._add_quote(at + count, last, (number,))
            elif _QUOTED.match(self.lines[at].text):
                at = self._add_quote(at, last, ())
            elif _SIGNATURE.match(self.lines[at].text):
                at = self._add_signature(at, last)
            else:
                at = self._add_text(at, last)

    def _add_quote(self, at: int, last: int, needs: tuple[int, ...]) -> int:
        """Add quoted lines up to the next attribution; lines that are quoted as often make one text."""
        lines = self.lines
        while at < last and lines[at].is_blank:
            at += 1
        while at < last and _depth(lines[at]) and not _attribution(lines, at):
            end, depth = at + 1, _depth(lines[at])
            if (behind := self._quoted_header(at, last)) > at:
                start, end = lines[at].start, lines[behind - 1].end
                needs = (self.part.add(start, end, "lead_in", role="support", needs=needs, path=self.path),)
                at = behind
                continue
            while end < last and _depth(lines[end]) == depth and not _attribution(lines, end):
                end += 1
            start, stop = lines[at].start, lines[end - 1].end
            add_wrapped(self.part, start, stop, "quote", prefix=_QUOTE, needs=needs, path=self.path)
            at = end
        return at

    def _quoted_header(self, at: int, last: int) -> int:
        """Return where the fields of a quoted mail end that say who wrote it; `at` where none does."""
        end, depth, has_sender = at, _depth(self.lines[at]), False
        while end < last and _depth(self.lines[end]) == depth:
            text = self.lines[end].text
            match = _FIELD.match(_QUOTE.sub("", text, count=1))
            if not match:
                break
            has_sender, end = has_sender or bool(match["from"]), end + 1
        return end if has_sender else at

    def _add_signature(self, at: int, last: int) -> int:
        end = at + 1
        while end < last and not self.lines[end].is_blank and end - at < 8:
            end += 1
        self.part.add(self.lines[at].start, self.lines[end - 1].end, "field", path=self.path)
        return end

    def _add_text(self, at: int, last: int) -> int:
        end = at + 1
        while end < last and not (
            _QUOTED.match(self.lines[end].text)
            or _SIGNATURE.match(self.lines[end].text)
            or _attribution(self.lines, end)
        ):
            end += 1
        if any(not line.is_blank for line in self.lines[at:end]):
            add_blocks(self.part.inner(self.lines[at].start, self.lines[end - 1].end, path=self.path))
        return end
