"""LaTeX: sections, environments, formulas, items and tables."""

import os
import re
from random import Random

import pytest

from lingua_shared.text.structure.parse import parse
from tests.structures import assert_tiles, choices, described, kept_text, needed_with

DOCUMENTS = int(os.environ.get("LINGUA_DOCUMENTS", "200"))

DOCUMENT = r"""\section{Light}
The lamp burns. See \cite{marsh, carr}. The force is
\begin{equation}
 F = m a
\end{equation}
where $m$ is the mass.

\subsection{Crew}
\begin{itemize}
\item One man.
\item Two men.
\end{itemize}
\begin{tabular}{ll}
Port & Fee \\
\hline
Orris & 4 \\
Tarn & 5 \\
\end{tabular}
"""


def test_units() -> None:
    """Headings, sentences, formulas, items and rows are units."""
    assert described(DOCUMENT) == [
        ("heading", "support", "\\section{Light}\n"),
        ("sentence", "content", "The lamp burns. "),
        ("sentence", "content", "See \\cite{marsh, carr}. "),
        ("sentence", "content", "The force is\n"),
        ("formula", "content", "\\begin{equation}\n F = m a\n\\end{equation}\n"),
        ("sentence", "content", "where $m$ is the mass.\n\n"),
        ("heading", "support", "\\subsection{Crew}\n"),
        ("markup", "support", "\\begin{itemize}\n"),
        ("sentence", "content", "\\item One man.\n"),
        ("sentence", "content", "\\item Two men.\n"),
        ("markup", "support", "\\end{itemize}\n"),
        ("markup", "support", "\\begin{tabular}{ll}\nPort & Fee \\\\\n\\hline\n"),
        ("table_row", "content", "Orris & 4 \\\\\n"),
        ("table_row", "content", "Tarn & 5 \\\\\n"),
        ("markup", "support", "\\end{tabular}\n"),
    ]


@pytest.mark.parametrize(
    ("unit", "expected"),
    [
        ("\\item Two", ["\\begin{itemize}", "\\end{itemize}"]),
        ("Tarn", ["\\begin{tabular}{ll}\nPort & Fee \\\\\n\\hline", "\\end{tabular}"]),
        ("where", ["The force is", "\\begin{equation}\n F = m a\n\\end{equation}"]),
    ],
)
def test_needs(unit: str, expected: list[str]) -> None:
    """An item needs its list, a row its header, and what goes on behind a formula the formula."""
    assert needed_with(DOCUMENT, unit) == expected


@pytest.mark.parametrize(
    "text",
    ["The angle $\\alpha$ is small.", "It cost $5 and $6. See \\ref{x}.", "# A\n\nUse `\\begin{x}` or \\cite{y}.\n"],
)
def test_a_formula_alone_is_no_latex(text: str) -> None:
    """Text with a formula, or Markdown with LaTeX in it, is not parsed as LaTeX."""
    assert parse(text).format != "latex"


def test_a_chunk_with_half_an_environment_keeps_no_half() -> None:
    """What is not closed, or was not opened, in the chunk is needed by nothing."""
    text = "\\item One man.\n\\end{itemize}\n\\section{B}\nText here.\n\\begin{quote}\nA word.\n"
    assert needed_with(text, "\\item One") == []
    assert parse(text).format == "latex"


def document(random: Random, depth: int = 0) -> str:
    parts = []
    for _ in range(random.randint(1, 4)):
        kind = random.randrange(7 if depth < 4 else 3)
        word = random.choice(["lamp", "größe", "灯塔", "\\emph{old. Big}", "$a. B$", "\\cite{a, b}", "5\\%"])
        if kind == 0:
            parts.append(f"The {word} burns. A {word} turns.\n\n")
        elif kind == 1:
            parts.append(f"It is\n\\[ x_{{{random.randint(1, 9)}}} \\]\nwhere {word} is.\n\n")
        elif kind == 2:
            rows = "".join(f"{i} & {word} \\\\\n" for i in range(random.randint(1, 5)))
            parts.append(f"\\begin{{tabular}}{{ll}}\nA & B \\\\\n\\hline\n{rows}\\end{{tabular}}\n")
        elif kind == 3:
            items = "".join(f"\\item {document(random, depth + 2)}" for _ in range(random.randint(1, 3)))
            parts.append(f"\\begin{{enumerate}}\n{items}\\end{{enumerate}}\n")
        elif kind == 4:
            parts.append(f"\\begin{{theorem}}[A {word}]\n{document(random, depth + 1)}\\end{{theorem}}\n")
        elif kind == 5:
            parts.append(f"\\subsection{{The {word}}}\n")
        else:
            parts.append("% A note. Another.\n")
    return "".join(parts)


@pytest.mark.parametrize("seed", range(4))
def test_environments_stay_balanced(seed: int) -> None:
    """In any choice of units each environment is closed, and brackets and formulas are whole."""
    random = Random(seed)
    for _ in range(DOCUMENTS // 4 + 1):
        text = "\\section{A}\n" + document(random) + "\\section{B}\nThe end.\n"
        structure = parse(text)
        assert structure.format == "latex"
        assert_tiles(text, structure)
        for chosen in choices(structure, random, 4):
            left = kept_text(text, chosen, structure)
            open_names: list[str] = []
            for kind, name in re.findall(r"\\(begin|end)\{(\w+)\}", left):
                if kind == "begin":
                    open_names.append(name)
                else:
                    assert open_names.pop() == name
            assert open_names == []
            assert left.count("{") == left.count("}")
            assert left.count("$") % 2 == 0
            assert left.count("\\[") == left.count("\\]")
