"""HTML becomes units of which any choice has its tags in pairs, and its rows under their own header."""

from html.parser import HTMLParser
from random import Random

import pytest

from lingua_shared.text.structure.formats.html_names import VOID
from lingua_shared.text.structure.parse import parse
from tests.made_up_data import DOCUMENTS, SENTENCES
from tests.structures import assert_tiles, choices, described, kept_text

INLINE = (
    "<b>{}</b>", '<a href="https://example.org/?q=1&amp;r=2">{}</a>', "<i>{}</i>", "<code>{}</code>",
    "<em><b>{}</b></em>", "{}<br>", "<span class='x y'>{}</span>", '{} <img src="a.png" alt="a > b">',
)  # fmt: skip


def escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;")


def words(random: Random) -> str:
    """A sentence, often with a part of it in an inline element."""
    sentence = escaped(random.choice(SENTENCES))
    if random.random() < 0.5:
        tokens = sentence.split(" ")
        first = random.randrange(len(tokens))
        last = random.randint(first, len(tokens))
        tokens[first:last] = [random.choice(INLINE).format(" ".join(tokens[first:last]))]
        sentence = " ".join(tokens)
    return sentence


def text(random: Random, most: int = 4) -> str:
    return " ".join(words(random) for _ in range(random.randint(1, most)))


def table(random: Random, number: int) -> str:
    columns = random.randint(2, 4)
    head = "<tr>" + "".join(f"<th>T{number} column {i}</th>" for i in range(columns)) + "</tr>"
    rows = "".join(
        "<tr>" + "".join(f"<td>{escaped(random.choice(SENTENCES))} {number}</td>" for _ in range(columns)) + "</tr>"
        for _ in range(random.randint(1, 5))
    )
    if random.random() < 0.5:
        return f"<table class='t'><thead>{head}</thead><tbody>{rows}</tbody></table>"
    return f"<table>{head}{rows}</table>"


def block(random: Random, depth: int, number: int) -> str:
    kind = random.randrange(8 if depth else 5)
    if kind < 2:
        return f"<p>{text(random)}</p>"
    if kind == 2:
        return (
            f"<h{random.randint(1, 4)}>{words(random)}</h1>".replace("</h1>", "</h2>")
            if depth < 0
            else "<h2>Of lamps</h2>"
        )
    if kind == 3:
        return table(random, number)
    if kind == 4:
        return f"<dl><dt>Lamp</dt><dd>{text(random)}</dd><dt>Tide</dt><dd>{text(random, 1)}</dd></dl>"
    inner = "".join(block(random, depth - 1, number * 10 + i) for i in range(random.randint(1, 3)))
    if kind == 5:
        items = "".join(f"<li>{text(random, 2)}{inner if random.random() < 0.3 else ''}</li>" for _ in range(3))
        return f"<ul>\n{items}</ul>"
    return f"<div>{inner}</div>" if kind == 6 else f"<blockquote>{inner}{text(random)}</blockquote>"


class _Balance(HTMLParser):
    """Counts tags that do not match, and reads the tables."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.faults = 0
        self.cells: list[list[str]] = []

    def handle_starttag(self, tag: str, attrs: object) -> None:
        if tag not in VOID:
            self.open.append(tag)
        if tag == "table":
            self.cells.append([])

    def handle_endtag(self, tag: str) -> None:
        self.faults += not self.open or self.open.pop() != tag

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] in ("th", "td"):
            self.cells[-1].append(data)


def read(html: str) -> _Balance:
    parser = _Balance()
    parser.feed(html)
    parser.close()
    parser.faults += len(parser.open)
    return parser


def test_any_choice_has_its_tags_in_pairs_and_rows_under_their_header() -> None:
    """No tag is lost or doubled, and each table that is kept begins with its own header row."""
    random = Random(51)
    for _ in range(3 * DOCUMENTS):
        source = "\n".join(block(random, 2, i + 1) for i in range(random.randint(2, 6)))
        structure = parse(source)
        if structure.format != "html":  # less than two blocks
            assert source.count("<") < 30
            continue
        assert_tiles(source, structure)
        assert read(source).faults == 0
        for chosen in choices(structure, random, 3):
            kept = kept_text(source, chosen, structure)
            found = read(kept)
            assert found.faults == 0, kept
            for cells in found.cells:
                number = cells[0].split()[0].removeprefix("T")
                assert all(cell.startswith(f"T{number} ") or cell.endswith(f" {number}") for cell in cells), kept


PAGE = """<!DOCTYPE html>
<html><head><title>Harbour office</title><style>p { margin: 0 }</style></head>
<body><h2>Berths</h2>
<p>A berth costs <b>40 crowns</b> a night. No fires! See <a href="/map">the map</a>.</p>
<p>These are free:</p>
<ul><li>dogs</li><li>children under 12</li></ul>
<dl><dt>Mole</dt><dd>A wall against waves.</dd></dl>
</body></html>"""


def test_units_of_a_page() -> None:
    """Wrappers and styles are support that nothing needs; items need the line before their list."""
    assert [(kind, role, unit.strip()) for kind, role, unit in described(PAGE)][5:] == [
        ("markup", "support", "</head>"),
        ("markup", "support", "<body>"),
        ("heading", "support", "<h2>Berths</h2>"),
        ("markup", "support", "<p>"),
        ("sentence", "content", "A berth costs <b>40 crowns</b> a night."),
        ("sentence", "content", "No fires!"),
        ("sentence", "content", 'See <a href="/map">the map</a>.'),
        ("markup", "support", "</p>"),
        ("lead_in", "support", "<p>These are free:</p>"),
        ("markup", "support", "<ul>"),
        ("sentence", "content", "<li>dogs</li>"),
        ("sentence", "content", "<li>children under 12</li>"),
        ("markup", "support", "</ul>"),
        ("markup", "support", "<dl>"),
        ("term", "support", "<dt>Mole</dt>"),
        ("definition", "content", "<dd>A wall against waves.</dd>"),
        ("markup", "support", "</dl>"),
        ("markup", "support", "</body>"),
        ("markup", "support", "</html>"),
    ]


def test_what_a_unit_comes_with() -> None:
    """An item has its list and lead-in, a definition its term, a sentence its paragraph."""
    structure = parse(PAGE)

    def kept(words: str) -> str:
        return kept_text(PAGE, [structure.unit_at(PAGE.index(words))], structure)

    assert kept("under 12") == "<p>These are free:</p>\n<ul> <li>children under 12</li></ul>"
    assert kept("against") == "<dl><dt>Mole</dt><dd>A wall against waves.</dd></dl>"
    assert kept("No fires") == "<p> No fires! </p>"


def test_headings_are_the_path() -> None:
    """The nearest heading comes first."""
    source = "<h1>Port</h1><p>One.</p><h2>Fees</h2><p>Two is more.</p><h1>Town</h1><p>Three.</p>"
    structure = parse(source)

    def path(words: str) -> list[str]:
        unit = structure.units[structure.unit_at(source.index(words))]
        return [source[structure.units[i].start : structure.units[i].end] for i in unit.path]

    assert path("Two") == ["<h2>Fees</h2>", "<h1>Port</h1>"]
    assert path("Three") == ["<h1>Town</h1>"]


def test_rows_need_cells_that_reach_over_them() -> None:
    """A row under a cell of several rows comes with the row of that cell; rows without <th> with the first row."""
    rows = "<tr><td rowspan=2>Alma</td><td>1871</td></tr><tr><td>1902</td></tr><tr><td>Skua</td><td>1925</td></tr>"
    source = f"<table><tr><td>Ship</td><td>Built</td></tr>{rows}</table><p>That is all.</p>"
    structure = parse(source)
    row = structure.unit_at(source.index("1902"))
    kept = (
        "<table><tr><td>Ship</td><td>Built</td></tr><tr><td rowspan=2>Alma</td><td>1871</td></tr><tr><td>1902</td></tr>"
    )
    assert kept_text(source, [row], structure).startswith(kept)


def test_a_link_around_blocks_goes_with_none_of_them() -> None:
    """A tag whose other half is in another block is left out."""
    source = '<div><a href="/x"><p>First one. Second one.</p><p>Third one.</p></a></div><p>Fourth one.</p>'
    structure = parse(source)
    second = structure.unit_at(source.index("Second"))
    assert kept_text(source, [second], structure) == "<p> Second one.</p>"


def test_closing_tags_may_be_missing() -> None:
    """Items and cells end where the next one begins."""
    source = "<ul><li>One lamp.<li>Two lamps.</ul><table><tr><th>A<th>B<tr><td>1<td>2<tr><td>3<td>4</table>"
    structure = parse(source)
    assert kept_text(source, [structure.unit_at(source.index("Two"))], structure) == "<ul> <li>Two lamps.</ul>"
    row = structure.unit_at(source.index("<td>3"))
    assert kept_text(source, [row], structure) == "<table><tr><th>A<th>B <tr><td>3<td>4</table>"


def test_a_part_of_a_page() -> None:
    """What is left of an element at either end is read as running text."""
    source = 'costs 40 crowns.</p><p>No fires. Dogs on a lead.</p><ul><li>One</li><li>Two</li></ul><p class="no'
    structure = parse(source)
    assert structure.format == "html"
    assert kept_text(source, [structure.unit_at(source.index("costs"))], structure) == "costs 40 crowns."


@pytest.mark.parametrize(
    "source",
    [
        "# Lamps\n\n<p align=center><img src=a.png></p>\n\n- one\n- two\n\n```\ncode\n```\n",
        "The tag <p> opens a paragraph and <b> is bold.",
        "if (a < b) { return c > d; }",
    ],
)
def test_what_is_no_html(source: str) -> None:
    """Markdown with some HTML, and text about it, are no page."""
    assert parse(source).format != "html"
