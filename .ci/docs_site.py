"""Hooks of the documentation's site: links out of the folder `docs`, and what language models read of it (llms.txt)."""

import posixpath
import re
from ast import literal_eval
from contextlib import suppress
from pathlib import Path
from typing import Any

from griffe import Attribute, Docstring, ExprCall, ExprKeyword, Extension, Object
from mkdocs.structure.files import File, Files

_LINK = re.compile(r"(?P<image>!?)\[(?P<text>[^\]]*)\]\((?P<path>\.\./[^)#\s]*)(?P<anchor>#[^)\s]*)?\)")
_PLOTS = "benchmarks/results/plots/"
_NO_PROSE = re.compile(r"<!--.*?-->|^```.*?^```|^[#|!<-].*?$", re.DOTALL | re.MULTILINE)


class Docstrings(Extension):
    """Lets the reference show examples as code, and options with their descriptions."""

    def on_object(self, *, obj: Object, **_: Any) -> None:
        """Call the section of examples as the parser of docstrings knows it, and read fields of pydantic."""
        if isinstance(obj.docstring, Docstring):
            obj.docstring.value = re.sub(r"^Example:$", "Examples:", obj.docstring.value, flags=re.MULTILINE)
        if isinstance(obj, Attribute) and isinstance(obj.value, ExprCall) and str(obj.value.function) == "Field":
            _describe(obj, obj.value)


def _describe(field: Attribute, call: ExprCall) -> None:
    """Take the description and the default of a field."""
    said = {one.name: str(one.value) for one in call.arguments if isinstance(one, ExprKeyword)}
    with suppress(ValueError, SyntaxError):  # a text that is put together when the module runs
        field.docstring = Docstring(literal_eval(said.get("description", "")), parent=field)
    field.value = said.get("default")


def on_files(files: Files, *, config: Any) -> Files:
    """Add the plots of the benchmarks, which lie outside of `docs`."""
    root = Path(config["config_file_path"]).parent
    for plot in sorted((root / _PLOTS).glob("*.svg")):
        files.append(File.generated(config, f"plots/{plot.name}", abs_src_path=str(plot)))
    return files


def on_page_markdown(markdown: str, *, page: Any, config: Any, **_: Any) -> str:
    """Let links to files of the repository outside of `docs` lead to the repository, or to the copies of plots."""
    folder = posixpath.dirname(page.file.src_uri)

    def linked(match: re.Match[str]) -> str:
        place = posixpath.normpath(posixpath.join("docs", folder, match["path"]))
        anchor = match["anchor"] or ""
        if place.startswith("docs/"):
            return match[0]
        if match["image"] and place.startswith(_PLOTS):
            target = posixpath.relpath(f"plots/{place.removeprefix(_PLOTS)}", folder or ".")
        else:
            target = f"{config['repo_url']}/blob/main/{place}{anchor}"
        return f"{match['image']}[{match['text']}]({target})"

    return _LINK.sub(linked, markdown)


def on_env(env: Any, *, files: Files, config: Any, **_: Any) -> Any:
    """Write each page as Markdown beside its HTML, and llms.txt, which lists them."""
    site = Path(config["site_dir"])
    site.mkdir(parents=True, exist_ok=True)
    lines = [f"# {config['site_name']}", "", f"> {config['site_description']}", "", "## Pages", ""]
    for file in files.documentation_pages():
        page = file.page
        if page is None or page.markdown is None or file.src_uri.startswith("reference/"):
            continue  # the reference is made of docstrings, so its Markdown says nothing
        (site / file.src_uri).write_text(page.markdown, encoding="utf-8")
        lines.append(f"- [{page.title}]({file.src_uri}): {_about(page.markdown)}")
    (site / "llms.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return env


def _about(markdown: str) -> str:
    """Return the first sentence of a page's running text."""
    blocks = [" ".join(block.split()) for block in _NO_PROSE.sub("", markdown).split("\n\n")]
    first = next((block for block in blocks if block and not block.startswith("Contents")), "")
    plain = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", first)
    return re.split(r"(?<=[.:]) ", plain)[0].rstrip(":")
