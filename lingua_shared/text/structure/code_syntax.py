"""Recognises source code and how it is written: by braces, by indentation, in a shell, in SQL."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import regex as re

_STRINGS = r"\"(?:\\.|[^\"\\\n])*+\"?+|'(?:\\.|[^'\\\n])*+'?+"
_BRACKET = r"(?P<bracket>[()\[\]{}])"


@dataclass(frozen=True)
class Syntax:
    """How the code of some languages is written.

    Attributes:
        name: what they are called here.
        token: finds brackets, strings and comments; the groups are `bracket`, `string`, `comment`.
        has_braces: whether a brace at the end of a line begins a block, not a literal.
        ends_with_semicolon: whether a statement goes on until a semicolon.
        has_block_comments: whether a comment may stand between slashes with stars.
    """

    name: str
    token: re.Pattern[str]
    has_braces: bool = False
    ends_with_semicolon: bool = False
    has_block_comments: bool = False


def _syntax(name: str, string: str, comment: str, **settings: bool) -> Syntax:
    return Syntax(name, re.compile(rf"(?P<comment>{comment})|(?P<string>{string})|{_BRACKET}", re.DOTALL), **settings)


_TRIPLE = r"\"\"\"(?:\\.|[^\\\"]|\"(?!\"\"))*+(?:\"\"\")?+|'''(?:\\.|[^\\']|'(?!''))*+(?:''')?+"
_HEREDOC = (
    r"<<[-~]?[ \t]*['\"]?(?P<mark>[A-Za-z_]\w{0,30})['\"]?[^\n]*+\n"
    r"(?:(?![ \t]*+(?P=mark)\b)[^\n]*+\n){0,400}+[ \t]*+(?P=mark)"
)

PYTHON = _syntax("python", f"{_TRIPLE}|{_STRINGS}", r"\#[^\n]*+")
BRACES = _syntax(
    "braces",
    r"\"(?:\\.|[^\"\\\n])*+\"?+|`(?:\\.|[^`\\])*+`|'(?:\\.|[^'\\\n]){1,80}+'",
    r"(?<![:\w])//[^\n]*+|/\*(?:[^*]|\*(?!/))*+(?:\*/)?+",
    has_braces=True,
    has_block_comments=True,
)
SHELL = _syntax(
    "shell", rf"{_HEREDOC}|\"(?:\\.|[^\"\\]){{0,4000}}+\"|'[^']{{0,4000}}+'|\\.", r"(?:(?<=\s)|(?<![\s\S]))\#[^\n]*+"
)
SQL = _syntax(
    "sql",
    r"'[^']{0,4000}+'|\"[^\"\n]*+\"",
    r"--[^\n]*+|/\*(?:[^*]|\*(?!/))*+(?:\*/)?+",
    ends_with_semicolon=True,
    has_block_comments=True,
)
OTHER = _syntax("other", _STRINGS, r"(?:(?<=\s)|(?<![\s\S]))(?:\#|--|//)[^\n]*+|\{-(?:[^-]|-(?!\}))*+(?:-\})?+")


def _any_of(*patterns: str) -> re.Pattern[str]:
    return re.compile("|".join(patterns))


_PYTHON_LINE = _any_of(
    r"(?:async )?def \w+\(|class \w+\b[^;!?]{0,120}:$|@\w[\w.]*(?:\(|$)",
    r"(?:import [\w.]+(?: as \w+)?(?:, [\w.]+)*|from [\w.]+ import [\w(*].*)$",
    r"(?:if|elif|for|while|with|except|match|case)\b.{1,200}:(?: *#.*)?$|(?:try|else|finally):$",
    r"(?:return|raise|yield|assert|del|await)\b[^.]{0,10}[\w(\[{\"'][^.!?]*[^\s.!?]$",
    r"self\.\w+|(?:pass|break|continue|return)$|print\(|\"\"\"",
)
_DECLARED = (
    r"(?:public|private|protected|static|export|const|let|var|func|fn|pub|package|namespace|struct|enum|interface|"
    r"impl|function)\b"
)
_BRACE_LINE = _any_of(
    r".*\{$|[}\])]+[;,)]*$|\} *(?:else|catch|finally|while)\b.*|.*[)\w\]\"'`}];$",
    r"#(?:include|define|ifn?def|endif|pragma)\b",
    rf"{_DECLARED}.*[{{}}();=].*",
    r".*=>.*[{(;,]$|(?:if|for|while|switch) ?\(.*\) ?\{?$",
    r"package [\w.]+;?$|import [\"({*\w].*[\"';]$",
)
_SHELL_LINE = _any_of(
    r"#!.*\b(?:ba|z|k|da)?sh\b|(?:fi|done|esac|then|do|;;)$",
    r"(?:if|while|until) (?:\[|!|test|\w+ ).*; ?(?:then|do)$|for \w+ in .*|case .* in$",
    r"(?:export|local|readonly) \w+=|\w+=(?:\$|\"|').*|[\w-]+\(\) ?\{",
    r"(?:echo|cd|mkdir|rm|cp|mv|source|exit|sudo|apt-get|curl|grep|sed|set) [-\"'$/\w.].*",
    r".* \| (?:grep|awk|sed|sort|xargs|head|tail|wc)\b.*",
)
_SQL_LINE = _any_of(
    r"(?i:select .{1,200}(?: from .*|,)$|select$|from \w[\w.\"]*.*|where .*[=<>].*)",
    r"(?i:(?:left |right |inner |outer |cross )?join \w.*|insert into \w.*|update [\w.\"]+(?: set.*|$)|set \w+ ?=.*)",
    r"(?i:delete from \w.*|alter table \w.*|drop (?:table|index|view)\b.*|with \w+ as \()",
    r"(?i:create (?:or replace )?(?:unique )?(?:table|index|view|function|trigger|schema|database)\b.*)",
    r"(?i:(?:group by|order by|having) .*|values ?\(?.*|(?:limit \d+;?|begin;?|commit;|union(?: all)?)$)",
)
_OTHER_LINE = _any_of(
    r"(?:end|END)$|def \w+[?!]?(?:[ (].*)?$|(?:module|class) [A-Z][\w:]*(?: < [\w:]+)?$|require ['\"].*",
    r"local \w+ = .*|local function .*|function \w[\w.:]*\(.*\)$|.* do(?: \|.*\|)?$",
    r"(?:FROM|RUN|COPY|ENTRYPOINT|CMD|WORKDIR|ENV|ARG|EXPOSE) \S.*|[\w.%/$(){}-]+:(?: [\w.%/$(){} -]+)?$",
    r"\(def\w* .*|\(\w+[ (].*\)+$|\w+ :: .*->.*|<\?php.*|\w+ ?<- ?\S.*",
)
_WEAK_LINE = _any_of(
    r".*\w\(.*\)[\])}]*[,;:]?$|[\w.:>&*-]+\(.*\)?[;,]?$|.*[{}(\[,;\\|]$|[)\]}.|&?:].*",
    r"[\w.]+(?:\[[^\]]*\])?(?:, [\w.]+)* [-+*/|]?= \S.*",
    r"[\w.\[\]\"'$@*&!:<>-]+(?: ?: ?[\w.\[\]<>, |&*]+)? *(?:[-+*/|&%^?]|\?\?|:|<<|>>)?= *\S.*",
    r"(?:for|if|elif|while)\b.* (?:in|is|not|==|<|>|!=) .*|(?:else|try)\b.*",
    r"(?:#|//|/\*|\*|--)(?: .*|$)|[\w.-]+ ?: [^ ].*[,;]$|\"[^\"]*\",?$|'[^']*',?$|[\w.]+,$",
    r"(?:return|case|default|import|using|use|let|var|const|export)\b[^.]*$",
)
_PROSE_LINE = re.compile(r"[\p{L}\"'“(][^{}=;<>$\\]*[\p{L}\d)\"'”,.:!?]$")
_SIGNS = ((SQL, _SQL_LINE), (PYTHON, _PYTHON_LINE), (BRACES, _BRACE_LINE), (SHELL, _SHELL_LINE), (OTHER, _OTHER_LINE))
"""Of two that fit as many lines, the first one counts: a line of SQL may end like one with braces."""

_REFUSED = re.compile(
    r"^[ \t]*(?:```|~~~)|\\(?:begin|section|usepackage|documentclass)\b|<(?:html|!DOCTYPE|\?xml|div|p)\b",
    re.IGNORECASE | re.MULTILINE,
)

_CODE_LINE = re.compile(r"^[ \t]*(?:def|class|import|from|return|@\w|\w+ = )", re.MULTILINE)
_MAX_LOOK = 240  # characters of a line


def code_syntax(text: str) -> Syntax:
    """Return the syntax that most lines of a code fit."""
    lines = list(_looks(text))
    counts = [(sum(bool(sign.match(line)) for line in lines), syntax) for syntax, sign in _SIGNS]
    most, syntax = max(counts, key=lambda count: count[0])
    return syntax if most else OTHER


def end_of_cut_token(text: str, syntax: Syntax) -> int:
    """Return where a docstring or comment ends that begins before the text; 0 if there is none."""
    if syntax is PYTHON:
        found = [(place, quotes) for quotes in ('"""', "'''") if (place := text.find(quotes)) >= 0]
        place, quotes = min(found, default=(0, ""))
        cut = quotes and text.count(quotes) % 2 and not _CODE_LINE.search(text[:place])
        return place + len(quotes) if cut else 0
    closing, opening = text.find("*/"), text.find("/*")
    if not syntax.has_block_comments or closing < 0 or 0 <= opening < closing:
        return 0
    return closing + 2


def looks_like_code(text: str) -> bool:
    """Whether a text is source code: many lines that only code has, and hardly any that look like prose.

    Comments and strings over several lines do not count.
    """
    syntax = code_syntax(text)
    bare = _without_comments(text[end_of_cut_token(text, syntax) :], syntax)
    return not _REFUSED.search(bare) and _is_code(list(_looks(bare)), dict(_SIGNS)[syntax])


def _looks(text: str) -> Iterator[str]:
    """Yield what each line begins and ends with; blank lines are left out."""
    for line in text.split("\n"):
        look = line.strip()
        if look:
            yield look if len(look) <= _MAX_LOOK else f"{look[: _MAX_LOOK - 40]} {look[-40:]}"


def _without_comments(text: str, syntax: Syntax) -> str:
    """Return a text without comments, and without strings of several lines."""

    def shortened(match: re.Match[str]) -> str:
        found = match.group()
        return "" if match["comment"] or ("\n" in found and match["string"]) else found

    return str(syntax.token.sub(shortened, text))


def _is_code(lines: Sequence[str], sign: re.Pattern[str]) -> bool:
    strong = [bool(sign.match(line)) for line in lines]
    weak = [not is_strong and bool(_WEAK_LINE.match(line)) for is_strong, line in zip(strong, lines, strict=True)]
    prose = sum(
        not (a or b) and bool(_PROSE_LINE.match(line)) and len(line.split()) > 5
        for a, b, line in zip(strong, weak, lines, strict=True)
    )
    count = len(lines)
    return (
        sum(strong) >= 2
        and 6 * sum(strong) >= count
        and 10 * (sum(strong) + sum(weak)) >= 6 * count
        and 8 * prose <= count
    )
