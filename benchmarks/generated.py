"""Generated parts of documents: the text between `<!-- name -->` and `<!-- /name -->`, wherever it stands.

Any page may hold any part; a name that nothing generates is left as it is.
"""

import re
from collections.abc import Callable, Mapping
from pathlib import Path

Part = Callable[[Path], str]
"""Takes the page that the part is written into, for links relative to it, and returns the text."""

_PART = re.compile(r"<!-- (?P<name>[\w.-]+) -->\n.*?<!-- /(?P=name) -->", re.DOTALL)


def pages(root: Path) -> list[Path]:
    """Return the documents that may hold generated parts: README, docs and the model cards."""
    found = [root / "README.md", *(root / "docs").rglob("*.md"), *(root / "lingua_shared").rglob("README.md")]
    return sorted(path for path in found if path.exists())


def rewritten(page: Path, parts: Mapping[str, Part]) -> str:
    """Return the text of a page with its parts written anew."""

    def new_part(match: re.Match[str]) -> str:
        name = match["name"]
        if name not in parts:
            return match[0]
        return f"<!-- {name} -->\n{parts[name](page).strip()}\n<!-- /{name} -->"

    return _PART.sub(new_part, page.read_text(encoding="utf-8"))


def write_parts(root: Path, parts: Mapping[str, Part]) -> list[Path]:
    """Write the parts of all pages anew and return the pages that changed."""
    changed = []
    for page in pages(root):
        text = rewritten(page, parts)
        if text != page.read_text(encoding="utf-8"):
            page.write_text(text, encoding="utf-8")
            changed.append(page)
    return changed
