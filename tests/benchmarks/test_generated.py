"""Generated parts of documents: any page may hold any part."""

from pathlib import Path

from benchmarks.generated import pages, rewritten, write_parts

PARTS = {"one": lambda page: f"of {page.name}\n", "two": lambda _page: "2"}


def test_parts_are_replaced_wherever_they_stand(tmp_path: Path) -> None:
    """All of them, as often as they stand; the rest of the text stays."""
    page = tmp_path / "page.md"
    page.write_text(
        "a\n<!-- one -->\nold\n<!-- /one -->\nb\n<!-- two -->\n<!-- /two -->\n<!-- one -->\n<!-- /one -->\n"
    )
    assert rewritten(page, PARTS) == (
        "a\n<!-- one -->\nof page.md\n<!-- /one -->\nb\n<!-- two -->\n2\n<!-- /two -->\n"
        "<!-- one -->\nof page.md\n<!-- /one -->\n"
    )


def test_other_comments_stay(tmp_path: Path) -> None:
    """A name that nothing generates, and a marker without its end, are left as they are."""
    page = tmp_path / "page.md"
    page.write_text("<!-- other -->\nkept\n<!-- /other -->\n<!-- one -->\nopen\n")
    assert rewritten(page, PARTS) == page.read_text()


def test_pages_are_readme_docs_and_model_cards(tmp_path: Path) -> None:
    """Only pages that change are written."""
    for name in ("README.md", "docs/a.md", "docs/deep/b.md", "lingua_shared/weights/en/README.md", "tests/README.md"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(
            "<!-- two -->\n2\n<!-- /two -->\n" if name != "docs/a.md" else "<!-- two -->\n\n<!-- /two -->\n"
        )
    assert len(pages(tmp_path)) == 4
    assert write_parts(tmp_path, PARTS) == [tmp_path / "docs" / "a.md"]
    assert write_parts(tmp_path, PARTS) == []
