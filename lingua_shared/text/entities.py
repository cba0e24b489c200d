"""Finds entities in a text: names, dates, numbers, URLs, e-mail addresses, links and tags, identifiers, quoted ids.

Compression keeps an entity whole or drops it whole. There is one regular expression for each kind. Every repetition in
them is possessive or bounded, so the search takes linear time on any text. No model is used.
"""

import regex as re

_MONTH = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|"
    r"nov(?:ember)?|dec(?:ember)?)\.?"
)
_NUMBER = r"\d++(?:[.,:/ \u00a0\u202f]\d{3}(?!\d))*+(?:[.,]\d++)?"
_UNIT = (
    r"(?:%|‰|°\s?[CFK]?|per\s?cent|percent|thousand|million|billion|trillion|dozen|hundred|dollars?|euros?|pounds?|yen|"
    r"[kKMGTmµnc]?(?:m|g|s|W|Hz|B|b|V|A|J|L|l|Pa|bar|eV|Wh)(?:[²³23]|/\p{L}{1,4})?|mph|rpm|ft|feet|foot|inch(?:es)?|"
    r"miles?|yards?|acres?|hectares?|tons?|tonnes?|lbs?|oz|met(?:re|er)s?|kilomet(?:re|er)s?|kilograms?|grams?|"
    r"lit(?:re|er)s?|hours?|hrs?|minutes?|mins?|seconds?|secs?|days?|weeks?|months?|years?|centur(?:y|ies)|"
    r"a\.?m\.?|p\.?m\.?|AM|PM|AD|BC|BCE|CE)(?![\p{L}\p{N}])"
)
_CAPITALISED = r"(?<![\p{L}\p{M}\p{N}])\p{Lu}[\p{L}\p{M}\p{N}]*+(?:['’.\-–]\p{L}[\p{L}\p{M}\p{N}]*+){0,8}+"
_NO_DATE = rf"(?!(?i:{_MONTH})\s\d)"  # the date in "On January 20" is no part of a name
_ABBREVIATED = r"(?:(?<=\b(?:\p{Lu}|Dr|Mr|Mrs|Ms|St|Prof|Jr|Sr|Gen|Col|Lt|Sgt|Rev|Hon|Sen|Rep|Capt|No|Mt|Ft))\.)?"
_PARTICLE = r"(?:of|the|de|del|della|der|den|di|da|do|dos|du|la|le|van|von|bin|ibn|al|el|y|e|und|and|&)"

_LABEL = r"(?:[^\[\]\n]|\n(?!\s*\n)|\[[^\[\]\n]{0,100}\](?:\([^()\s]{0,300}\))?){0,300}+"
_TARGET = (
    r"\((?:[^()\"\n]{0,500}+(?:\([^()\n]{0,100}\)[^()\"\n]{0,300}+){0,3}+(?:\"[^\"\n]{0,200}\"\s?)?|"
    r"[^()\s\"]{1,500}+\n[ \t]{0,20}\"[^\"\n]{0,200}\")\)"
)
_ATTRIBUTE = r"(?:[^<>\"'\n]|\"[^\"<]{0,300}\"|'[^'<]{0,300}'|['\"]|\n(?=[ \t]*[\w/>])){0,200}+"

ENTITY_PATTERNS: dict[str, str] = {
    "link": (
        rf"!?\[{_LABEL}\](?:{_TARGET}|\[[^\[\]\n]{{0,100}}\])(?:\{{[^{{}}\n]{{0,100}}\}})?"
        rf"|<(?:(?i:https?|ftp|mailto):[^<>\s]{{1,500}}+|/?[A-Za-z][\w:\-]{{0,40}}(?:[\s,/]{_ATTRIBUTE})?)>|<!--(?:[^-]|-(?!->)){{0,500}}-->"
        r"|:[\w:+.\-]{1,40}:`[^`\n]{1,200}`|`[^`<>\n]{1,200}<[^`<>\s]{1,300}>`__?"
    ),
    "url": r"(?<!\w)(?:(?i:https?|ftp|file)://|www\.)[^\s<>\"'）】」]++",
    "email": r"(?<![\w.+\-])[\w.+\-]{1,64}+@[\w\-]{1,63}+(?:\.[\w\-]{1,63}+){1,8}+",
    "code": (
        r"`[^`\n]{1,80}`|(?a:\b[A-Za-z_]\w*+(?:(?:\.|::|->|/|\\)\w++)++(?:\(\))?|\b[A-Za-z0-9]++(?:_++[A-Za-z0-9]++)++)"
    ),
    "date": (
        rf"(?i:\b\d{{1,2}}(?:st|nd|rd|th)?\s(?:of\s)?{_MONTH}(?:,?\s\d{{4}})?\b"
        rf"|\b{_MONTH}\s\d{{1,2}}(?:st|nd|rd|th)?(?:,?\s\d{{4}})?\b|\b{_MONTH},?\s\d{{4}}\b)"
        r"|\d{1,4}\s?[年년](?:\s?\d{1,2}\s?[月월])?(?:\s?\d{1,2}\s?[日일])?|\d{1,2}\s?[月월]\s?\d{1,2}\s?[日일]"
        r"|\b\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}\b"
    ),
    "number": rf"(?:[$€£¥₹#№]\s?)?{_NUMBER}(?:\s?[-–]\s?{_NUMBER})?(?:[\s\-]?(?:thousand|million|billion|trillion))?"
    rf"(?:\s?{_UNIT})?",
    "quoted": (
        r"\"[^\"\s]{1,60}\"|“[^”\s]{1,60}”|'[^'\s]{1,60}'|«\s?[^»\n]{1,40}\s?»|「[^」\n]{1,40}」|『[^』\n]{1,40}』"
        r"|《[^》\n]{1,40}》"
    ),
    "name": (
        rf"{_CAPITALISED}(?:{_ABBREVIATED}[ \u00a0](?:{_PARTICLE}[ ]){{0,2}}{_NO_DATE}{_CAPITALISED}){{1,5}}"
        rf"|(?:(?<![\p{{L}}\p{{M}}\p{{N}}])\p{{Lu}}\.\s?){{1,4}}{_CAPITALISED}"
    ),
}
"""Regular expression of each kind of entity. At each position they are tried in this order."""

_FIRST = r"(?=[\w!\[<:.+\-`$€£¥₹#№\"“'«「『《])"
"""Lookahead for a character that an entity can begin with; white space and most punctuation are skipped at once."""

_ENTITY = re.compile(f"{_FIRST}(?:{'|'.join(ENTITY_PATTERNS.values())})", flags=re.VERSION1)


def find_entities(text: str) -> list[tuple[int, int]]:
    """Return the (start, end) character spans of the entities of a text, sorted and without overlap."""
    return [match.span() for match in _ENTITY.finditer(text)]
