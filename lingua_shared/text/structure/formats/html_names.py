"""Names of HTML's elements, by what they are."""

from collections.abc import Sequence

VOID = frozenset(
    ("area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source", "track", "wbr")
)
"""Elements without a closing tag."""

HEADINGS = frozenset(("h1", "h2", "h3", "h4", "h5", "h6"))

WRAPPERS = frozenset(
    (
        "html", "body", "head", "div", "section", "article", "main", "header", "footer", "aside", "nav", "form",
        "fieldset", "center", "hgroup", "noscript", "template", "figure", "dialog", "address", "menu",
    )
)  # fmt: skip
"""Elements that say nothing by themselves; what is in them can stand without them."""

BLOCKS = (
    WRAPPERS
    | HEADINGS
    | {
        "p", "ul", "ol", "li", "dl", "dt", "dd", "table", "caption", "colgroup", "col", "thead", "tbody", "tfoot", "tr",
        "td", "th", "pre", "blockquote", "details", "summary", "figcaption", "legend", "hr", "title", "select",
        "optgroup", "option", "iframe", "script", "style", "link", "meta", "base", "svg", "math", "video", "audio",
        "object", "canvas", "textarea",
    }
)  # fmt: skip
"""Elements that running text does not go across."""

RAW = frozenset(("script", "style", "textarea", "svg", "math", "iframe", "select", "canvas", "object"))
"""Elements that are one unit, without worth for a reader, with everything in them."""

_INLINE = frozenset(
    (
        "a", "abbr", "acronym", "b", "bdi", "bdo", "big", "br", "button", "cite", "code", "data", "del", "dfn", "em",
        "font", "i", "img", "input", "ins", "kbd", "label", "mark", "q", "s", "samp", "small", "span", "strike",
        "strong", "sub", "sup", "time", "tt", "u", "var", "wbr", "picture", "source",
    )
)  # fmt: skip

KNOWN = BLOCKS | _INLINE | VOID
"""All elements of HTML."""


_CERTAIN = HEADINGS | {
    "p", "div", "span", "ul", "ol", "li", "td", "tr", "th", "br", "hr", "html", "body", "head", "img", "strong", "em",
    "blockquote", "pre", "dl", "dt", "dd",
}  # fmt: skip
"""Those that hardly anything else uses; names such as title, s or section are in many kinds of XML."""


def is_html(names: Sequence[str]) -> bool:
    """Whether the tags of a text are those of HTML, from their names."""
    certain = sum(name.lower() in _CERTAIN for name in names)
    return certain * 3 > len(names) or (certain > 0 and sum(name.lower() in KNOWN for name in names) * 2 > len(names))
